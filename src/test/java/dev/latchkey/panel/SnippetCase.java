package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.latchkey.testing.Tool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the code that the panel gives to be copied begin with: it is run as it stands, by what is here to run it. */
@NullUnmarked
abstract class SnippetCase {

    private static final Path SOURCE = Path.of("src/main/resources/web/app/webhooks/snippets.ts");
    static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir
    Path folder;

    record Ended(int exit, String said) {
    }

    Ended run(List<String> command, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(new HashMap<>(environment));
        Process process = builder.start();
        try (OutputStream nothing = process.getOutputStream()) {
            nothing.flush();
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), said);
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    static String snippet(String name) throws IOException {
        Matcher found = Pattern.compile("const " + name + " = String\\.raw`([^`]*)`").matcher(Files.readString(SOURCE));
        assertThat(found.find()).as(name).isTrue();
        assertThat(found.group(1)).as("TypeScript would fill it in").doesNotContain("${");
        return found.group(1);
    }

    /** How it is run: by what is installed, or by another that speaks the same. */
    static List<String> interpreter(String name, List<String> other) {
        List<String> found = Tool.isInstalled(name) ? List.of(name) : other;
        assumeTrue(!found.isEmpty() || Tool.isRequired(name), "no " + name);
        assertThat(found).as("-Dlatchkey.require=" + name).isNotEmpty();
        return found;
    }

    /** What the bundler runs on, which runs Node's modules as well. */
    static List<String> deno(String... arguments) throws IOException {
        Path modules = Path.of("node_modules/@deno");
        if (!Files.isDirectory(modules)) {
            return List.of();
        }
        try (Stream<Path> files = Files.find(modules, 2, (path, file) -> path.endsWith("deno"))) {
            return files.findFirst().map(
                    found -> Stream.concat(Stream.of(found.toAbsolutePath().toString()), Arrays.stream(arguments)).toList())
                    .orElse(List.of());
        }
    }
}
