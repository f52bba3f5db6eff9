package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.DeliveryRows;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A span of time that is sent again, batch by batch. */
@QuarkusTest
@NullUnmarked
class ReplayTest extends WebhookCase {

    private static final Instant AT = DeliveryRows.ago(2, ChronoUnit.HOURS);

    @Inject
    ReplayRun job;

    private DeliveryRows rows;
    private String webhook;

    @BeforeEach
    void aWebhook() {
        rows = new DeliveryRows(database, database.organization(api));
        webhook = made(Map.of());
        rows.hold(webhook);
    }

    @ParameterizedTest
    @CsvSource({ ", 1200", "exhausted, 1200", "delivered, 3", "all, 1205" })
    void whatIsInTheSpanAndTheStateIsQueuedOnce(String state, int replayed) {
        rows.many(webhook, "x", "exhausted", AT, 1200);
        rows.many(webhook, "d", "delivered", AT.plusSeconds(1), 3);
        rows.many(webhook, "c", "cancelled", AT.plusSeconds(1), 2);
        rows.many(webhook, "p", "pending", AT, 2);
        rows.many(webhook, "before", "exhausted", AT.minusSeconds(1), 4);
        rows.many(webhook, "after", "exhausted", AT.plusSeconds(60), 4);
        rows.many(made(Map.of()), "other", "exhausted", AT, 4);

        Map<String, Object> wanted = new HashMap<>(Map.of("from", AT.toString(), "to", AT.plusSeconds(60).toString()));
        if (state != null) {
            wanted.put("state", state);
        }
        String id = start(wanted).statusCode(202).header("Location", containsString("/api/v1/replays/"))
                .body("webhookId", equalTo(webhook)).body("from", equalTo(AT.toString()))
                .body("state", equalTo(state == null ? "exhausted" : state)).extract().path("id");

        done(id, replayed);
        assertThat(queued()).isEqualTo(replayed + 2);
        assertThat(database.count("select count(*) from webhook_queue where webhook_id = ? and attempt = 0 and due <= now()",
                UUID.fromString(webhook))).isEqualTo(replayed);
        assertThat(rows.withoutFate()).isEmpty();
        assertThat(lane(webhook, "next_due <= now()")).isEqualTo(true);
        api.as("viewer").get(ROOT + "/" + webhook + "/replays").then().body("items.id", contains(id));
        assertThat(activity(webhook)).contains("webhook.replayed");
    }

    @Test
    void ofStoresThatAWebhookHadBeforeNothingIsSent() {
        api.createStore("madrid");
        api.createStore("paris");
        webhook = made(Map.of("stores", List.of("madrid")));
        rows.hold(webhook);
        rows.many(webhook, "own", "exhausted", AT, 2);
        rows.many(webhook, "before", "exhausted", AT, 3);
        rows.many(webhook, "none", "exhausted", AT, 4);
        rows.inStore("own", "madrid");
        rows.inStore("before", "paris");

        done(start(Map.of("from", AT.toString())).statusCode(202).extract().path("id"), 2);

        assertThat(queued()).isEqualTo(2);
        assertThat(rows.withoutFate()).isEmpty();
    }

    @Test
    void withoutAnEndItGoesUntilNow() {
        rows.many(webhook, "x", "exhausted", DeliveryRows.ago(1, ChronoUnit.SECONDS), 2);
        Instant tomorrow = Instant.now().plus(1, ChronoUnit.DAYS);
        done(start(Map.of("from", AT.toString(), "to", tomorrow.toString())).statusCode(202).extract().path("id"), 2);
        String id = start(Map.of("from", AT.toString())).statusCode(202).extract().path("id");
        done(id, 0);
        assertThat(Instant.parse(get(id).extract().path("to"))).isBefore(tomorrow.minus(1, ChronoUnit.HOURS));
    }

    @Test
    void itWaitsWhileTheQueueIsLongAndOneRunsAtATime() {
        String id = startOneThatWaits();
        start(Map.of("from", AT.toString())).statusCode(409).body("detail",
                containsString("A replay of this webhook is running"));
        Behind.await(job::run);
        get(id).body("status", equalTo("running")).body("replayed", equalTo(0)).body("finishedAt", nullValue());

        drain();
        done(id, 1200);
        start(Map.of("from", AT.toString())).statusCode(202);
    }

    @Test
    void whatAReplicaThatDiesHadBegunIsGoneOnWithByAnother() throws SQLException {
        String id = startOneThatWaits();
        try (Connection dying = source.getConnection()) {
            dying.setAutoCommit(false);
            lock(dying, id);
            drain();
            Behind.await(job::run);
            get(id).body("replayed", equalTo(0));
            dying.rollback();
        }
        done(id, 1200);
        assertThat(queued()).isEqualTo(1200);
    }

    @Test
    void itGoesOnWhereItStopped() {
        rows.many(webhook, "x", "exhausted", AT, 30);
        List<Object> ids = database.query("select id from delivery where webhook_id = ? order by id", UUID.fromString(webhook));
        UUID replay = UUID.randomUUID();
        database.execute(
                """
                        insert into webhook_replay (id, organization_id, webhook_id, from_at, to_at, state, position, replayed, created_at)
                        values (?, ?, ?, cast(? as timestamptz), now(), 'exhausted', ?, 10, now())
                        """,
                replay, database.organization(api), UUID.fromString(webhook), AT.toString(), ids.get(9));
        done(replay.toString(), 30);
        assertThat(queued()).isEqualTo(20);
    }

