package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.persistence.Entity;

import dev.latchkey.testing.ByName;
import dev.latchkey.testing.Tool;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a native executable would be made of, where none can be made: a class or a file that it is not told of fails only when
 * it is used. Run by {@code .ci/native}, after the tests that note what they find by its name.
 */
@Tag("native")
class NativeSourcesIT {

    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path MAIN = Path.of("src", "main");
    /** Of the jar, but read by nobody at run time: what the panel is bundled from, and what Quarkus reads while building. */
    private static final Predicate<String> READ_WHEN_BUILDING = entry -> entry.endsWith(".class") || entry.startsWith("web/")
            || entry.equals("application.properties") || entry.equals("META-INF/MANIFEST.MF")
            || entry.startsWith("META-INF/native-image/") || entry.startsWith("META-INF/services/io.quarkus.arc.");

    private static NativeSources sources;

    @BeforeAll
    static void read() throws IOException {
        Path directory = Path.of(System.getProperty("latchkey.native-sources", "target/native-sources"));
        assumeTrue(Files.exists(directory) || Tool.isRequired("native"),
                "there are no native sources: ./mvnw package -Dnative -Dquarkus.native.sources-only=true");
        sources = NativeSources.in(directory);
    }

    @Test
    void everyFileThatIsReadAtRunTimeIsInTheExecutable() throws IOException {
        List<String> files = sources.entries().stream().filter(READ_WHEN_BUILDING.negate()).toList();

        assertThat(files).filteredOn(file -> !sources.has(file)).isEmpty();
        assertThat(files).contains("event/types.json", "META-INF/resources/index.html");
        try (Stream<Path> migrations = Files.list(MAIN.resolve("resources/db/migration"))) {
            assertThat(migrations.map(file -> "db/migration/" + file.getFileName())).isNotEmpty().allMatch(files::contains)
                    .allMatch(sources::has);
        }
    }

    /** 15 MB of it, and of no use there. */
    @Test
    void theEmbeddedDatabaseIsNotInTheExecutable() {
        assertThat(sources.has("postgres-linux-x86_64.txz")).isFalse();
        assertThat(sources.has("postgres-linux-arm_64.txz")).isFalse();
    }

    @Test
    void whatTheTestsReadAndWroteAsJsonMayBeLookedInto() throws IOException {
        Set<String> types = foundByName("dev.latchkey.").stream().filter(NativeSourcesIT::isOurs).collect(Collectors.toSet());

        assertThat(types).hasSizeGreaterThan(100);
        assertThat(types).filteredOn(type -> !sources.isOpen(type)).isEmpty();
    }

    @Test
    void theCachesThatTheTestsUsedAreFoundByTheirNames() throws IOException {
        Set<String> caches = foundByName("com.github.benmanes.caffeine.cache.");

        assertThat(caches).contains("com.github.benmanes.caffeine.cache.SSMW", "com.github.benmanes.caffeine.cache.PSMW");
        assertThat(caches).filteredOn(cache -> !sources.isOpen(cache)).isEmpty();
    }

    @Test
    void entitiesMayBeMadeAndFilled() throws IOException {
        List<String> entities;
        try (Stream<Path> files = Files.walk(MAIN.resolve("java"))) {
            entities = files.filter(file -> file.toString().endsWith(".java")).map(NativeSourcesIT::typeOf)
                    .filter(type -> type.isAnnotationPresent(Entity.class)).map(Class::getName).toList();
        }

        assertThat(entities).isNotEmpty().allMatch(sources::isOpen);
    }

    @Test
    void whatTheMachineThatBuildsItMustNotDecideIsLeftToTheOneThatRunsIt() {
        assertThat(List.of(sources.arguments().split(" "))).contains("-J-Dvertx.disableURIValidation=true",
                "--initialize-at-run-time=io.netty.resolver.dns", "--initialize-at-run-time=dev.latchkey.crypto.Peppers");
    }

    private static Set<String> foundByName(String prefix) throws IOException {
        assumeTrue(Files.exists(ByName.LIST) || Tool.isRequired("native"), "no test of the application has run before");
        return Files.readAllLines(ByName.LIST).stream().filter(name -> name.startsWith(prefix)).collect(Collectors.toSet());
    }

    /** Not a test's, and there still. */
    private static boolean isOurs(String type) {
        return Files.exists(CLASSES.resolve(type.replace('.', '/') + ".class"));
    }

    private static Class<?> typeOf(Path source) {
        String name = MAIN.resolve("java").relativize(source).toString();
        try {
            return Class.forName(name.substring(0, name.length() - ".java".length()).replace('/', '.'), false,
                    NativeSourcesIT.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
