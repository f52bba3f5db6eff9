package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.latchkey.testing.Beside;
import org.junit.jupiter.api.Test;

/** Classes of a native executable are initialized when it is built, on another machine and for every process that runs it. */
@Beside
class StaticStateTest {

    private static final Path CLASSES = Path.of("target", "classes");
    private static final String AT_RUN_TIME = "--initialize-at-run-time=";

    @Test
    void nothingThatBelongsToOneProcessIsInAStaticField() throws Exception {
        List<String> excepted = initializedAtRunTime();
        List<Class<?>> types = new ArrayList<>();
        for (String name : ownClasses()) {
            if (!excepted.contains(name)) {
                types.add(Class.forName(name));
            }
        }

        assertThat(types).hasSizeGreaterThan(500);
        assertThat(StaticState.of(types)).isEmpty();
    }

    @Test
    void whatIsInitializedAtRunTimeIsThere() throws Exception {
        assertThat(ownClasses()).containsAll(initializedAtRunTime()).contains("dev.latchkey.crypto.Peppers");
    }

    @Test
    void whatIsHiddenWithinOtherThingsIsFound() throws Exception {
        assertThat(StaticState.of(List.of(Culprit.class))).containsExactlyInAnyOrder(
                Culprit.class.getName() + ".WITHIN[]: java.util.Random",
                Culprit.class.getName() + ".CAPTURED.arg$1: java.security.SecureRandom");
    }

    private static final class Culprit {

        static final List<Optional<Random>> WITHIN = List.of(Optional.of(new Random(1)));
        static final Supplier<String> CAPTURED = capturing(new SecureRandom());

        private static Supplier<String> capturing(SecureRandom random) {
            return () -> random.getAlgorithm();
        }
    }

    private static List<String> ownClasses() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES.resolve("dev"))) {
            return files.map(file -> CLASSES.relativize(file).toString()).filter(file -> file.endsWith(".class"))
                    .filter(file -> !file.endsWith("package-info.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.')).toList();
        }
    }

    private static List<String> initializedAtRunTime() throws IOException {
        Properties settings = new Properties();
        try (var file = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            settings.load(file);
        }
        return Arrays.stream(settings.getProperty("quarkus.native.additional-build-args").split(","))
                .filter(argument -> argument.startsWith(AT_RUN_TIME)).map(argument -> argument.substring(AT_RUN_TIME.length()))
                .filter(name -> name.startsWith("dev.latchkey.")).toList();
    }
}
