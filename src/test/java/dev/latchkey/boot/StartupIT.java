package dev.latchkey.boot;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What somebody sees who starts the packaged application, well or badly. Two cases at a time, since a start waits as much as
 * it computes.
 */
@Execution(ExecutionMode.CONCURRENT)
class StartupIT {

    private static final List<String> KEPT = List.of("master.key", "pepper.key", "postgres.password", "issuer/private.pem");

    private static final List<String> DAMAGES = List.of("postgres/PG_VERSION", "postgres/global/pg_control", "master.key",
            "pepper.key", "postgres.password");

    @TempDir
    Path temporary;

    private Path here;

    @BeforeEach
    void realDirectory() throws IOException {
        here = temporary.toRealPath();
    }

    @Test
    void aStartWithoutAnySettingIsReadyAndTellsHowToGoOn() {
        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here).ready()) {
            assertThat(filesOf(latchkey.dataDirectory())).contains("admin.token", "master.key", "pepper.key",
                    "postgres.password").allSatisfy(
                            name -> assertThat(mode(latchkey.dataDirectory().resolve(name))).isEqualTo("rw-------"));
            assertThat(mode(latchkey.dataDirectory())).isEqualTo("rwx------");
            assertThat(latchkey.log()).contains("Latchkey is at " + latchkey.baseUrl(), ".latchkey/admin.token",
                    "/q/swagger-ui", "curl -s " + latchkey.baseUrl() + "/api/v1/keys");
            assertThat(latchkey.log()).doesNotContain(read(latchkey.dataDirectory().resolve("admin.token")),
                    read(latchkey.dataDirectory().resolve("postgres.password")));
        }
    }

    @Test
    void theLinkThatIsPrintedSignsTheOwnerInOnceAndStandsNowhereElse() throws IOException {
        Databases.lendPrograms(here);
        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here).ready()) {
            Eventually.holds(() -> assertThat(latchkey.log()).contains("each start prints another"));
            Matcher link = Pattern.compile(Pattern.quote(latchkey.baseUrl()) + "/sign-in#(latchkey_link_[\\w-]{59})")
                    .matcher(latchkey.log());
            assertThat(link.find()).isTrue();
            String session = latchkey.baseUrl() + "/api/v1/session";

            given().contentType("application/json").body(Map.of("link", link.group(1))).post(session).then().statusCode(200)
                    .body("organization.key", equalTo("default")).body("roles", equalTo(List.of("owner", "platform")))
                    .body("person.subject", equalTo("owner@localhost"));
            given().contentType("application/json").body(Map.of("link", link.group(1))).post(session).then().statusCode(401);
            for (String file : treeOf(latchkey.dataDirectory())) {
                if (Files.isRegularFile(Path.of(file))) {
                    assertThat(Files.readString(Path.of(file), StandardCharsets.ISO_8859_1)).as(file)
                            .doesNotContain(link.group(1));
                }
            }
        }
    }

    @Test
    void aStopEndsQuarkusFirstAndLeavesNoProcess() {
        Databases.lendPrograms(here);
        LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here).ready();

        assertThat(latchkey.stop()).isEqualTo(143);

        assertThat(here.resolve(".latchkey/postgres/postmaster.pid")).doesNotExist();
        assertThat(latchkey.log()).contains("stopped in").doesNotContain(" ERROR ", "ended by itself",
                "no sign-in link can be made");
    }

    @Test
    void anotherStartKeepsDatabaseAndKeys() {
        Databases.lendPrograms(here);
        LatchkeyProcess.embeddedIn(here).ready().stop();
        List<String> kept = KEPT.stream().map(name -> read(here.resolve(".latchkey").resolve(name))).toList();

        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here).ready()) {
            assertThat(latchkey.log()).doesNotContain("Creating a database");
            assertThat(KEPT.stream().map(name -> read(latchkey.dataDirectory().resolve(name)))).isEqualTo(kept);
        }
    }

    @Test
    @Tag("chaos")
    void aKilledOneIsFollowedByAStartOnTheSameData() {
        LatchkeyProcess killed = LatchkeyProcess.embeddedIn(here).ready();
        String password = read(here.resolve(".latchkey/postgres.password"));
        killed.kill9();

        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here).ready()) {
            assertThat(latchkey.log()).contains("that a killed Latchkey left behind");
            assertThat(read(here.resolve(".latchkey/postgres.password"))).isEqualTo(password);
        }
    }

    @Test
    void aSecondOneOnTheSameDataIsTurnedAwayAndTheFirstGoesOn() {
        Databases.lendPrograms(here);
        try (LatchkeyProcess first = LatchkeyProcess.embeddedIn(here).ready()) {
            refused(LatchkeyProcess.embeddedIn(here), "in use by the process " + first.pid(), "LATCHKEY_DATA_DIR");
            assertThat(first.isReady()).isTrue();
        }
    }

    /** One after the other on the same data, since each first start takes ten seconds. */
    @Test
    @Tag("chaos")
    void damageIsToldInOneLineAndNothingIsDeleted() throws IOException {
        Databases.lendPrograms(here);
        LatchkeyProcess.embeddedIn(here).ready().stop();
        Path data = here.resolve(".latchkey");
        for (String missing : DAMAGES) {
            Files.move(data.resolve(missing), here.resolve("taken-away"));
            List<String> before = treeOf(data);

            refused(LatchkeyProcess.embeddedIn(here),
                    missing.startsWith("postgres/") ? data + "/postgres" : data + "/" + missing);

            assertThat(treeOf(data)).as("without %s", missing).isEqualTo(before);
            Files.move(here.resolve("taken-away"), data.resolve(missing));
        }
        LatchkeyProcess.embeddedIn(here).ready().stop();
    }

    @Test
    void aTakenPortIsToldBeforeAnythingIsMade() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            refused(LatchkeyProcess.embeddedIn(here).onPort(taken.getLocalPort()), "Port " + taken.getLocalPort(),
                    "QUARKUS_HTTP_PORT");
        }
        assertThat(here.resolve(".latchkey")).doesNotExist();
    }

    @Test
    void anExternalDatabaseIsUsedAndNothingIsMade() {
        try (LatchkeyProcess latchkey = LatchkeyProcess.on(Databases.create()).ready()) {
            assertThat(latchkey.dataDirectory()).doesNotExist();
            assertThat(latchkey.log()).doesNotContain("Latchkey is at");
        }
    }

    @Test
    void whatAnExternalDatabaseNeedsAndLacksIsNamedInOneLine() {
        refused(LatchkeyProcess.on(Databases.create()).with("LATCHKEY_MASTER_KEY", null).with("MP_JWT_VERIFY_ISSUER", null),
                "LATCHKEY_MASTER_KEY (or LATCHKEY_MASTER_KEY_FILE), MP_JWT_VERIFY_ISSUER.");
    }

    @Test
    @Tag("native")
    void aNativeExecutableWithoutADatabaseSaysThatItNeedsOne() {
        refused(LatchkeyProcess.bareIn(here), "A native executable needs a database", "QUARKUS_DATASOURCE_REACTIVE_URL");
    }

    @Test
    void aRejectedLoginIsToldWithoutThePassword() {
        String line = refused(LatchkeyProcess.on(Databases.create()).with("QUARKUS_DATASOURCE_PASSWORD", "wr0ng"),
                "QUARKUS_DATASOURCE_PASSWORD");

        assertThat(line).doesNotContain("wr0ng");
    }

    @Test
    void anIdentityProviderOfOnesOwnLeavesTheLocalOneOut() throws IOException {
        Databases.lendPrograms(here);
        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here)
                .with("MP_JWT_VERIFY_PUBLICKEY_LOCATION", Tokens.publicKeyLocation())
                .with("MP_JWT_VERIFY_ISSUER", "https://id.example").ready()) {
            assertThat(latchkey.dataDirectory().resolve("admin.token")).doesNotExist();
            assertThat(latchkey.dataDirectory().resolve("issuer")).doesNotExist();
        }
    }

    @Test
    void settingsOfTheDirectoryOfTheStartAreHeeded() throws IOException {
        Files.createDirectory(here.resolve("config"));
        Files.writeString(here.resolve("config/application.properties"), "latchkey.data-dir=elsewhere\n");
        Files.writeString(here.resolve(".env"), "LATCHKEY_PUBLIC_URL=https://keys.example\n");

        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here).ready()) {
            assertThat(latchkey.dataDirectory()).doesNotExist();
            assertThat(here.resolve("elsewhere/postgres/PG_VERSION")).exists();
            latchkey.stop();
        }
    }

    @Test
    void aSettingThatCannotBeReadStopsTheStartByItsName() {
        Databases.Database database = Databases.create();
        refused(LatchkeyProcess.on(database).with("LATCHKEY_GATEWAYS", "10.0.0.0/8,10.0.0.0/99"),
                "LATCHKEY_GATEWAYS, entry 2: ");
        refused(LatchkeyProcess.on(database).with("LATCHKEY_TRUSTED_PROXIES", "proxy.example"),
                "LATCHKEY_TRUSTED_PROXIES, entry 1: ");
        refused(LatchkeyProcess.on(database).with("LATCHKEY_EGRESS_ALLOW", "10.0.0.0/8,*.example.com"),
                "LATCHKEY_EGRESS_ALLOW, entry 2: ");
        refused(LatchkeyProcess.on(database).with("LATCHKEY_EGRESS_TRUST_CERTIFICATES", "/nowhere/ca.pem"),
                "LATCHKEY_EGRESS_TRUST_CERTIFICATES: ");
        refused(LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", "p1:c2hvcnQ="),
                "LATCHKEY_PEPPER, entry 1: expected 32 bytes");
    }

    @Test
    void anUnsafeSettingStopsTheStartByItsName() {
        Databases.Database database = Databases.create();
        refused(LatchkeyProcess.on(database).with("LATCHKEY_PUBLIC_URL", "http://keys.example").with("QUARKUS_LOG_LEVEL",
                "DEBUG"),
                "LATCHKEY_PUBLIC_URL must be an https address", "QUARKUS_LOG_LEVEL makes libraries print");
        refused(LatchkeyProcess.on(database).with("LATCHKEY_GATEWAYS", "0.0.0.0/0"), "LATCHKEY_GATEWAYS, entry 1: ");
        String key = TestDatabase.randomKey("k1", new SecureRandom());
        assertThat(refused(LatchkeyProcess.on(database).with("LATCHKEY_MASTER_KEY", key).with("LATCHKEY_PEPPER", key),
                "LATCHKEY_PEPPER and LATCHKEY_MASTER_KEY hold the same key")).doesNotContain(key.substring(3));
    }

    @Test
    void otherKeysThanTheDatabaseWasUsedWithStopTheStart() {
        Databases.Database database = Databases.create();
        String pepper = TestDatabase.randomKey("p1", new SecureRandom());
        LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", pepper).ready().stop();

        refused(LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", TestDatabase.randomKey("p1", new SecureRandom())),
                "LATCHKEY_PEPPER: key 'p1' is not the key");
        refused(LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", TestDatabase.randomKey("p2", new SecureRandom())),
                "LATCHKEY_PEPPER: ", "'p1'");
        LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", pepper).ready().stop();
    }

    /** It ends with exit code 1 and one line that holds all of that. */
    private static String refused(LatchkeyProcess.Launch launch, String... parts) {
        try (LatchkeyProcess latchkey = launch.start()) {
            assertThat(latchkey.awaitExit()).as(latchkey.log()).isEqualTo(1);
            assertThat(latchkey.log().lines()).as(latchkey.log()).hasSize(1);
            assertThat(latchkey.log()).startsWith("Latchkey does not start. ").contains(parts);
            return latchkey.log();
        }
    }

    private static List<String> filesOf(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> treeOf(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.map(Path::toString).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
