package dev.latchkey.boot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the class path into the data directory, and how they are called.
 *
 * <p>
 * PostgreSQL refuses to run as root. A root user (a container's, mostly) calls it in a user namespace of its own, where
 * the same files belong to nobody in particular. All of it runs in a session of its own ({@code setsid}), so that Ctrl-C
 * in a terminal reaches Latchkey alone, which stops its database last.
 *
 * @param home holds {@code bin}, {@code lib} and {@code share}
 * @param prefix what stands before each program's path
 */
record PostgresBinaries(Path home, List<String> prefix) {

    /** The version that pom.xml puts on the class path; a test holds the two together. */
    static final String VERSION = "18.6";

    private static final String SET_DATABASE_URL = "set QUARKUS_DATASOURCE_REACTIVE_URL to a PostgreSQL of your own.";
    private static final Set<PosixFilePermission> PROGRAM = PosixFilePermissions.fromString("rwx------");

    /** What a program left: its exit code, and what it wrote to either output. */
    record Outcome(int exitCode, String output) {
    }

    static PostgresBinaries unpackedIn(DataDirectory data) {
        String name = "postgresql-" + VERSION;
        Path home = data.resolve(name);
        if (!Files.isDirectory(home)) {
            try {
                Path fresh = data.emptyDirectory(name + ".new");
                unpack(archive(), fresh);
                DataDirectory.moveDurably(fresh, home);
            } catch (IOException e) {
                throw new StartRefused("The embedded PostgreSQL could not be unpacked into " + home + " ("
                        + DataDirectory.reason(e) + "): free some space there (60 MB), or " + SET_DATABASE_URL, e);
            }
        }
        return new PostgresBinaries(home, ownSession());
    }

    private static String archive() {
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String architecture = switch (machine) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> machine;
        };
        return "postgres-" + System.getProperty("os.name").toLowerCase(Locale.ROOT) + "-" + architecture + ".txz";
    }

    private static void unpack(String archive, Path target) throws IOException {
        try (InputStream resource = PostgresBinaries.class.getClassLoader().getResourceAsStream(archive)) {
            if (resource == null) {
                throw new StartRefused("The embedded PostgreSQL runs on Linux, on x86-64 and 64-bit ARM (there is no "
                        + archive + "): " + SET_DATABASE_URL);
            }
            try (TarArchiveInputStream tar = new TarArchiveInputStream(
                    new XZInputStream(new BufferedInputStream(resource)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    unpack(entry, tar, target);
                }
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path target) throws IOException {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
            throw new IOException("entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(file.resolveSibling("."));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(content, file);
        if ((entry.getMode() & 0100) != 0) {
            Files.setPosixFilePermissions(file, PROGRAM);
        }
    }

    private static List<String> ownSession() {
        List<String> prefix = new ArrayList<>();
        if (succeeds("setsid", "true")) {
            prefix.add("setsid");
        }
        if (isRoot()) {
            if (!succeeds("unshare", "-U", "true")) {
                throw new StartRefused("PostgreSQL does not run as root, and this system gives root no user namespace"
                        + " (unshare -U fails) to run it in: start Latchkey as an ordinary user, or " + SET_DATABASE_URL);
            }
            prefix.add("unshare");
            prefix.add("-U");
        }
        return List.copyOf(prefix);
    }

    private static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * A call of one of the programs, both outputs in one, free of the settings that the environment may hold for other
     * PostgreSQLs ({@code PGDATA} and the like) and of its language (messages are quoted and looked into).
     */
    ProcessBuilder command(String program, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Runs one of the programs to its end with that standard input. Blocks. */
    Outcome run(String program, List<String> arguments, String input) {
        try {
            Process process = command(program, arguments).start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It did not want its input: what it wrote and its exit code tell why.
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new StartRefused("PostgreSQL's " + program + " cannot be run here (" + DataDirectory.reason(e) + "): "
                    + SET_DATABASE_URL, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Sends a signal ({@code INT}, {@code QUIT}) to a postmaster; Java itself knows only TERM and KILL. TERM is what is left
     * where somebody has deleted the data directory, with these programs, under a running Latchkey.
     */
    void signal(String name, ProcessHandle postmaster) {
        try {
            run("pg_ctl", List.of("kill", name, Long.toString(postmaster.pid())), "");
        } catch (StartRefused e) {
            postmaster.destroy();
        }
    }

    static StartRefused interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new StartRefused("Interrupted while starting the embedded PostgreSQL.", e);
    }
}
