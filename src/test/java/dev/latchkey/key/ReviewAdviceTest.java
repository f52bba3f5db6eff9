package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever makes the call that a finding brings breaks nothing: the key still does what it did. */
@QuarkusTest
@NullUnmarked
class ReviewAdviceTest extends ReviewCase {

    private static final Map<String, String> WITHOUT_ADDRESS = Map.of("method", "GET", "path", "/api/v1/orders/17", "store",
            "madrid");

    @BeforeEach
    void twoStores() {
        api.createStore("madrid");
        api.createStore("paris");
    }

    /** One that nobody uses has done nothing that could be broken. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = { "NEVER_USED", "UNUSED_90_DAYS" })
    void afterTheAdvisedCallAKeyDoesWhatItDid(ReviewReason reason) {
        KeyBuilder wanted = (reason == ReviewReason.NO_EXPIRY ? api.aKey() : keys.aKey()).unlimited().scopes("orders:read",
                "orders:write");
        Created key = (reason == ReviewReason.EXPIRING_SOON ? wanted.expiresAt(Instant.now().plus(Duration.ofDays(13)))
                : wanted).create();
        useFrom(key, ReviewReason.MANY_NETWORKS);
        keys.flushedNetworks(key, ReviewReason.MANY_NETWORKS);
        keys.grantedAt(key, "31 days");
        if (reason == ReviewReason.OLDER_THAN_POLICY) {
            keys.age(key, "100 days");
        }

        Response found = api.as("developer").get("/api/v1/keys/review?reason=" + reason.text());
        found.then().body("items.key.id", contains(key.id()));
        ReviewedKeys.make(api.as("developer"), found.path("items[0].action")).then().statusCode(200);

        keys.review("?reason=" + reason.text()).body("items", empty());
        useFrom(key, ReviewReason.MANY_NETWORKS);
    }

    @Test
    void whatIsDeactivatedSinceNobodyUsesItCanBeActivatedAgain() {
        Created key = keys.keyWith(ReviewReason.UNUSED_90_DAYS);
        Response found = api.as("developer").get("/api/v1/keys/review?reason=unused-90-days");
        ReviewedKeys.make(api.as("developer"), found.path("items[0].action")).then().statusCode(200);
        assertThat(api.verdictOn(key.key())).isEqualTo("INACTIVE");

        api.patch(key.id(), Map.of("active", true)).then().statusCode(200);

        keys.verify(key, WITHOUT_ADDRESS);
    }

    @Test
    void aKeyThatIsUsedFromManyNetworksIsFoundAndLimitedToThese() {
        Created key = keys.aKey().unlimited().create();
        useFrom(key, ReviewReason.MANY_NETWORKS - 1);
        keys.flushedNetworks(key, ReviewReason.MANY_NETWORKS - 1);
        keys.grantedAt(key, "31 days");
        keys.review("?reason=shared").body("items", empty());
        useFrom(key, ReviewReason.MANY_NETWORKS);
        keys.flushedNetworks(key, ReviewReason.MANY_NETWORKS);

        Response found = shared();
        found.then().body("items.action.method", contains("PATCH"))
                .body("items[0].action.body.ipAllowList", hasSize(ReviewReason.MANY_NETWORKS))
                .body("items[0].detail", containsString("from 10 networks"));
        ReviewedKeys.make(api.as("developer"), found.path("items[0].action")).then().statusCode(200);

        useFrom(key, ReviewReason.MANY_NETWORKS);
        api.verify(question(key, "198.51.100.7")).body("code", equalTo("IP_FORBIDDEN"));
    }

    @Test
    void aKeyThatSeveralIntegrationsShareIsFoundUntilOneIsLeft() {
        Created key = keys.aKey().create();
        Created another = keys.aKey().create();
        integration(true, key.id());
        integration(false, key.id());
        keys.review("?reason=shared").body("items", empty());
        String newest = integration(true, key.id(), another.id());

        Response found = shared();
        found.then().body("items.key.id", contains(key.id())).body("items[0].detail", containsString("2 integrations"))
                .body("items[0].action.path", equalTo("/api/v1/integrations/" + newest))
                .body("items[0].action.body.keyIds", contains(another.id())).body("items[0].action.allowed", equalTo(true));
        api.as("platform").get("/api/v1/keys/review?reason=shared").then().body("items[0].action.allowed", equalTo(false));
        ReviewedKeys.make(api.as("developer"), found.path("items[0].action")).then().statusCode(200);

        keys.review("?reason=shared").body("items", empty());
        api.asOwner().get("/api/v1/integrations?key=" + key.id()).then().body("items", hasSize(2));
    }

    private String integration(boolean active, String... bound) {
        return api.asOwner().body(Map.of("name", "Stock", "active", active, "keyIds", List.of(bound)))
                .post("/api/v1/integrations").then().statusCode(201).extract().path("id");
    }

    /** Gateways that do not tell where a request comes from would be refused, all of them. */
    @Test
    void aKeyThatWasUsedFromNobodyKnowsWhereIsNotLimitedToNetworks() {
        Created key = keys.aKey().unlimited().create();
        useFrom(key, ReviewReason.MANY_NETWORKS);
        keys.verify(key, WITHOUT_ADDRESS);
        keys.flushedNetworks(key, ReviewReason.MANY_NETWORKS);
        keys.flushedUnknownNetworks(key);
        keys.grantedAt(key, "31 days");

        replaceAsAdvised();

        useFrom(key, ReviewReason.MANY_NETWORKS);
        keys.verify(key, WITHOUT_ADDRESS);
    }

