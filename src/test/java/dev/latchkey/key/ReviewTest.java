package dev.latchkey.key;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The review finds what is worth a look, and each finding brings the call that ends it. */
@QuarkusTest
@NullUnmarked
class ReviewTest extends ReviewCase {

    @Test
    void aFreshKeyThatExpiresIsNothingToLookAt() {
        keys.aKey().create();

        keys.review("").body("items", empty()).body("nextCursor", nullValue());
    }

    @ParameterizedTest
    @EnumSource
    void eachFindingIsEndedByTheCallThatItBrings(ReviewReason reason) {
        Created key = keys.keyWith(reason);
        Response found = api.as("developer").get("/api/v1/keys/review?reason=" + reason.text());
        found.then().statusCode(200).body("items.key.id", contains(key.id())).body("items.reason", contains(reason.text()))
                .body("items[0].detail", notNullValue()).body("items[0].action.description", notNullValue())
                .body("items[0].action.allowed", equalTo(true));

        ReviewedKeys.make(api.as("developer"), found.path("items[0].action")).then().statusCode(200);

        keys.review("?reason=" + reason.text()).body("items", empty());
        keys.review("").body("items.reason", not(hasItem(reason.text())));
    }

    @Test
    void findingsSayWhatTheyGoBy() {
        Created old = keys.keyWith(ReviewReason.OLDER_THAN_POLICY);
        Created scopes = keys.keyWith(ReviewReason.UNUSED_SCOPES);
        Created store = keys.keyWith(ReviewReason.ALL_STORES_BUT_USES_ONE);

        keys.finding(old, "older-than-policy").body("items[0].detail",
                equalTo("Has had the same token for 100 days; your organization wants it replaced after 90."));
        keys.finding(scopes, "unused-scopes")
                .body("items[0].detail", containsString("in the last 40 days: orders:write, products:read."))
                .body("items[0].action.body.scopes", contains("orders:read"));
        keys.finding(store, "all-stores-but-uses-one")
                .body("items[0].detail", containsString("for madrid alone in the last 40 days"))
                .body("items[0].action.body.access.stores", contains("madrid"));
        api.as("viewer").header("Accept-Language", "es-MX").get("/api/v1/keys/review?reason=unused-scopes").then()
                .header("Content-Language", "es").header("Vary", containsString("Accept-Language"))
                .body("items[0].detail",
                        equalTo("Tiene permisos que no ha usado en los últimos 40 días: orders:write, products:read."))
                .body("items[0].action.description", equalTo("Dejarle los permisos que usa."));
    }

    @Test
    void whatIsRefusedAnywayIsNotReviewed() {
        List<Created> created = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            created.add(keys.keyWith(ReviewReason.NEVER_USED));
        }
        keys.review("").body("items", hasSize(3));
        api.act(created.get(0).id(), "revoke").then().statusCode(200);
        api.patch(created.get(1).id(), Map.of("active", false)).then().statusCode(200);
        keys.set(created.get(2), "expires_at = now() - interval '1 minute'");

        keys.review("").body("items", empty());
    }

    @Test
    void whoMayNotMakeTheCallIsToldSo() {
        keys.keyWith(ReviewReason.UNUSED_90_DAYS);
        Created powerful = keys.aKey().scopes("stores:write").create();
        keys.age(powerful, "100 days");

        api.as("viewer").get("/api/v1/keys/review?reason=unused-90-days").then().body("items.action.allowed", contains(false));
        api.as("developer").get("/api/v1/keys/review?reason=unused-90-days").then().body("items.action.allowed",
                contains(true));
        Response found = api.as("developer").get("/api/v1/keys/review?reason=older-than-policy&key=" + powerful.id());
        found.then().body("items.action.allowed", contains(false));
        ReviewedKeys.make(api.as("developer"), found.path("items[0].action")).then().statusCode(403);
        api.as("admin").get("/api/v1/keys/review?reason=older-than-policy&key=" + powerful.id()).then()
                .body("items.action.allowed", contains(true));
        String reader = keys.aKey().scopes("keys:read", "keys:write").create().key();
        Api.withKey(reader).get("/api/v1/keys/review?reason=older-than-policy&key=" + powerful.id()).then().statusCode(200)
                .body("items.action.allowed", contains(false));
        Api.withKey(reader).get("/api/v1/keys/review?reason=unused-90-days").then().body("items.action.allowed",
                contains(true));
    }

    @Test
    void aKeyThatIsLimitedToStoresReadsNoReview() {
        api.createStore("madrid");
        String key = keys.aKey().scopes("keys:read").stores("madrid").create().key();

        Api.withKey(key).get("/api/v1/keys/review").then().statusCode(403).body("code", equalTo("store-forbidden"));
    }
}
