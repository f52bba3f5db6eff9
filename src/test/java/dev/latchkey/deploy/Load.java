package dev.latchkey.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Backend;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.FreePort;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.TokenServer;

/** Somebody who does a little of everything that Latchkey measures, and goes on with it. */
final class Load implements AutoCloseable {

    private static final String EVENT = "order.create";
    private static final String NOBODY = "http://127.0.0.1:" + FreePort.draw();

    private final Api api = Api.ofNewOrganization();
    private final Backend provider = Backend.start();
    private final TokenServer tokens = TokenServer.start();
    private final Receiver healthy = Receiver.start();
    private final Receiver failing = Receiver.start().behaving(Behaviour.failing(500));
    private final Receiver gone = Receiver.start().behaving(Behaviour.gone());
    private final Created good;
    private final Created changed;
    private final Created limited;
    private final Created publisher;
    private final Created user;
    private final String stock;
    private final String unreachable;
    private final String renewed;

    Load() {
        good = api.aKey().scopes("keys:verify").create();
        changed = api.aKey().create();
        limited = api.aKey().rateLimit(2, "P1D").create();
        publisher = api.aKey().scopes("events:publish").unlimited().create();
        user = api.aKey().scopes("credentials:use").unlimited().create();
        stock = api.aCredential().testedAt("http://127.0.0.1:" + provider.port()).create();
        unreachable = api.aCredential().with("baseUrl", NOBODY).create();
        renewed = api.aCredential().with("baseUrl", NOBODY).of("oauth2",
                Map.of("grant", "refresh_token", "clientId", "app-1", "clientSecret", CredentialBuilder.aSecret(), "tokenUrl",
                        tokens.url(), "accessToken", CredentialBuilder.aSecret(), "refreshToken", tokens.grant(), "expiresAt",
                        Instant.now().plus(Duration.ofHours(1)).toString()))
                .create();
        api.asOwner().body(Map.of("name", "Stock", "keyIds", List.of(user.id()), "credentialIds", List.of(stock, unreachable)))
                .post("/api/v1/integrations").then().statusCode(201);
        for (Receiver receiver : List.of(healthy, failing, gone)) {
            api.asOwner().body(Map.of("url", receiver.url(), "events", List.of(EVENT))).post("/api/v1/webhooks").then()
                    .statusCode(201);
        }
        mail();
    }

    /** To a server that does not answer, see {@link DashboardIT}. */
    private static void mail() {
        Api other = Api.ofNewOrganization();
        other.set(Map.of("notificationEmails", List.of("it@acme.example"))).then().statusCode(200);
        other.setActive(false);
    }

    /** Once more. */
    void round() {
        verify();
        change();
        useCredentials();
        api.asOwner().get("/api/v1/activity/verify").then().statusCode(200);
        Api.withKey(publisher.key()).body(Map.of("type", EVENT, "data", Map.of("id", "10245"))).post("/api/v1/events").then()
                .statusCode(202);
    }

    private void verify() {
        for (int i = 0; i < 5; i++) {
            Api.withKey(good.key()).body(Map.of("key", good.key())).post("/api/v1/keys/verify").then().statusCode(200);
            api.verify(Map.of("key", limited.key()));
            api.verify(Map.of("key", publisher.key() + "x"));
            api.verify(Map.of("key", good.key(), "scopes", List.of("orders:delete")));
        }
        Api.withKey(limited.key()).get("/api/v1/auth");
    }

    /** One that some verdict rests on, so that it waits until it is in force. */
    private void change() {
        api.verify(Map.of("key", changed.key()));
        api.patch(changed.id(), Map.of("active", false)).then().statusCode(200);
        api.verify(Map.of("key", changed.key()));
        api.patch(changed.id(), Map.of("active", true)).then().statusCode(200);
        String body = "{\"name\": \"ERP\", \"scopes\": [\"orders:read\"], \"access\": {\"type\": \"all\"}}";
        String made = api.asOwner().header("Idempotency-Key", UUID.randomUUID().toString()).body(body).post("/api/v1/keys")
                .then().statusCode(201).extract().path("id");
        api.act(made, "revoke");
    }

    private void useCredentials() {
        api.asOwner().post("/api/v1/credentials/" + stock + "/test").then().statusCode(200);
        api.asOwner().post("/api/v1/credentials/" + unreachable + "/test").then().statusCode(200);
        api.asOwner().post("/api/v1/credentials/" + renewed + "/refresh");
        Api.withKey(user.key()).post("/api/v1/credentials/" + stock + "/lease").then().statusCode(200);
        Api.withKey(user.key()).body("{}").post("/api/v1/proxy/" + stock + "/orders").then().statusCode(200);
        Api.withKey(user.key()).get("/api/v1/proxy/" + unreachable + "/orders").then().statusCode(502);
    }

    /** Whether what goes on by itself has come so far that it shows. */
    void requireDelivered() {
        assertThat(healthy.requests()).isPositive();
        assertThat(failing.requests()).isPositive();
        assertThat(gone.requests()).isPositive();
    }

    @Override
    public void close() {
        provider.close();
        tokens.close();
        healthy.close();
        failing.close();
        gone.close();
    }
}
