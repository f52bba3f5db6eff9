package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import dev.latchkey.boot.EmbeddedDatabase;
import dev.latchkey.boot.StartRefused;

/** A data directory under {@code target/} that is emptied for each run, but for the unpacked PostgreSQL. */
final class TestDirectory {

    static final String BINARIES = "postgresql-";

    private TestDirectory() {
    }

    static void clear(Path directory) {
        if (!directory.startsWith("target")) {
            throw new IllegalArgumentException("only what lies under target/ is emptied: " + directory);
        }
        stopWhatAKilledRunLeft(directory);
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> former = tree.filter(path -> !path.equals(directory))
                    .filter(path -> !directory.relativize(path).toString().startsWith(BINARIES))
                    .sorted(Comparator.reverseOrder()).toList();
            for (Path path : former) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void stopWhatAKilledRunLeft(Path directory) {
        if (Files.exists(directory.resolve("postgres/postmaster.pid"))) {
            try (EmbeddedDatabase former = EmbeddedDatabase.start(directory)) {
                former.pid();
            } catch (StartRefused damaged) {
                // Then nothing runs on it, and it goes now.
            }
        }
    }
}
