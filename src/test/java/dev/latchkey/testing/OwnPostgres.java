package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;

import dev.latchkey.boot.EmbeddedDatabase;
import dev.latchkey.testing.Databases.Database;
import org.flywaydb.core.Flyway;

/** A PostgreSQL that one test has for itself, so that it may be stopped under the application. It comes back by itself. */
public final class OwnPostgres implements AutoCloseable {

    private static final long POLL_MILLIS = 20;

    private final EmbeddedDatabase server;
    private final Database database;

    private OwnPostgres(EmbeddedDatabase server) {
        this.server = server;
        this.database = new Database(server.reactiveUrl(), server.username(), server.password());
    }

    /** Migrated and empty, in {@code target/name}. */
    public static OwnPostgres start(String name) {
        Path directory = Path.of("target", name);
        TestDirectory.clear(directory);
        OwnPostgres started = new OwnPostgres(EmbeddedDatabase.start(directory));
        Runtime.getRuntime().addShutdownHook(new Thread(started::close, name + "-stop"));
        Database database = started.database;
        Flyway.configure().dataSource("jdbc:" + database.reactiveUrl(), database.username(), database.password())
                .locations("classpath:db/migration").load().migrate();
        return started;
    }

    public Database database() {
        return database;
    }

    /** How PostgreSQL is stopped. */
    public enum Stop {
        /** Connections end, open transactions roll back, all is written: an orderly restart. */
        FAST("INT"),
        /** All processes quit at once: it recovers from its log, as after a crash. */
        IMMEDIATE("QUIT");

        private final String signal;

        Stop(String signal) {
            this.signal = signal;
        }
    }

    /**
     * When there was no database, {@link System#nanoTime}.
     *
     * @param until it accepted a connection
     */
    public record Outage(long from, long until) {

        public Duration took() {
            return Duration.ofNanos(until - from);
        }
    }

    /** Stops it and waits until it accepts connections again. */
    public Outage restart(Stop how) {
        long from = System.nanoTime();
        ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
        try {
            new ProcessBuilder("kill", "-" + how.signal, Long.toString(postmaster.pid())).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        postmaster.onExit().join();
        while (!accepts()) {
            Pause.ofMillis(POLL_MILLIS);
        }
        return new Outage(from, System.nanoTime());
    }

    private boolean accepts() {
        try (Connection connection = database.connect()) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    /** The number in the first column of the only row. */
    public long number(String sql, Object... arguments) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(String.format(Locale.ROOT, sql, arguments))) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
