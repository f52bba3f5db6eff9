package dev.latchkey.credential;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Keycloak;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Marketplace;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Against a real identity provider, which gives each refresh token for one use and ends the whole session where one is used
 * twice: connected through its login page, renewed ten times, connected again while it lives, told once when it is withdrawn
 * there, and well again afterwards.
 */
@Tag("keycloak")
@NullUnmarked
class KeycloakIT {

    private static final Duration LIFETIME = Duration.ofSeconds(12);
    private static final int RENEWALS = 10;
    private static final String CREDENTIALS = "/api/v1/credentials/";

    private Marketplace marketplace;
    private Keycloak keycloak;
    private LatchkeyProcess latchkey;

    @BeforeEach
    void start() {
        marketplace = Marketplace.start(LIFETIME);
        keycloak = marketplace.keycloak();
        latchkey = marketplace.latchkey();
    }

    @AfterEach
    void stop() {
        marketplace.close();
    }

    @Test
    void aMarketplaceIsConnectedOnceAndStaysAliveUntilItIsWithdrawnThere() {
        String id = caller().body(Map.of("name", "Marketplace", "type", "oauth2", "baseUrl", keycloak.issuer(), "data",
                Map.of("grant", "authorization_code", "clientId", Marketplace.CLIENT, "clientSecret",
                        marketplace.clientSecret(), "issuer", keycloak.issuer(), "scopes", List.of("openid")),
                "test", Map.of("url", "/protocol/openid-connect/userinfo"))).post("/api/v1/credentials").then()
                .statusCode(201).body("reason", equalTo("not-connected"))
                .body("data.tokenUrl", equalTo(keycloak.issuer() + "/protocol/openid-connect/token")).extract().path("id");

        connect(id);
        credential(id).then().body("status", equalTo("green"));

        Set<String> renewals = new HashSet<>();
        Eventually.within(LIFETIME.multipliedBy(RENEWALS * 2), () -> {
            Response now = credential(id);
            now.then().body("status", equalTo("green"));
            renewals.add(String.valueOf(now.<Object> path("lastRenewedAt")));
            assertThat(renewals).hasSizeGreaterThan(RENEWALS);
        });
        caller().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
        assertThat(notices()).isEmpty();

        // While it lives: the old session is given back there, and the new one lives on.
        connect(id);
        credential(id).then().body("status", equalTo("green"));
        caller().post(CREDENTIALS + id + "/refresh").then().statusCode(200).body("renewed", equalTo(true));
        assertThat(notices()).isEmpty();

        keycloak.signOut(Marketplace.USER);
        Eventually.holds(() -> credential(id).then().body("status", equalTo("red")).body("reason",
                equalTo("reauthorization-required")));
        staysTold(List.of("credential.reauthorization_required"));

        connect(id);
        Eventually.holds(() -> credential(id).then().body("status", equalTo("green")));
        Eventually.holds(() -> assertThat(notices()).containsExactlyInAnyOrder("credential.reauthorization_required",
                "credential.recovered"));
    }

    /** For as long as another try would have taken to come. */
    private void staysTold(List<String> kinds) {
        long end = System.nanoTime() + LIFETIME.toNanos();
        Eventually.within(LIFETIME.multipliedBy(2), () -> {
            if (!notices().equals(kinds)) {
                throw new IllegalStateException("told " + notices());
            }
            assertThat(System.nanoTime()).isGreaterThan(end);
        });
    }

    private void connect(String id) {
        String url = caller().post(CREDENTIALS + id + "/connect").then().statusCode(200).extract().path("authorizationUrl");
        String back = keycloak.signIn(url, Marketplace.USER, marketplace.password());
        assertThat(back).startsWith(marketplace.callback() + "?").contains("iss=");
        given().urlEncodingEnabled(false).redirects().follow(false).get(back).then().statusCode(200)
                .body(containsString("Connected"));
    }

    private Response credential(String id) {
        return caller().get(CREDENTIALS + id);
    }

    private List<String> notices() {
        return caller().get("/api/v1/notifications?limit=200").then().statusCode(200).extract().path("items.kind");
    }

    private RequestSpecification caller() {
        return given().baseUri(latchkey.baseUrl()).auth().oauth2(latchkey.token("acme", "ana@acme", "owner"))
                .contentType(ContentType.JSON);
    }
}
