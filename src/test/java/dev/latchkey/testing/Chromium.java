package dev.latchkey.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import org.jspecify.annotations.Nullable;

/**
 * The machine's Chromium, driven by Playwright, which would otherwise download a browser of its own. One process serves all
 * tests; each opens contexts of its own in it, which share nothing.
 */
public final class Chromium {

    private static final List<String> ARGUMENTS = List.of("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync");

    private static final List<String> NAMES = List.of("chromium-headless-shell", "chromium", "chromium-browser");

    private static @Nullable Browser browser;

    private Chromium() {
    }

    /** Where it is, if it is there; the one without windows rather, which makes no renderers for its own frame. */
    public static Optional<Path> executable() {
        String path = System.getenv("PATH");
        List<Path> folders = Arrays.stream(path == null ? new String[0] : path.split(File.pathSeparator)).map(Path::of)
                .toList();
        return NAMES.stream().flatMap(name -> folders.stream().map(folder -> folder.resolve(name))).filter(Files::isExecutable)
                .findFirst();
    }

    /** Started at the first call; it ends with this process. */
    public static synchronized Browser browser() {
        if (browser == null) {
            Path executable = executable().orElseThrow(() -> new IllegalStateException("chromium is not on the PATH"));
            Playwright playwright = Playwright
                    .create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            browser = playwright.chromium()
                    .launch(new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(ARGUMENTS));
        }
        return browser;
    }
}
