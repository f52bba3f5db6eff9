package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.MailServer;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That a key is about to expire is told in time, once, and to those whom it concerns. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@QuarkusTestResource(MailServer.class)
@NullUnmarked
class ExpiryNoticesTest {

    private static final Duration DAY = Duration.ofDays(1);

    @Inject
    ExpiryNotices notices;
    @Inject
    DataSource database;
    @MailServer.Running
    MailServer server;

    private Api api;
    private Behind behind;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        behind = new Behind(database);
    }

    @Test
    void eachOfFourteenThreeAndOneDaysIsToldOnce() {
        Created key = expiringIn(Duration.ofDays(20));
        tell();
        assertTold(key);

        pass(key, Duration.ofHours(156));
        tell();
        tell();
        assertTold(key, 14);
        pass(key, Duration.ofHours(252));
        tell();
        tell();
        assertTold(key, 14, 3);
        pass(key, Duration.ofHours(48));
        tell();
        tell();
        assertTold(key, 14, 3, 1);
        pass(key, DAY);
        tell();
        assertTold(key, 14, 3, 1);
    }

    @Test
    void whatIsToldNamesTheKeyAndWhenItEnds() {
        Created key = expiringIn(Duration.ofDays(14).plusMinutes(1));
        pass(key, Duration.ofMinutes(2));
        tell();

        api.as("viewer").get("/api/v1/events?type=key.expiring").then().body("items", hasSize(1))
                .body("items[0].data.id", equalTo(key.id())).body("items[0].data.name", equalTo("ERP"))
                .body("items[0].data.start", equalTo(key.key().substring(0, 12)))
                .body("items[0].data.environment", equalTo("live")).body("items[0].data.days", equalTo(14))
                .body("items[0].data.expiresAt", equalTo(expiry(key).toString()));
        api.as("viewer").header("Accept-Language", "es").get("/api/v1/notifications").then().body("items", hasSize(1))
                .body("items[0].kind", equalTo("key.expiring")).body("items[0].title", equalTo("A punto de caducar: ERP"))
                .body("items[0].text", containsString(expiry(key).toString()))
                .body("items[0].target.id", equalTo(key.id()));
    }

    @Test
    void itIsMailed() {
        String address = "it-" + UUID.randomUUID() + "@acme.example";
        api.set(Map.of("name", "Acme", "notificationEmails", List.of(address))).then().statusCode(200);
        Created key = expiringIn(Duration.ofDays(4));
        pass(key, Duration.ofHours(30));
        tell();

        Eventually.holds(() -> assertThat(server.mailsTo(address)).hasSize(1).allSatisfy(
                mail -> assertThat(mail.getSubject()).isEqualTo("About to expire: ERP – Acme")));
    }

    @Test
    void aShortLivedKeyIsToldOfWhatStillLiesAhead() {
        Created key = expiringIn(Duration.ofDays(2));
        tell();
        assertTold(key);

        pass(key, Duration.ofHours(25));
        tell();
        assertTold(key, 1);
    }

    @Test
    void aKeyThatIsMadeForHoursIsNotToldOfAtAll() {
        Created key = expiringIn(Duration.ofHours(5));
        pass(key, Duration.ofHours(4));
        tell();

        assertTold(key);
    }

    @Test
    void whoeverWasAwayTellsTheNearestOnly() {
        Created key = expiringIn(Duration.ofDays(20));
        pass(key, Duration.ofDays(18));
        tell();
        assertTold(key, 3);

        pass(key, Duration.ofHours(30));
        tell();
        assertTold(key, 3, 1);
    }

    @Test
    void aNewExpiryBeginsAnew() {
        Created key = expiringIn(Duration.ofDays(20));
        pass(key, Duration.ofDays(7));
        tell();
        assertTold(key, 14);

        api.patch(key.id(), Map.of("expiresAt", in(Duration.ofDays(21)).toString())).then().statusCode(200);
        tell();
        assertTold(key, 14);
        pass(key, Duration.ofDays(8));
        tell();
        assertTold(key, 14, 14);
    }

    @Test
    void whateverElseIsEditedBeginsNothingAnew() {
        Created key = expiringIn(Duration.ofDays(20));
        pass(key, Duration.ofDays(7));
        tell();

        api.patch(key.id(), Map.of("name", "Renamed")).then().statusCode(200);
        tell();

        assertTold(key, 14);
    }

    @Test
    void aKeyThatExpiresNoMoreIsNotToldOf() {
        Created key = expiringIn(Duration.ofDays(20));
        java.util.Map<String, Object> never = new java.util.HashMap<>();
        never.put("expiresAt", null);
        api.patch(key.id(), never).then().statusCode(200);

        assertThat(behind.count("select count(*) from key_expiry where key_id = ?", UUID.fromString(key.id()))).isZero();
    }

    @Test
    void ofSeveralReplicasOneTells() {
        List<Created> keys = IntStream.range(0, 4).mapToObj(i -> expiringIn(Duration.ofDays(20))).toList();
        keys.forEach(key -> pass(key, Duration.ofDays(7)));

        try (Together replicas = new Together(4)) {
            replicas.run(this::tell);
        }

        keys.forEach(key -> assertTold(key, 14));
        api.as("viewer").get("/api/v1/notifications?kind=key.expiring").then().body("items", hasSize(keys.size()));
    }

    @Test
    void whatIsNotInUseIsToldOfOnceItIs() {
        Created key = expiringIn(Duration.ofDays(20));
        pass(key, Duration.ofDays(7));
        api.setActive(false);
        tell();
        api.setActive(true);
        assertTold(key);
        api.patch(key.id(), Map.of("active", false)).then().statusCode(200);
        pass(key, Duration.ofHours(2));
        tell();
        assertTold(key);

        api.patch(key.id(), Map.of("active", true)).then().statusCode(200);
        pass(key, Duration.ofHours(2));
        tell();
        assertTold(key, 14);
    }

    @Test
    void whatIsRevokedIsNotToldOf() {
        Created key = expiringIn(Duration.ofDays(20));
        api.act(key.id(), "revoke").then().statusCode(200);
        pass(key, Duration.ofDays(7));
        tell();
        tell();

        assertTold(key);
        assertThat(behind.query("select due_at from key_expiry where key_id = ?", UUID.fromString(key.id())))
                .containsExactly((Object) null);
    }

    @Test
    void manyAtOnceAreAnEventEachAndOneNotification() {
        List<Created> keys = IntStream.range(0, 8).mapToObj(i -> expiringIn(Duration.ofDays(20))).toList();
        keys.forEach(key -> pass(key, Duration.ofDays(7)));
        tell();

        keys.forEach(key -> assertTold(key, 14));
        api.as("viewer").header("Accept-Language", "en").get("/api/v1/notifications?kind=key.expiring").then()
                .body("items.title", contains("About to expire: ERP, ERP, ERP, … (+5)"))
                .body("items.link", contains("/review?reason=expiring-soon"));
    }

    @Test
    void tellingMovesNoETag() {
        Created key = expiringIn(Duration.ofDays(20));
        String before = api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag");
        pass(key, Duration.ofDays(7));
        tell();

        assertTold(key, 14);
        assertThat(api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag")).isEqualTo(before);
    }

    private Created expiringIn(Duration time) {
        return api.aKey().expiresAt(in(time)).create();
    }

    private static Instant in(Duration time) {
        return Instant.now().plus(time).truncatedTo(ChronoUnit.SECONDS);
    }

    /** As if so much time had passed for the key. */
    private void pass(Created key, Duration time) {
        assertThat(behind.execute(
                """
                        update key_expiry set expires_at = expires_at - make_interval(secs => ?), due_at = due_at - make_interval(secs => ?)
                         where key_id = ?
                        """,
                (double) time.toSeconds(), (double) time.toSeconds(), UUID.fromString(key.id()))).isEqualTo(1);
    }

    private Instant expiry(Created key) {
        return ((java.sql.Timestamp) behind.query("select expires_at from key_expiry where key_id = ?",
                UUID.fromString(key.id())).get(0)).toInstant();
    }

    private void tell() {
        Behind.await(notices::tell);
    }

    private void assertTold(Created key, Integer... days) {
        List<Object> told = behind.query("""
                select (data ->> 'days')::integer from event
                 where type = 'key.expiring' and data ->> 'id' = ? order by id
                """, key.id());
        assertThat(told).containsExactly((Object[]) days);
    }
}
