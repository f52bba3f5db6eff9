package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.LogLines;
import dev.latchkey.testing.Planted;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.TestAuthority;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.WireServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever sends a dummy sees what was sent, what came back, and what to do about it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class DummyTest extends WebhookCase {

    private final Receiver receiver = Receiver.start();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void aDummyIsSignedMarkedAndShown() {
        String webhook = to(receiver, Map.of("events", List.of("order.cancel", "order.create"), "headers",
                Map.of("X-Tenant", "acme-0815-tenant")));
        Planted.add("acme-0815-tenant");

        JsonObject answer = new JsonObject(test(webhook, Map.of()).statusCode(200).body("error", nullValue())
                .body("response.statusCode", is(200)).body("response.body", is("ok")).body("response.truncated", is(false))
                .body("response.headers", hasKey("content-length")).body("durationMs", greaterThanOrEqualTo(0))
                .body("phases.firstByteMs", notNullValue()).body("phases.dnsMs", nullValue())
                .body("phases.tlsMs", nullValue()).extract().asString());

        Receiver.Received received = receiver.last();
        JsonObject request = answer.getJsonObject("request");
        JsonObject headers = request.getJsonObject("headers");
        assertThat(received.isSignedWith(secret(webhook))).isTrue();
        assertThat(received.headers()).containsEntry("webhook-test", "true").containsEntry("x-tenant", "acme-0815-tenant");
        assertThat(request.getString("url")).isEqualTo(receiver.url());
        assertThat(request.getJsonObject("body")).isEqualTo(new JsonObject(received.body()));
        assertThat(headers.getString("webhook-signature")).isEqualTo(received.signature());
        assertThat(headers.getString("webhook-id")).isEqualTo(received.id());
        assertThat(headers.getString("webhook-test")).isEqualTo("true");
        assertThat(headers.getString("X-Tenant")).isEqualTo("***");
        assertThat(request.getJsonObject("body").getString("type")).isEqualTo("order.cancel");
        assertThat(request.getJsonObject("body").getString("id")).isEqualTo(received.id());
        assertThat(UUID.fromString(received.id()).version()).isEqualTo(7);
    }

    @Test
    void itIsInAStoreOfTheWebhook() {
        api.createStore("bilbao");
        String madrid = api.createStore("madrid");

        String one = to(receiver, Map.of("stores", List.of("madrid")));
        test(one, Map.of()).statusCode(200).body("request.body.store.id", is(madrid)).body("request.body.store.key",
                is("madrid"));
        test(one, Map.of("event", "key.revoked")).statusCode(200).body("request.body.type", is("key.revoked"))
                .body("request.body.store", nullValue()).body("request.body", hasKey("store"));
        test(to(receiver, Map.of()), Map.of()).statusCode(200).body("request.body.store.key", is("bilbao"));
    }

    @Test
    void aWebhookThatIsOffIsTestedAllTheSame() {
        String webhook = to(receiver, Map.of("active", false));

        test(webhook, Map.of()).statusCode(200).body("error", nullValue());

        assertThat(receiver.requests()).isEqualTo(1);
        api.asOwner().get(ROOT + "/" + webhook).then().body("active", is(false));
    }

    @Test
    void whatCameOfItIsToldEvenWhereItCannotBeWrittenDown() {
        String webhook = to(receiver, Map.of());
        UUID organization = database.organization(api);
        String refusal = "no_" + organization.toString().replace('-', '_');
        database.execute("alter table activity add constraint " + refusal + " check (organization_id <> '" + organization
                + "' or action <> 'webhook.tested') not valid");
        try (LogLines log = new LogLines(Dummies.class)) {
            test(webhook, Map.of()).statusCode(200).body("error", nullValue()).body("response.statusCode", is(200));

            assertThat(log.with(organization)).singleElement().asString().contains(webhook, "not in the activity log");
        } finally {
            database.execute("alter table activity drop constraint " + refusal);
        }
        assertThat(receiver.requests()).isEqualTo(1);
        assertThat(activity(webhook)).containsExactly("webhook.created");
    }

    @Test
    void itIsNoDeliveryAndStandsInTheLog() {
        String webhook = to(receiver, Map.of());
        receiver.behaving(Behaviour.gone());
        Object before = column(webhook, "version");

        test(webhook, Map.of()).statusCode(200).body("error.code", is("http-status")).body("error.message",
                containsString("switches the webhook off"));

        assertThat(database.count("select count(*) from delivery where webhook_id = ?", UUID.fromString(webhook))).isZero();
        assertThat(column(webhook, "active")).isEqualTo(true);
        assertThat(column(webhook, "version")).isEqualTo(before);
        assertThat(lane(webhook, "failing_since")).isNull();
        assertThat(activity(webhook)).containsExactly("webhook.created", "webhook.tested");
        assertThat(database.query("select changes from activity where target_id = ? and action = 'webhook.tested'",
                UUID.fromString(webhook)).get(0).toString()).contains("order.create", "410", "http-status");
    }

    @Test
    void anAnswerThatIsNoneOfThoseWantedIsShownWithItsError() {
        receiver.behaving(Behaviour.answering(404, "no such page\0"));

        test(to(receiver, Map.of()), Map.of()).statusCode(200).body("response.statusCode", is(404))
                .body("response.body", is("no such page")).body("error.code", is("http-status"))
                .body("error.message", containsString("Check the path of the URL"));
    }

    @Test
    void whatAReceiverRepeatsIsNoWayToReadTheHeaders() {
        Planted.add("t0k3nOfTheirsXyz");
        String webhook = to(receiver, Map.of("headers", Map.of("Authorization", "Bearer t0k3nOfTheirsXyz")));
        receiver.behaving((vertx, request, time) -> request.response().putHeader("X-Seen", request.getHeader("Authorization"))
                .putHeader("Set-Cookie", "sid=1").end("you are " + request.getHeader("Authorization")));

        test(webhook, Map.of()).statusCode(200).body("response.body", is("you are ***"))
                .body("response.headers.X-Seen", is("***")).body("response.headers.Set-Cookie", is("***"));
    }

    @Test
    void aLongAnswerIsCut() {
        receiver.behaving(Behaviour.oversized(100_000));

        String body = test(to(receiver, Map.of()), Map.of()).statusCode(200).body("response.truncated", is(true))
                .body("error", nullValue()).extract().path("response.body");

        assertThat(body).hasSize(16 * 1024);
    }

    @Test
    void aRedirectIsToldAndNotFollowed() {
        try (Receiver other = Receiver.start()) {
            receiver.behaving(Behaviour.redirecting(other.url()));

            test(to(receiver, Map.of()), Map.of()).statusCode(200).body("response.statusCode", is(302))
                    .body("response.headers", hasKey("Location")).body("error.code", is("redirect"))
                    .body("error.message", containsString("a redirect to " + other.url()));
            assertThat(other.requests()).isZero();
        }
    }

    @Test
    void whoeverDoesNotAnswerIsToldByThePhase() {
        receiver.behaving(Behaviour.hanging());
        try (Receiver half = Receiver.start(); WireServer silent = WireServer.start(WireServer.Connection::awaitEnd)) {
            half.behaving(Behaviour.hangingBody());
            Together.each(List.of(
                    () -> test(to(receiver, Map.of()), Map.of()).statusCode(200).body("response", nullValue())
                            .body("error.code", is("timeout-response")).body("durationMs", greaterThanOrEqualTo(1900)),
                    () -> test(to(half, Map.of()), Map.of()).statusCode(200).body("response", nullValue())
                            .body("error.code", is("timeout-body")),
                    () -> test(made(Map.of("url", "https://127.0.0.1:" + silent.port())), Map.of()).statusCode(200)
                            .body("response", nullValue()).body("error.code", is("timeout-tls"))));
        }
        String webhook = to(receiver, Map.of());
        receiver.behaving(Behaviour.closing());
        test(webhook, Map.of()).statusCode(200).body("response", nullValue()).body("error.code", is("connection-broken"));
        receiver.shut();
        test(webhook, Map.of()).statusCode(200).body("response", nullValue()).body("error.code", is("connection-refused"))
                .body("error.message", containsString("refuses connections on port " + receiver.port()));
    }

    @Test
    void aCertificateThatIsNotTrustedIsTold(@TempDir Path directory) {
        try (Receiver secure = Receiver
                .start(TestAuthority.in(directory).sign("theirs", "ip:127.0.0.1", "-1d", 10))) {
            test(to(secure, Map.of()), Map.of()).statusCode(200).body("error.code", is("certificate-untrusted"))
                    .body("phases.tlsMs", nullValue());
            test(to(receiver, Map.of("url", receiver.url().replace("http:", "https:"))), Map.of()).statusCode(200)
                    .body("error.code", is("tls")).body("error.message", containsString("does not speak TLS on port"));
        }
    }

    /** A name may lead elsewhere by the time that it is called, and nobody learns where to. */
    @Test
    void whereANameLeadsInsideIsNotTold() {
        String webhook = to(receiver, Map.of());
        database.execute("update webhook set url = 'https://10.0.0.1/hook?token=abc', version = version + 1 where id = ?",
                UUID.fromString(webhook));

        test(webhook, Map.of()).statusCode(200).body("response", nullValue()).body("error.code", is("name-not-found"))
                .body("durationMs", is(0)).body("phases.values()", everyItem(nullValue()));
    }

    @ParameterizedTest
    @ValueSource(strings = { "order.creat", "unheard of", "*" })
    void anUnknownTypeIsRefused(String event) {
        test(to(receiver, Map.of()), Map.of("event", event)).statusCode(422).body("errors[0].field", is("event"))
                .body("errors[0].message", startsWith("is not an event type"));
        assertThat(receiver.requests()).isZero();
    }

    @Test
    void whatDoesNotOpenIsNotCalled() {
        String webhook = to(receiver, Map.of());
        database.execute("update webhook set secret_version = secret_version + 1, version = version + 1 where id = ?",
                UUID.fromString(webhook));

        test(webhook, Map.of()).statusCode(409).body("code", is("conflict")).body("detail",
                containsString("Rotate its secret"));
        assertThat(receiver.requests()).isZero();
    }

    @Test
    void whatIsGoneOrAnothersIsNotFound() {
        String webhook = to(receiver, Map.of());
        Api other = Api.ofNewOrganization();
        other.asOwner().body(Map.of("event", "no type")).post(ROOT + "/" + webhook + "/test").then().statusCode(404);
        api.asOwner().delete(ROOT + "/" + webhook).then().statusCode(204);

        test(webhook, Map.of()).statusCode(404);
        assertThat(receiver.requests()).isZero();
    }

    @Test
    void bodiesMayBeMissingAndMayNotBeWrong() {
        String webhook = to(receiver, Map.of());

        api.asOwner().post(ROOT + "/" + webhook + "/test").then().statusCode(200);
        test(webhook, Map.of("event", 5)).statusCode(422);
        test(webhook, Map.of("type", "order.create")).statusCode(422);
        test(webhook, Map.of("event", "x".repeat(101))).statusCode(422);
    }

    @Test
    void whoAsksTooOftenWaits() {
        String webhook = to(receiver, Map.of());
        int tests = 0;
        ValidatableResponse last;
        do {
            last = test(webhook, Map.of());
            tests++;
        } while (last.extract().statusCode() == 200 && tests < 60);

        last.statusCode(429).body("code", is("rate-limited")).header("Retry-After", not(equalTo("0")))
                .header("RateLimit", equalTo("\"organization\";r=0;t=" + last.extract().header("Retry-After")))
                .header("RateLimit-Policy", equalTo("\"organization\";q=30;w=60"));
        assertThat(tests).isGreaterThan(30);
        assertThat(receiver.requests()).isEqualTo(tests - 1);
        Api other = Api.ofNewOrganization();
        String theirs = make(other.asOwner(), Map.of("url", receiver.url())).then().statusCode(201).extract().path("id");
        other.asOwner().body(Map.of()).post(ROOT + "/" + theirs + "/test").then().statusCode(200);
    }

    @Test
    void viewersAndOtherScopesSendNone() {
        String webhook = to(receiver, Map.of());

        api.as("viewer").body(Map.of()).post(ROOT + "/" + webhook + "/test").then().statusCode(403);
        Api.withKey(api.aKey().scopes("events:read").create().key()).body(Map.of()).post(ROOT + "/" + webhook + "/test").then()
                .statusCode(403);
        Api.withKey(api.aKey().scopes("webhooks:manage").create().key()).body(Map.of()).post(ROOT + "/" + webhook + "/test")
                .then().statusCode(200);
    }

    @Test
    void aSlowReceiverIsWaitedFor() {
        receiver.behaving(Behaviour.slow(Duration.ofMillis(300)));

        test(to(receiver, Map.of()), Map.of()).statusCode(200).body("error", nullValue()).body("durationMs",
                greaterThanOrEqualTo(290));
    }

    private String to(Receiver there, Map<String, ?> others) {
        Map<String, Object> form = form(Map.of("url", there.url()));
        form.putAll(others);
        return made(form);
    }

    private ValidatableResponse test(String webhook, Map<String, ?> body) {
        return api.asOwner().body(body).post(ROOT + "/" + webhook + "/test").then();
    }
}
