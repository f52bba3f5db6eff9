package dev.latchkey.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's processes that outlived what started them: a postmaster whose Latchkey was killed, backends whose postmaster
 * was.
 *
 * <p>
 * Only looked for under the lock of the data directory, so whoever started them is gone. A postmaster is named by the file
 * {@code postmaster.pid} in its cluster, but the pid alone proves nothing: after a restart of a machine, and in every new
 * container, another program may have it. Then PostgreSQL would take that program for a postmaster and refuse to start; it
 * does not mind the pid of its own parent, so ours is put in its place. The file is not deleted, because its last line is
 * how PostgreSQL finds processes that still use the cluster's shared memory.
 */
final class Orphan {

    private static final Logger LOG = Logger.getLogger(Orphan.class);
    private static final int PID_LINE = 0;
    private static final int DIRECTORY_LINE = 1;

    private Orphan() {
    }

    static void stopIn(Cluster cluster, PostgresBinaries binaries) {
        Path file = cluster.directory().resolve("postmaster.pid");
        try {
            if (!Files.exists(file)) {
                return;
            }
            List<String> lines = Files.readAllLines(file);
            Optional<ProcessHandle> named = lines.isEmpty() ? Optional.empty() : process(lines.get(PID_LINE).strip());
            if (named.isEmpty()) {
                return;
            }
            if (isPostmasterOf(cluster, lines, named.get())) {
                LOG.warnf("Stopping the PostgreSQL (process %d) that a killed Latchkey left behind", named.get().pid());
                Postmaster.stop(named.get(), binaries);
            } else {
                List<String> ours = new ArrayList<>(lines);
                ours.set(PID_LINE, Long.toString(ProcessHandle.current().pid()));
                Files.write(file, ours);
            }
        } catch (IOException e) {
            throw new StartRefused("The file " + file + " cannot be read or written (" + DataDirectory.reason(e)
                    + "): make the directory writable for this user.", e);
        }
    }

    /**
     * Ends what a killed postmaster has left of its children: a backend within a long statement does not notice its
     * postmaster's death, and PostgreSQL does not start beside it. Known by their working directory, which is the cluster.
     */
    static void killChildrenOf(Cluster cluster) {
        ProcessHandle.allProcesses().filter(process -> cluster.directory().equals(workingDirectory(process)))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static @Nullable Path workingDirectory(ProcessHandle process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"));
        } catch (IOException e) {
            return null; // Ended meanwhile, or another user's.
        }
    }

    private static Optional<ProcessHandle> process(String pid) {
        try {
            return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean isPostmasterOf(Cluster cluster, List<String> lines, ProcessHandle process) throws IOException {
        String directory = cluster.directory().toString();
        if (lines.size() <= DIRECTORY_LINE || !lines.get(DIRECTORY_LINE).equals(directory)) {
            return false;
        }
        List<String> command = List.of(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")).split("\0"));
        return !command.isEmpty() && command.get(0).endsWith("/postgres") && command.contains(directory);
    }
}