    @Test
    void oneThatIsCancelledPutsNothingMoreIntoTheQueue() {
        String id = startOneThatWaits();
        for (int i = 0; i < 2; i++) {
            cancel(id).statusCode(200).body("status", equalTo("cancelled")).body("finishedAt", notNullValue());
        }
        drain();
        Behind.await(job::run);
        assertThat(queued()).isZero();
        assertThat(activity(webhook)).containsOnlyOnce("webhook.replay_cancelled");

        String done = start(Map.of("from", AT.toString())).statusCode(202).extract().path("id");
        done(done, 1200);
        cancel(done).statusCode(409).body("detail", containsString("is done"));
    }

    @Test
    void oneThatEndsWhileItIsCancelledWasNotCancelled() throws SQLException {
        String id = startOneThatWaits();
        try (Connection ending = source.getConnection()) {
            ending.setAutoCommit(false);
            end(ending, id);
            Together.each(List.of(
                    () -> cancel(id).statusCode(409).body("detail", containsString("is done")),
                    () -> {
                        Eventually.holds(() -> assertThat(database.count("""
                                select count(*) from pg_stat_activity
                                 where wait_event_type = 'Lock' and query like '%webhook_replay r set status%'
                                """)).isPositive());
                        commit(ending);
                    }));
        }
        drain();
        get(id).body("status", equalTo("done"));
        assertThat(activity(webhook)).doesNotContain("webhook.replay_cancelled");
    }

    @Test
    void itWaitsWhileItsWebhookIsOffAndEndsWithIt() {
        done(start(Map.of("from", AT.toString())).statusCode(202).extract().path("id"), 0);
        patch(webhook, Map.of("active", false)).then().statusCode(200);
        start(Map.of("from", AT.toString())).statusCode(409).body("detail", containsString("Switch it on first"));
        patch(webhook, Map.of("active", true)).then().statusCode(200);
        rows.hold(webhook);

        String id = startOneThatWaits();
        patch(webhook, Map.of("active", false)).then().statusCode(200);
        drain();
        Behind.await(job::run);
        get(id).body("status", equalTo("running")).body("replayed", equalTo(0));
        api.asOwner().delete(ROOT + "/" + webhook).then().statusCode(204);
        Eventually.holds(() -> get(id).body("status", equalTo("cancelled")));
        assertThat(queued()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = { "{} | from", "{\"from\": \"2099-01-01T00:00:00Z\"} | from",
            "{\"from\": \"2020-01-01T00:00:00Z\", \"to\": \"2020-01-01T00:00:00Z\"} | to",
            "{\"from\": \"yesterday\"} | from", "{\"from\": \"2020-01-01T00:00:00Z\", \"state\": \"pending\"} | state" })
    void aSpanThatIsNoneIsRefused(String body, String field) {
        api.asOwner().body(body).post(ROOT + "/" + webhook + "/replay").then().statusCode(422).body("errors[0].field",
                equalTo(field));
    }

    @Test
    void anIdempotencyKeyBeginsItOnce() {
        String once = UUID.randomUUID().toString();
        Map<String, ?> wanted = Map.of("from", AT.toString());
        String id = api.asOwner().header("Idempotency-Key", once).body(wanted).post(ROOT + "/" + webhook + "/replay").then()
                .statusCode(202).extract().path("id");
        done(id, 0);
        api.asOwner().header("Idempotency-Key", once).body(wanted).post(ROOT + "/" + webhook + "/replay").then()
                .statusCode(202).header("Idempotency-Replayed", "true").header("Location", endsWith(id));
    }

    /** Behind more rows than a replay puts its own to. */
    private String startOneThatWaits() {
        rows.many(webhook, "waits" + UUID.randomUUID(), "pending", AT, 5001);
        rows.many(webhook, "x" + UUID.randomUUID(), "exhausted", AT, 1200);
        return start(Map.of("from", AT.toString())).statusCode(202).extract().path("id");
    }

    private void drain() {
        database.execute("""
                with gone as (delete from webhook_queue where webhook_id = ? returning delivery_id)
                update delivery d set state = 'delivered' from gone g where d.id = g.delivery_id
                """, UUID.fromString(webhook));
    }

    private static void lock(Connection connection, String replay) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("select from webhook_replay where id = ? for update")) {
            lock.setObject(1, UUID.fromString(replay));
            lock.execute();
        }
    }

    private static void end(Connection connection, String replay) throws SQLException {
        try (PreparedStatement end = connection
                .prepareStatement("update webhook_replay set status = 'done', finished_at = now() where id = ?")) {
            end.setObject(1, UUID.fromString(replay));
            end.execute();
        }
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private long queued() {
        return database.count("select count(*) from webhook_queue where webhook_id = ?", UUID.fromString(webhook));
    }

    private void done(String id, int replayed) {
        Eventually.holds(() -> get(id).body("status", equalTo("done")));
        get(id).body("replayed", equalTo(replayed)).body("finishedAt", notNullValue());
    }

    private ValidatableResponse start(Map<String, ?> wanted) {
        return api.as("developer").body(wanted).post(ROOT + "/" + webhook + "/replay").then();
    }

    private ValidatableResponse cancel(String id) {
        return api.as("developer").post("/api/v1/replays/" + id + "/cancel").then();
    }

    private ValidatableResponse get(String id) {
        return api.as("viewer").get("/api/v1/replays/" + id).then().statusCode(200);
    }
}
