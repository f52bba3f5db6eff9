package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The bundler takes the types out of TypeScript without looking at them. Here somebody does: the Deno that it runs on. */
@QuarkusTest // Starting the application makes the bundle, and with it node_modules.
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class PanelTypesTest {

    private static final Path CONFIG = Path.of("target/deno.json");
    private static final Path MODULES = Path.of("node_modules");

    @Test
    void theFrontEndIsWellTyped() throws IOException, InterruptedException {
        boolean checked = Files.isDirectory(MODULES.resolve("@deno"));
        assertThat(checked || !isRequired()).as("-Dlatchkey.require=deno, and no deno in " + MODULES).isTrue();
        assumeTrue(checked, "no deno in " + MODULES + ": types are not checked where the bundler did not put it");
        new ObjectMapper().writeValue(CONFIG.toFile(), Map.of("nodeModulesDir", "manual", "compilerOptions",
                Map.of("lib", List.of("dom", "dom.iterable", "es2023"), "strict", true, "noUncheckedIndexedAccess", true,
                        "noImplicitOverride", true, "noFallthroughCasesInSwitch", true, "noUnusedLocals", true,
                        "noUnusedParameters", true, "verbatimModuleSyntax", true)));

        ProcessBuilder check = new ProcessBuilder(deno().toString(), "check", "--config", CONFIG.toString(),
                "--unstable-sloppy-imports", "--no-remote", "src/main/resources/web/app/index.ts").redirectErrorStream(true);
        check.environment().put("NO_COLOR", "1");
        check.environment().put("DENO_DIR", "target/deno");
        Process process = check.start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(told).isZero();
    }

    private static boolean isRequired() {
        return List.of(System.getProperty("latchkey.require", "").split("[, ]+")).contains("deno");
    }

    private static Path deno() throws IOException {
        try (Stream<Path> files = Files.find(MODULES.resolve("@deno"), 2, (path, file) -> path.endsWith("deno"))) {
            return files.findFirst().orElseThrow(() -> new IllegalStateException("no deno in " + MODULES));
        }
    }
}
