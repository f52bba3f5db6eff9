package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.latchkey.testing.Eventually;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is promised of the database that Latchkey brings along, on the real one. */
@Tag("chaos")
class EmbeddedDatabaseTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(5);
    private static final Path SHARED = Path.of("target", "embedded-database-test");
    private static final String BINARIES = "postgresql-" + PostgresBinaries.VERSION;

    private static PostgresBinaries binaries;

    @TempDir
    Path temporary;

    private Path data;

    @BeforeAll
    static void unpackOnce() {
        try (DataDirectory shared = DataDirectory.open(SHARED)) {
            binaries = PostgresBinaries.unpackedIn(shared);
        }
    }

    @BeforeEach
    void emptyDataDirectory() throws IOException {
        data = Files.createDirectory(temporary.toRealPath().resolve("data"));
        Files.createSymbolicLink(data.resolve(BINARIES), binaries.home());
    }

    @Test
    void onlyTheRoleWithItsPasswordConnects() throws SQLException {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(single(database, "SELECT current_user")).isEqualTo("latchkey");
            assertThatThrownBy(() -> connect(database, "latchkey", "wrong")).hasMessageContaining("password");
            assertThatThrownBy(() -> connect(database, "latchkey", "")).hasMessageContaining("password");
            assertThatThrownBy(() -> connect(database, "postgres", "postgres")).hasMessageContaining("password");
            assertThatThrownBy(() -> connect(database, "postgres", database.password())).hasMessageContaining("password");
        }
    }

    @Test
    void theRoleMayCreateDatabasesButIsNoSuperuser() throws SQLException {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(single(database, "SELECT rolsuper || ',' || rolcreatedb || ',' || rolcreaterole FROM pg_roles"
                    + " WHERE rolname = current_user")).isEqualTo("false,true,false");
        }
    }

    @Test
    void whatIsCommittedIsOnDiskBeforeItIsAnswered() throws SQLException {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes", "data_checksums")) {
                assertThat(single(database, "SHOW " + setting)).as(setting).isEqualTo("on");
            }
            assertThat(single(database, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(single(database, "SHOW server_encoding")).isEqualTo("UTF8");
        }
    }

    @Test
    void anotherStartFindsDataAndPasswordAgain() throws SQLException {
        String password;
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            password = database.password();
            execute(database, "CREATE TABLE kept AS SELECT 42 AS value");
        }
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(database.password()).isEqualTo(password);
            assertThat(single(database, "SELECT value FROM kept")).isEqualTo("42");
        }
    }

    @Test
    void aKilledPostmasterIsBackOnItsPortWithinFiveSeconds() throws SQLException {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            execute(database, "CREATE TABLE kept AS SELECT 42 AS value");
            long killed = database.pid();

            kill(killed);

            assertThat(awaitSingle(database, "SELECT value FROM kept")).isEqualTo("42");
            assertThat(database.pid()).isNotEqualTo(killed);
        }
    }

    @Test
    void aStatementThatOutlivesItsPostmasterDoesNotKeepItAway() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data); Connection busy = connect(database)) {
            CompletableFuture<Void> statement = CompletableFuture.runAsync(() -> assertThatThrownBy(
                    () -> busy.createStatement().execute("SELECT count(*) FROM generate_series(1, 10000000000)")));
            awaitSingle(database, "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%10000000000%' AND state = 'active'"
                    + " AND pid <> pg_backend_pid()");

            kill(database.pid());

            assertThat(awaitSingle(database, "SELECT 42")).isEqualTo("42");
            statement.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void closingEndsThePostmasterForGood() {
        EmbeddedDatabase database = EmbeddedDatabase.start(data);
        long pid = database.pid();

        database.close();

        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
        assertThatThrownBy(() -> connect(database)).isInstanceOf(SQLException.class);
    }

    @Test
    void closingEndsThePostmasterAlsoAfterItsProgramsWereDeleted() throws IOException {
        EmbeddedDatabase database = EmbeddedDatabase.start(data);
        long pid = database.pid();
        Files.delete(data.resolve(BINARIES));

        database.close();

        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void aPostmasterLeftBehindIsStoppedAndItsDataKept() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            execute(database, "CREATE TABLE kept AS SELECT 42 AS value");
        }
        Process orphan = binaries.command("postgres", List.of("-D", data.resolve("postgres").toString(), "-p", "19999", "-c",
                "unix_socket_directories=")).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        awaitFile(data.resolve("postgres/postmaster.pid"));

        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(orphan.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(single(database, "SELECT value FROM kept")).isEqualTo("42");
        }
    }

    @Test
    void anotherProgramThatGotTheOldPidIsLeftAlone() throws Exception {
        EmbeddedDatabase.start(data).close();
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(data.resolve("postgres/postmaster.pid"),
                    other.pid() + "\n" + data.resolve("postgres") + "\n1795325693\n45454\n\n127.0.0.1\n  2147722 10\nready\n");

            EmbeddedDatabase.start(data).close();

            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void aSecondProcessIsTurnedAwayWithThePidOfTheFirst() {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(database.pid()).isPositive();
            assertThatThrownBy(() -> EmbeddedDatabase.start(data)).isInstanceOf(StartRefused.class)
                    .hasMessageContaining(data.toString())
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("LATCHKEY_DATA_DIR");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "PG_VERSION", "global/pg_control", "pg_wal", "base" })
    void aDamagedDatabaseIsRefusedInPostgresWordsAndLosesNoFile(String missing) throws IOException {
        EmbeddedDatabase.start(data).close();
        Files.move(data.resolve("postgres").resolve(missing), temporary.resolve("taken-away"));
        List<String> before = listing();

        assertThatThrownBy(() -> EmbeddedDatabase.start(data)).isInstanceOf(StartRefused.class)
                .hasMessageContaining(data.resolve("postgres").toString())
                .hasMessageContaining("PostgreSQL says: ")
                .hasMessageMatching("[^\\n]+");

        assertThat(listing()).containsAll(before);
    }

    @Test
    void aDatabaseOfAnotherMajorVersionIsRefused() throws IOException {
        EmbeddedDatabase.start(data).close();
        Files.writeString(data.resolve("postgres/PG_VERSION"), "17\n");

        assertThatThrownBy(() -> EmbeddedDatabase.start(data)).isInstanceOf(StartRefused.class)
                .hasMessageContaining("initialized by PostgreSQL version 17");
    }

    @Test
    void aDatabaseWithoutItsPasswordFileIsRefused() throws IOException {
        EmbeddedDatabase.start(data).close();
        Files.delete(data.resolve("postgres.password"));

        assertThatThrownBy(() -> EmbeddedDatabase.start(data)).isInstanceOf(StartRefused.class)
                .hasMessageContaining("postgres.password").hasMessageContaining("restore");
        assertThat(data.resolve("postgres/PG_VERSION")).exists();
    }

    @Test
    void aPasswordFileOfAnotherDatabaseIsRefusedAndNothingGoesOnRunning() throws IOException {
        EmbeddedDatabase.start(data).close();
        Files.writeString(data.resolve("postgres.password"), "another");

        assertThatThrownBy(() -> EmbeddedDatabase.start(data)).isInstanceOf(StartRefused.class)
                .hasMessageContaining("postgres.password").hasMessageNotContaining("another\"");
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
    }

    @Test
    void whatAnInterruptedFirstStartLeftIsRemoved() throws IOException {
        Files.createDirectories(data.resolve("postgres.new/base"));
        Files.writeString(data.resolve("postgres.new/base/half"), "half");

        EmbeddedDatabase.start(data).close();

        assertThat(data.resolve("postgres.new")).doesNotExist();
        assertThat(data.resolve("postgres/PG_VERSION")).hasContent("18");
    }

    @Test
    void theDirectoryAndItsFilesAreTheOwnersAlone() throws IOException {
        Path fresh = temporary.toRealPath().resolve("fresh");
        EmbeddedDatabase.start(fresh).close();

        assertThat(mode(fresh)).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(fresh)) {
            assertThat(files).allSatisfy(
                    file -> assertThat(mode(file)).isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------"));
        }
    }

    @Test
    void theVersionOnTheClassPathIsTheOneUnpacked() throws IOException {
        Path fresh = Files.createDirectory(temporary.resolve("unpacked"));
        try (DataDirectory directory = DataDirectory.open(fresh)) {
            Files.createDirectories(fresh.resolve(BINARIES + ".new/half"));

            PostgresBinaries unpacked = PostgresBinaries.unpackedIn(directory);

            assertThat(unpacked.run("postgres", List.of("--version"), "").output())
                    .contains("(PostgreSQL) " + PostgresBinaries.VERSION);
            assertThat(fresh.resolve(BINARIES + ".new")).doesNotExist();
        }
    }

    @Test
    void aDataDirectoryThatIsNoneIsRefused() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");

        assertThatThrownBy(() -> EmbeddedDatabase.start(file)).isInstanceOf(StartRefused.class)
                .hasMessageContaining(file.toString()).hasMessageContaining("LATCHKEY_DATA_DIR");
        assertThatThrownBy(() -> EmbeddedDatabase.start(Path.of("/proc/latchkey"))).isInstanceOf(StartRefused.class)
                .hasMessageContaining("/proc/latchkey").hasMessageContaining("LATCHKEY_DATA_DIR");
    }

    /** Without a cache that PostgreSQL drops at every start. */
    private List<String> listing() throws IOException {
        try (Stream<Path> tree = Files.walk(data.resolve("postgres"))) {
            return tree.map(Path::toString).filter(file -> !file.endsWith("pg_internal.init")).sorted().toList();
        }
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    private static Connection connect(EmbeddedDatabase database) throws SQLException {
        return connect(database, database.username(), database.password());
    }

    private static Connection connect(EmbeddedDatabase database, String user, String password) throws SQLException {
        return DriverManager.getConnection("jdbc:" + database.reactiveUrl(), user, password);
    }

    private static void execute(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection = connect(database); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String single(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }

    /** The same, but connects again and again, for at most five seconds. */
    private static String awaitSingle(EmbeddedDatabase database, String sql) {
        AtomicReference<String> answer = new AtomicReference<>();
        Eventually.within(AT_ONCE, () -> {
            try {
                answer.set(single(database, sql));
            } catch (SQLException notYet) {
                throw new AssertionError("no answer to " + sql, notYet);
            }
        });
        return Objects.requireNonNull(answer.get());
    }

    private static void awaitFile(Path file) {
        Eventually.within(AT_ONCE, () -> assertThat(file).exists());
    }
}
