package dev.latchkey.boot;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

import org.postgresql.Driver;

/** Asks the configured database once, before anything else does, whether it can be worked with. */
final class ExternalDatabase {

    private static final int OLDEST_MAJOR_VERSION = 14;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final long RETRY_MILLIS = 1000;
    /** SQLSTATE class of a rejected user or password. */
    private static final String REJECTED = "28";
    private static final String NO_SUCH_DATABASE = "3D000";

    private final Settings settings;
    private final Duration patience;

    /** @param patience in all, how long a server that does not answer is asked again: it may be starting at the same time */
    ExternalDatabase(Settings settings, Duration patience) {
        this.settings = settings;
        this.patience = patience;
    }

    /**
     * What a server says of itself and of the login.
     *
     * @param majorVersion 14 or later suffices
     * @param fsync {@code on} or {@code off}, as the next two are PostgreSQL's settings of these names
     * @param synchronousStandbys {@code synchronous_standby_names}; empty: none
     * @param superuser whether the login may do anything
     */
    record Server(int majorVersion, String fsync, String fullPageWrites, String synchronousCommit, String synchronousStandbys,
            boolean superuser) {

        /** One of which nothing is known. */
        static final Server UNASKED = new Server(OLDEST_MAJOR_VERSION, "on", "on", "on", "unasked", false);

        /**
         * A setting that lets a crash undo what was answered is refused: a revoked key would be good again.
         *
         * @throws StartRefused naming the version or the setting
         */
        Server requireFit(String url) {
            if (majorVersion < OLDEST_MAJOR_VERSION) {
                throw new StartRefused("The database at " + url + " is PostgreSQL " + majorVersion + ": Latchkey needs "
                        + OLDEST_MAJOR_VERSION + " or later.");
            }
            List<String> off = new ArrayList<>();
            addOff(off, "fsync", fsync);
            addOff(off, "full_page_writes", fullPageWrites);
            addOff(off, "synchronous_commit", synchronousCommit);
            if (!off.isEmpty()) {
                throw new StartRefused("The database at " + url + " runs with " + String.join(", ", off)
                        + ": a crash would undo changes that were answered, and a revoked key would be good again. Turn it on,"
                        + " for the server or for this role.");
            }
            return this;
        }

        /** What to tell the operator of, though it is no reason to refuse. */
        List<String> warnings() {
            List<String> warnings = new ArrayList<>();
            if (superuser) {
                warnings.add("QUARKUS_DATASOURCE_USERNAME is a superuser of PostgreSQL, who can read files of its machine and"
                        + " change what guards the tables: the owner of the database suffices");
            }
            if (synchronousStandbys.isEmpty()) {
                warnings.add("PostgreSQL has no synchronous standby (synchronous_standby_names is empty): after a failover to"
                        + " an asynchronous one, a key that was revoked shortly before can be good again and a limit can admit"
                        + " more");
            }
            return warnings;
        }

        private static void addOff(List<String> off, String name, String value) {
            if (value.equals("off")) {
                off.add(name + "=off");
            }
        }
    }

    /**
     * Blocks for at most about the patience; one attempt has 10 s of it.
     *
     * @throws StartRefused where it cannot be reached, rejects the login, lacks the database, is older than 14 or may lose what
     *         it has committed
     */
    Server requireUsable() {
        if (settings.hasAny("quarkus.datasource.credentials-provider")) {
            return Server.UNASKED; // Only Quarkus knows how to ask it.
        }
        long begin = System.nanoTime();
        while (true) {
            Duration left = patience.minusNanos(System.nanoTime() - begin);
            try {
                return ask(left.compareTo(CONNECT_TIMEOUT) < 0 ? left : CONNECT_TIMEOUT).requireFit(url());
            } catch (SQLException e) {
                refuseWhereWaitingIsVain(e);
                if (left.toMillis() < 2 * RETRY_MILLIS) {
                    throw new StartRefused("The database at " + url() + " does not answer (" + e.getMessage()
                            + "): start it, or correct QUARKUS_DATASOURCE_REACTIVE_URL.", e);
                }
                pause();
            }
        }
    }

    private Server ask(Duration timeout) throws SQLException {
        Properties login = new Properties();
        settings.get(Settings.USERNAME).ifPresent(user -> login.setProperty("user", user));
        settings.get(Settings.PASSWORD).ifPresent(password -> login.setProperty("password", password));
        String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
        login.setProperty("connectTimeout", seconds);
        login.setProperty("socketTimeout", seconds);
        String jdbcUrl = settings.get("quarkus.datasource.jdbc.url").orElse("jdbc:" + url());
        try (Connection connection = new Driver().connect(jdbcUrl, login)) {
            if (connection == null) {
                throw new StartRefused("QUARKUS_DATASOURCE_JDBC_URL must begin with jdbc:postgresql://, or be left out.");
            }
            // What holds for this login: a setting may differ by role and database.
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("""
                            select current_setting('fsync'), current_setting('full_page_writes'),
                              current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
                              current_setting('is_superuser')""")) {
                row.next();
                return new Server(connection.getMetaData().getDatabaseMajorVersion(), row.getString(1), row.getString(2),
                        row.getString(3), row.getString(4), row.getString(5).equals("on"));
            }
        }
    }

    private void refuseWhereWaitingIsVain(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith(REJECTED)) {
            throw new StartRefused("The database at " + url() + " rejects the login (" + e.getMessage()
                    + "): correct QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD.", e);
        }
        if (state.equals(NO_SUCH_DATABASE)) {
            throw new StartRefused("The server at " + url() + " has no such database: create it, or correct"
                    + " QUARKUS_DATASOURCE_REACTIVE_URL.", e);
        }
    }

    private String url() {
        return settings.get(Settings.DATABASE_URL).orElse("");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartRefused("Interrupted while waiting for the database.", e);
        }
    }
}
