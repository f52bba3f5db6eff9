package dev.latchkey.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What stands in the sources of the panel's front end. */
public final class FrontEnd {

    private static final Path PAGES = Path.of("src/main/resources/web/app/frame/pages.ts");
    private static final Pattern PATHS = Pattern.compile("(?m)^ +paths: \\[([^]]+)],$");
    private static final Pattern PATH = Pattern.compile("'([^']+)'");

    private FrontEnd() {
    }

    /** The addresses that have a page, as {@code /keys/:id}. */
    public static List<String> addresses() {
        try {
            List<String> addresses = PATHS.matcher(Files.readString(PAGES)).results()
                    .flatMap(paths -> PATH.matcher(paths.group(1)).results()).map((MatchResult path) -> path.group(1)).toList();
            assertThat(addresses).hasSizeGreaterThan(5).contains("/", "/keys/:id");
            return addresses;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