    @Test
    void aKeyThatWasUsedFromMoreNetworksThanAreKeptIsNotLimitedToThose() {
        Created key = keys.aKey().unlimited().create();
        useFrom(key, UsageTable.NETWORKS + 10);
        Eventually.holds(() -> {
            Behind.await(flush::flush);
            keys.review("?reason=shared").body("items", hasSize(1));
        });
        keys.grantedAt(key, "31 days");

        replaceAsAdvised();

        useFrom(key, UsageTable.NETWORKS + 10);
    }

    @Test
    void networksThatAreKnownForTooShortATimeLimitNothing() {
        Created key = keys.aKey().unlimited().create();
        useFrom(key, ReviewReason.MANY_NETWORKS);
        keys.flushedNetworks(key, ReviewReason.MANY_NETWORKS);

        replaceAsAdvised();
    }

    /** The scopes, stores and networks of what it makes cannot exceed its own. */
    @Test
    void aKeyThatMakesKeysKeepsWhatItGivesAway() {
        Created key = keys.aKey().scopes("keys:write", "orders:read", "orders:write").unlimited().create();
        makeAKey(key);
        keys.flushed(key, 2);
        for (int i = 0; i < ReviewReason.MANY_NETWORKS; i++) {
            Map<String, Object> use = new HashMap<>(question(key, "203.0." + i + ".7"));
            use.put("method", "POST");
            use.put("path", "/api/v1/keys");
            api.verify(use).body("code", equalTo("VALID"));
        }
        keys.flushedNetworks(key, ReviewReason.MANY_NETWORKS + 1);
        keys.grantedAt(key, "31 days");

        keys.review("?key=" + key.id()).body("items.reason", contains("shared"));
        replaceAsAdvised();

        makeAKey(key);
    }

    private static void makeAKey(Created key) {
        Api.withKey(key.key()).body(Map.of("name", "Carrier", "scopes", List.of("orders:read", "orders:write"), "access",
                Map.of("type", "all"))).post("/api/v1/keys").then().statusCode(201);
    }

    /** Half of the organization's people may be about to use the old one. */
    private void replaceAsAdvised() {
        Response found = shared();
        found.then().body("items.action.method", contains("POST")).body("items[0].action.path", containsString("/regenerate"))
                .body("items[0].action.body.gracePeriod", equalTo("PT168H"));
        ReviewedKeys.make(api.as("admin"), found.path("items[0].action")).then().statusCode(200);
        keys.review("?reason=shared").body("items", empty());
    }

    private Response shared() {
        Response found = api.as("developer").get("/api/v1/keys/review?reason=shared");
        found.then().body("items", hasSize(1));
        return found;
    }

    private void useFrom(Created key, int networks) {
        for (int i = 0; i < networks; i++) {
            api.verify(question(key, "203.0." + i + ".7")).statusCode(200).body("code", equalTo("VALID"));
        }
    }

    private static Map<String, Object> question(Created key, String ip) {
        Map<String, Object> question = new HashMap<>(WITHOUT_ADDRESS);
        question.put("key", key.key());
        question.put("ip", ip);
        return question;
    }
}
