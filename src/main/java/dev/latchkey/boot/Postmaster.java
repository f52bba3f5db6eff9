package dev.latchkey.boot;

import java.io.File;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * PostgreSQL as a child process that is started again, on the same port, whenever it ends by itself.
 *
 * <p>
 * "Up" means that a client with the password got a connection: neither a line in the log nor an open port says that.
 * After a kill -9 of the postmaster its former children may hold the shared memory, and the new one then ends at once:
 * they are ended, and starting is tried every 250 ms, for as long as it takes, since the application above it waits
 * for exactly this database.
 */
final class Postmaster implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Postmaster.class);
    private static final long RETRY_MILLIS = 250;
    private static final long PROBE_MILLIS = 25;
    private static final Duration FIRST_START = Duration.ofMinutes(5);
    /** A recovery after a crash may take its time, and nothing better could be done than to wait. */
    private static final Duration NO_LIMIT = ChronoUnit.FOREVER.getDuration();
    private static final Duration FORMER_CHILDREN = Duration.ofSeconds(15);
    private static final String WRONG_PASSWORD = "28P01";
    private static final String NO_SUCH_DATABASE = "3D000";

    private final PostgresBinaries binaries;
    private final Cluster cluster;
    private final PostgresLog log;
    private final int port;
    private final Object lock = new Object();
    private @Nullable Process process;
    private boolean stopping;

    Postmaster(PostgresBinaries binaries, Cluster cluster, PostgresLog log, int port) {
        this.binaries = binaries;
        this.cluster = cluster;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts and waits until it accepts connections; from then on it is kept alive until {@link #close}. Blocks.
     *
     * @throws StartRefused with PostgreSQL's own words
     */
    void start() {
        long begin = System.nanoTime();
        while (true) {
            long mark = log.prepare();
            Process started = Objects.requireNonNull(launch(), "stopped before it was started");
            try {
                if (awaitConnection(started, begin, FIRST_START)) {
                    break;
                }
            } catch (StartRefused e) {
                close();
                throw e;
            }
            String complaint = log.complaintSince(mark);
            if (!isPassing(complaint) || elapsed(begin).compareTo(FORMER_CHILDREN) > 0) {
                throw damaged(complaint, null);
            }
            Orphan.killChildrenOf(cluster);
            pause(RETRY_MILLIS);
        }
        Thread supervisor = new Thread(this::supervise, "embedded-postgres");
        supervisor.setDaemon(true);
        supervisor.start();
    }

    private StartRefused damaged(String complaint, @Nullable Throwable cause) {
        return new StartRefused("The embedded database in " + cluster.directory() + " does not start; PostgreSQL says: "
                + complaint + ". Nothing was deleted: mend what it names, restore the directory from a backup, or move it away"
                + " to begin with an empty one.", cause);
    }

    /** Whether the complaint ends by itself: processes of a killed postmaster that are still leaving. */
    private static boolean isPassing(String complaint) {
        return complaint.contains("shared memory block") || complaint.contains("lock file");
    }

    private @Nullable Process launch() {
        ProcessBuilder command = binaries.command("postgres", arguments())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        synchronized (lock) {
            if (stopping) {
                return null;
            }
            try {
                process = command.start();
                return process;
            } catch (IOException e) {
                throw new StartRefused("PostgreSQL cannot be run here (" + DataDirectory.reason(e)
                        + "): set QUARKUS_DATASOURCE_REACTIVE_URL to a PostgreSQL of your own.", e);
            }
        }
    }

    /** On the command line rather than in postgresql.conf, so that a database made by an older Latchkey gets them too. */
    private List<String> arguments() {
        return List.of("-D", cluster.directory().toString(), "-p", Integer.toString(port),
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on",
                "-c", "shared_buffers=64MB", "-c", "max_wal_size=256MB", "-c", "jit=off",
                "-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "logging_collector=off", "-c", "log_destination=stderr",
                "-c", "log_min_messages=log", "-c", "log_min_error_statement=panic", "-c", "log_checkpoints=off");
    }

    /** @return false when the process ended before it accepted a connection */
    private boolean awaitConnection(Process started, long begin, Duration patience) {
        while (started.isAlive()) {
            if (accepts()) {
                return true;
            }
            if (elapsed(begin).compareTo(patience) > 0) {
                throw new StartRefused("The embedded database in " + cluster.directory() + " accepted no connection within "
                        + patience.toMinutes() + " minutes: look into " + log.file() + ".");
            }
            pause(PROBE_MILLIS);
        }
        return false;
    }

    private boolean accepts() {
        Properties login = new Properties();
        login.setProperty("user", Cluster.ROLE);
        login.setProperty("password", cluster.password());
        login.setProperty("connectTimeout", "2");
        login.setProperty("socketTimeout", "10");
        try (Connection connection = new Driver().connect("jdbc:" + url(), login)) {
            return connection != null;
        } catch (SQLException e) {
            refuseWhereWaitingIsVain(e);
            return false;
        }
    }

    private void refuseWhereWaitingIsVain(SQLException e) {
        if (WRONG_PASSWORD.equals(e.getSQLState())) {
            throw new StartRefused("The password in " + cluster.directory().resolveSibling(Cluster.PASSWORD_FILE)
                    + " is not the one of the database beside it: restore the file that was made with it.", e);
        }
        if (NO_SUCH_DATABASE.equals(e.getSQLState())) {
            throw damaged(String.valueOf(e.getMessage()), e);
        }
    }

    private void supervise() {
        try {
            Process current = current();
            while (current != null) {
                int code = current.waitFor();
                if (isStopping()) {
                    return;
                }
                LOG.warnf("The embedded PostgreSQL ended by itself (exit code %d): starting it again on port %d", code, port);
                current = revive();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Process revive() {
        long begin = System.nanoTime();
        String lastComplaint = "";
        while (!isStopping()) {
            try {
                long mark = log.prepare();
                Process started = launch();
                if (started == null) {
                    return null;
                }
                if (awaitConnection(started, begin, NO_LIMIT)) {
                    LOG.infof("The embedded PostgreSQL accepts connections again after %d ms", elapsed(begin).toMillis());
                    return started;
                }
                lastComplaint = warnOnce(log.complaintSince(mark), lastComplaint);
                if (isPassing(lastComplaint)) {
                    Orphan.killChildrenOf(cluster);
                }
            } catch (RuntimeException e) {
                // Whatever it is, giving up would leave a service without a database that nobody restarts.
                lastComplaint = warnOnce(String.valueOf(e.getMessage()), lastComplaint);
                Process halfStarted = current();
                if (halfStarted != null && halfStarted.isAlive()) {
                    stop(halfStarted.toHandle(), binaries);
                }
            }
            pause(RETRY_MILLIS);
        }
        return null;
    }

    private String warnOnce(String complaint, String lastComplaint) {
        if (!complaint.equals(lastComplaint) && !isPassing(complaint) && !isStopping()) {
            LOG.warnf("The embedded PostgreSQL does not start (tried again every %d ms): %s", RETRY_MILLIS, complaint);
        }
        return complaint;
    }

    private boolean isStopping() {
        synchronized (lock) {
            return stopping;
        }
    }

    private @Nullable Process current() {
        synchronized (lock) {
            return process;
        }
    }

    long pid() {
        Process current = current();
        return current == null ? -1 : current.pid();
    }

    String url() {
        return "postgresql://127.0.0.1:" + port + "/" + Cluster.DATABASE;
    }

    /** Stops it "fast" (open transactions roll back, a checkpoint is written) and waits. Again: nothing happens. */
    @Override
    public void close() {
        Process current;
        synchronized (lock) {
            stopping = true;
            current = process;
        }
        if (current != null) {
            stop(current.toHandle(), binaries);
        }
    }

    /** Ends a postmaster: politely, then in a hurry (it recovers at its next start), then by force. Blocks. */
    static void stop(ProcessHandle postmaster, PostgresBinaries binaries) {
        if (!signalAndAwait("INT", Duration.ofSeconds(20), postmaster, binaries)
                && !signalAndAwait("QUIT", Duration.ofSeconds(5), postmaster, binaries)) {
            postmaster.destroyForcibly();
        }
    }

    private static boolean signalAndAwait(String signal, Duration patience, ProcessHandle postmaster,
            PostgresBinaries binaries) {
        if (!postmaster.isAlive()) {
            return true;
        }
        binaries.signal(signal, postmaster);
        long begin = System.nanoTime();
        while (postmaster.isAlive() && elapsed(begin).compareTo(patience) < 0) {
            pause(PROBE_MILLIS);
        }
        return !postmaster.isAlive();
    }

    private static Duration elapsed(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw PostgresBinaries.interrupted(e);
        }
    }
}
