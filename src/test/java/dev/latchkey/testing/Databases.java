package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

import dev.latchkey.boot.EmbeddedDatabase;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * Databases for tests that start the packaged application: one server for each test process, a database of its own for
 * each test, copied from one that is migrated once.
 */
public final class Databases {

    private static final Path DIRECTORY = Path.of("target", "it-latchkey");
    private static final String TEMPLATE = "migrated";

    private static @Nullable EmbeddedDatabase server;
    private static int created;

    /**
     * A migrated database.
     *
     * @param reactiveUrl {@code postgresql://127.0.0.1:port/name}
     * @param password of a server that lives only in this test run
     */
    public record Database(String reactiveUrl, String username, String password) {

        /** A new connection, for a test that looks behind the application. */
        public Connection connect() throws SQLException {
            return DriverManager.getConnection("jdbc:" + reactiveUrl, username, password);
        }
    }

    private Databases() {
    }

    /** Makes another database, which goes with the server. */
    public static synchronized Database create() {
        EmbeddedDatabase running = server();
        created++;
        String name = "test_" + created;
        execute(running, "CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
        return database(running, name);
    }

    /**
     * Puts the server's programs where a first start in that working directory would unpack them, which takes it seconds.
     */
    public static synchronized void lendPrograms(Path workingDirectory) {
        server();
        try (Stream<Path> held = Files.list(DIRECTORY)) {
            Path programs = held.filter(path -> path.getFileName().toString().startsWith(TestDirectory.BINARIES)).findAny()
                    .orElseThrow();
            Path data = Files.createDirectory(workingDirectory.resolve(".latchkey"), PosixFilePermissions
                    .asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.createSymbolicLink(data.resolve(programs.getFileName()), programs.toRealPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedDatabase server() {
        if (server == null) {
            TestDirectory.clear(DIRECTORY);
            EmbeddedDatabase started = EmbeddedDatabase.start(DIRECTORY);
            Runtime.getRuntime().addShutdownHook(new Thread(started::close, "it-databases-stop"));
            execute(started, "CREATE DATABASE " + TEMPLATE);
            Database template = database(started, TEMPLATE);
            Flyway.configure().dataSource("jdbc:" + template.reactiveUrl(), template.username(), template.password())
                    .locations("classpath:db/migration").load().migrate();
            server = started;
        }
        return server;
    }

    private static Database database(EmbeddedDatabase running, String name) {
        String url = running.reactiveUrl();
        return new Database(url.substring(0, url.lastIndexOf('/') + 1) + name, running.username(), running.password());
    }

    private static void execute(EmbeddedDatabase running, String sql) {
        try (Connection connection = DriverManager.getConnection("jdbc:" + running.reactiveUrl(), running.username(),
                running.password()); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
