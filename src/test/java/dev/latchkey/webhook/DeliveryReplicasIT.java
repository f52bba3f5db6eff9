package dev.latchkey.webhook;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Receiver;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two replicas that deliver for the same organization. Claims last for a minute here: whoever waits for one is seen to wait.
 */
@Tag("replicas")
@NullUnmarked
class DeliveryReplicasIT {

    private static final String TYPE = "order.create";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String METRIC = "latchkey_deliveries_total{";

    private Databases.Database database;
    private Receiver receiver;
    private LatchkeyProcess first;
    private LatchkeyProcess second;
    private String key;
    private final List<String> published = new ArrayList<>();

    @BeforeEach
    void twoReplicasAndAnEndpoint() {
        database = Databases.create();
        first = replica();
        first.awaitReady();
        second = replica();
        RestAssured.baseURI = first.baseUrl();
        receiver = Receiver.start().keeping(0);
        Api api = Api.ofNewOrganization();
        key = api.aKey().scopes("events:publish").unlimited().create().key();
        Response made = api.asOwner().body(Map.of("url", receiver.url(), "events", List.of(TYPE))).post("/api/v1/webhooks");
        made.then().statusCode(201);
        receiver.verifying(made.<String> path("secret"));
        second.awaitReady();
    }

    @AfterEach
    void stop() {
        RestAssured.reset();
        first.close();
        second.close();
        receiver.close();
    }

    private LatchkeyProcess replica() {
        return LatchkeyProcess.on(database).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8").with("LATCHKEY_WEBHOOK_LEASE", "PT1M")
                .with("LATCHKEY_WEBHOOK_SLOTS_PER_ENDPOINT", "16").with("LATCHKEY_WEBHOOK_STOP", "PT2S")
                .with("LATCHKEY_WEBHOOK_TIMEOUT", "PT1M").start();
    }

    @Test
    void bothWorkOnABacklogAndNothingIsSentTwice() {
        receiver.behaving(Behaviour.slow(Duration.ofMillis(50)));

        publish(first, 2_000);
        allCome();

        onceEach();
        assertThat(delivered(first) + delivered(second)).isEqualTo(published.size());
        assertThat(delivered(first)).as("by the one that was told").isGreaterThan(published.size() / 5);
        assertThat(delivered(second)).as("by the other one").isGreaterThan(published.size() / 5);
    }

    @Test
    void theOneThatIsStoppedFinishesWhatItHasUnderWay() {
        receiver.behaving(Behaviour.slow(Duration.ofMillis(200)));
        publish(first, 600);
        Eventually.within(PATIENCE, () -> assertThat(receiver.messages()).isGreaterThan(100));

        first.stop();
        allCome();

        onceEach();
    }

    @Test
    void whatAStopCannotFinishGoesOnAtOnce() {
        second.stop();
        second.close();
        receiver.behaving(Behaviour.hanging());
        publish(first, 10);
        Eventually.within(PATIENCE, () -> assertThat(receiver.messages()).isEqualTo(10));
        second = replica();
        second.awaitReady();
        receiver.behaving(Behaviour.healthy());

        first.stop();

        Eventually.within(PATIENCE, () -> assertThat(published).as("although their claims had most of a minute left")
                .allMatch(id -> receiver.accepted(id) == 1));
        assertThat(published).allMatch(id -> receiver.times(id) == 2);
    }

    private void publish(LatchkeyProcess by, int count) {
        for (int i = 0; i < count; i += 100) {
            published.addAll(new StubbornPublisher(() -> List.of(by.baseUrl())).publish(key, TYPE, Math.min(100, count - i)));
        }
    }

    private void allCome() {
        Eventually.within(PATIENCE, () -> assertThat(receiver.messages()).isEqualTo(published.size()));
        Eventually.within(PATIENCE, () -> assertThat(queued()).isZero());
    }

    private void onceEach() {
        Reckoning reckoning = Reckoning.of(published, receiver);
        reckoning.requireAllCame();
        reckoning.requireAgainAtMost(0);
        assertThat(receiver.unverified()).isZero();
    }

    private double delivered(LatchkeyProcess replica) {
        return given().baseUri(replica.baseUrl()).get("/q/metrics").asString().lines()
                .filter(line -> line.startsWith(METRIC) && line.contains("outcome=\"delivered\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private long queued() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from webhook_queue")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
