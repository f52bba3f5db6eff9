package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.NameServer;
import dev.latchkey.testing.Relay;
import dev.latchkey.testing.TokenServer;
import dev.latchkey.testing.TokenServer.Fault;
import dev.latchkey.testing.TokenServer.Rotation;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A replica is killed (SIGKILL) between each two steps of a renewal, and another one goes on. No step has to be marked in the
 * product for that: each waits for something that the test holds, a lock of the database, a name, an answer.
 */
@Tag("chaos")
@NullUnmarked
class RenewalChaosIT {

    private static final String HOST = "id.latchkey.test";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Databases.Database database;
    private TokenServer server;
    private NameServer names;
    private LatchkeyProcess latchkey;
    private Api api;
    private String token;
    private String id;

    @BeforeEach
    void aCredentialThatIsAboutToComeDue() {
        database = Databases.create();
        server = TokenServer.start().rotating(Rotation.GRACE);
        names = NameServer.start().says(HOST, "127.0.0.1");
        latchkey = started(database);
        RestAssured.baseURI = latchkey.baseUrl();
        api = Api.ofNewOrganization();
        token = server.grant();
        id = api.aCredential().with("baseUrl", "http://127.0.0.1:9/api").of("oauth2",
                Map.of("grant", "refresh_token", "clientId", "app-1", "clientSecret", CredentialBuilder.aSecret(), "tokenUrl",
                        server.url().replace("127.0.0.1", HOST), "accessToken", CredentialBuilder.aSecret(), "refreshToken",
                        token, "expiresAt", Instant.now().plus(Duration.ofHours(1)).toString()))
                .create();
    }

    @AfterEach
    void stop() {
        RestAssured.reset();
        latchkey.close();
        server.close();
        names.close();
    }

    private LatchkeyProcess started(Databases.Database on) {
        return LatchkeyProcess.on(on).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8")
                .with("LATCHKEY_EGRESS_DNS_SERVERS", names.address()).with("LATCHKEY_RENEWAL_LEASE", "PT9S")
                .with("LATCHKEY_RENEWAL_RETRY", "PT1S").with("LATCHKEY_RENEWAL_LOOK_EVERY", "1s").ready();
    }

    @Test
    void killedBetweenTheClaimAndOpeningTheTokenNothingWasSent() throws SQLException {
        try (Connection held = lock("lock table credential_secret in access exclusive mode")) {
            due();
            Eventually.within(PATIENCE, () -> assertThat(column("lease_until")).isNotNull());
            Eventually.within(PATIENCE, () -> assertThat(waiting()).isPositive());
            latchkey.kill9();
            held.rollback();
        }
        assertThat(column("presented")).isEqualTo("0");

        another();

        renewedWith(1);
    }

    @Test
    void killedBetweenMarkingTheTokenAndSendingItItIsSentOnce() throws SQLException {
        names.loses(1000);
        due();
        Eventually.within(PATIENCE, () -> assertThat(column("presented")).isEqualTo("1"));
        latchkey.kill9();
        names.loses(0);
        assertThat(server.presented()).isEmpty();

        another();

        renewedWith(1);
    }

    @Test
    void killedBetweenTheProvidersCommitAndItsAnswerTheOldTokenIsPresentedOnceMore() throws SQLException {
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        due();
        Eventually.within(PATIENCE, () -> assertThat(server.presented()).hasSize(1));
        latchkey.kill9();
        answer.countDown();

        another();

        renewedWith(2);
    }

    @Test
    void aServerThatIsSlowerThanTheLeaseIsAskedOnceMoreAndWhatItSaysInTheEndIsNobodys() throws SQLException {
        server.next(Fault.slow(Duration.ofSeconds(11)));
        due();
        Eventually.within(PATIENCE, () -> assertThat(column("error")).isEqualTo("timeout"));
        assertThat(column("presented")).isEqualTo("1");

        renewedWith(2);
    }

