package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The application's classes as the JVM holds them in memory (JEP 350), which spares a process that lives for seconds a good
 * part
 * of its start. The first process that ends in order writes it; all that are started after that read it. One that does not fit
 * is not used: then the start takes its time.
 */
final class ClassArchive {

    private static final long WHOLE_BYTES = 50L * 1024 * 1024;

    private static @Nullable Process writer;

    private ClassArchive() {
    }

    /** What to start the next process with. */
    static synchronized List<String> options(Path application) {
        Path archive = of(application);
        if (writer != null && writer.isAlive()) {
            return List.of();
        }
        return fits(archive, application)
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
                : List.of("-XX:ArchiveClassesAtExit=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
    }

    /** That one was started with them. */
    static synchronized void started(Process process, List<String> command) {
        if (command.stream().anyMatch(option -> option.startsWith("-XX:ArchiveClassesAtExit="))) {
            writer = process;
        }
    }

    /** By JDK, in the directory of the build. */
    private static Path of(Path application) {
        return application.toAbsolutePath().resolveSibling("../classes-" + Runtime.version().feature() + ".jsa").normalize();
    }

    /** Of this build, and not of a process that refused to start. */
    private static boolean fits(Path archive, Path application) {
        try {
            return Files.exists(archive) && Files.size(archive) >= WHOLE_BYTES
                    && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(application)) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