    @Test
    void killedThereWithAStrictProviderSomebodyIsAskedToConnectAgainOnce() throws SQLException {
        server.rotating(Rotation.STRICT);
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        due();
        Eventually.within(PATIENCE, () -> assertThat(server.presented()).hasSize(1));
        latchkey.kill9();
        answer.countDown();

        another();

        Eventually.within(PATIENCE, () -> assertThat(notices()).containsExactly("credential.reauthorization_required"));
        assertThat(column("error")).isEqualTo("lost-response");
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 2L));
    }

    @Test
    void killedBetweenTheAnswerAndWritingItTheOldTokenIsPresentedOnceMore() throws SQLException {
        try (Connection held = lock("select 1 from credential for update")) {
            due();
            Eventually.within(PATIENCE, () -> assertThat(server.presented()).hasSize(1));
            Eventually.within(PATIENCE, () -> assertThat(waiting()).isPositive());
            latchkey.kill9();
            // Left alone, the database would carry out what it was asked for, though nobody is there to be told.
            endWaiting();
            held.rollback();
        }
        another();

        renewedWith(2);
    }

    @Test
    void killedBetweenWritingThePairAndTellingItIsToldByAnother() throws SQLException {
        server.next(Fault.answering(503, ""), Fault.answering(503, ""), Fault.answering(503, ""));
        due();
        Eventually.within(PATIENCE, () -> assertThat(notices()).containsExactly("credential.renewal_failed"));
        try (Connection held = lock("lock table notification in access exclusive mode")) {
            Eventually.within(PATIENCE, () -> assertThat(column("failing_since")).isNull());
            Eventually.within(PATIENCE, () -> assertThat(waiting()).isPositive());
            latchkey.kill9();
            held.rollback();
        }
        another();

        Eventually.within(PATIENCE,
                () -> assertThat(notices()).containsExactly("credential.recovered", "credential.renewal_failed"));
        assertThat(server.timesPresented()).containsEntry(token, 4L);
        assertThat(api.asOwner().get("/api/v1/credentials/" + id).<String> path("status")).isEqualTo("green");
    }

    @Test
    void aPairThatCannotBeWrittenIsHeldUntilItCan() throws SQLException {
        String url = database.reactiveUrl();
        int port = Integer.parseInt(url.replaceAll(".*:(\\d+)/.*", "$1"));
        latchkey.stop();
        try (Relay relay = Relay.to(port);
                LatchkeyProcess behind = started(new Databases.Database(url.replace(":" + port + "/", ":" + relay.port() + "/"),
                        database.username(), database.password()))) {
            RestAssured.baseURI = behind.baseUrl();
            CountDownLatch answer = new CountDownLatch(1);
            server.next(Fault.held(answer));
            due();
            Eventually.within(PATIENCE, () -> assertThat(server.presented()).hasSize(1));
            relay.cut();
            answer.countDown();
            Eventually.within(PATIENCE, () -> assertThat(behind.log()).contains("it is held and tried again"));
            relay.restore();

            renewedWith(1);
        }
    }

    @Test
    void anOrderlyStopWaitsForTheAnswer() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        due();
        Eventually.within(PATIENCE, () -> assertThat(server.presented()).hasSize(1));
        Thread releasing = new Thread(() -> {
            Eventually.within(PATIENCE, () -> assertThat(latchkey.isListening()).isFalse());
            answer.countDown();
        });
        releasing.start();
        latchkey.stop();
        releasing.join();

        assertThat(column("presented")).isEqualTo("0");
        assertThat(column("lease_until")).isNull();
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
    }

    private void another() {
        latchkey = started(database);
        RestAssured.baseURI = latchkey.baseUrl();
    }

    private void renewedWith(long times) throws SQLException {
        Eventually.within(PATIENCE, () -> assertThat(column("attempt")).isEqualTo("0"));
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, times));
        assertThat(server.isDead(token)).isFalse();
        Eventually.within(PATIENCE, () -> assertThat(api.asOwner().get("/api/v1/credentials/" + id).<String> path("status"))
                .isEqualTo("green"));
        assertThat(notices()).doesNotContain("credential.reauthorization_required");
        // What is stored is what the provider gave last: it renews the next time, too.
        server.rotating(Rotation.STRICT);
        due();
        Eventually.within(PATIENCE, () -> assertThat(server.presented()).hasSize((int) times + 1));
        assertThat(server.isDead(token)).isFalse();
    }

    private List<String> notices() {
        return api.asOwner().get("/api/v1/notifications").path("items.kind");
    }

    private Connection lock(String statement) throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        try (Statement locking = connection.createStatement()) {
            locking.execute(statement);
        }
        return connection;
    }

    private void due() throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.executeUpdate("update credential_renewal set due_at = now()");
        }
    }

    /** How many of its statements wait for a lock. */
    private long waiting() throws SQLException {
        return Long.parseLong(one("""
                select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and state = 'active'
                """));
    }

    private void endWaiting() throws SQLException {
        one("""
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and state = 'active'
                """);
    }

    private String column(String name) throws SQLException {
        return one("select " + name + " from credential_renewal");
    }

    private String one(String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
