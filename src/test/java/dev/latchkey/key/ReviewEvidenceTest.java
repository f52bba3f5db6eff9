package dev.latchkey.key;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a key does not use is concluded from what it used, and from nothing less than that. */
@QuarkusTest
@NullUnmarked
class ReviewEvidenceTest extends ReviewCase {

    @Test
    void whatWasReallyUsedIsWhatCounts() {
        api.createStore("madrid");
        api.createStore("paris");
        Created key = keys.aKey().scopes("orders:read", "orders:write").unlimited().create();
        keys.verify(key, Map.of("method", "GET", "path", "/api/v1/orders/17", "store", "madrid"));
        keys.flushed(key, 2);
        keys.grantedAt(key, "31 days");

        keys.review("").body("items.reason", contains("all-stores-but-uses-one", "unused-scopes"))
                .body("items[1].action.body.scopes", contains("orders:read"));
    }

    @Test
    void whoeverDoesNotSayWhatItNeedsGetsNoAdviceRatherThanWrongAdvice() {
        api.createStore("madrid");
        api.createStore("paris");
        Created key = keys.aKey().scopes("orders:read", "orders:write").unlimited().create();
        keys.verify(key, Map.of("method", "GET", "path", "/api/v1/orders/17", "store", "madrid"));
        keys.verify(key, Map.of());
        keys.flushed(key, 4);
        keys.grantedAt(key, "31 days");

        keys.review("").body("items", empty());
    }

    @Test
    void aScopeThatStandsForAnotherIsNotCalledUnused() {
        Created key = keys.aKey().scopes("webhooks:manage", "keys:read").unlimited().create();
        Api.withKey(key.key()).get("/api/v1/events").then().statusCode(200);
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(200);
        keys.flushed(key, 3);
        keys.grantedAt(key, "31 days");

        keys.review("?reason=unused-scopes").body("items", empty());
    }

    @Test
    void nothingIsConcludedFromWhatIsKnownForTooShortATime() {
        Created key = keys.keyWith(ReviewReason.UNUSED_SCOPES);
        keys.grantedAt(key, "29 days");
        keys.review("?reason=unused-scopes").body("items", empty());
        keys.grantedAt(key, "31 days");
        keys.review("?reason=unused-scopes").body("items", hasSize(1));

        api.patch(key.id(), Map.of("scopes", List.of("orders:read", "orders:write"))).then().statusCode(200);
        keys.review("?reason=unused-scopes").body("items", hasSize(1));
        api.patch(key.id(), Map.of("scopes", List.of("orders:read", "orders:write", "products:read"))).then().statusCode(200);
        keys.review("?reason=unused-scopes").body("items", empty());
    }

    @Test
    void whatCannotBeToldApartLeadsToNoAdvice() {
        Created scopes = keys.keyWith(ReviewReason.UNUSED_SCOPES);
        Created store = keys.keyWith(ReviewReason.ALL_STORES_BUT_USES_ONE);
        keys.exercised(scopes, "scope", UsedNames.OTHER);
        keys.exercised(store, "store", "a-store-that-is-none");

        keys.review("?reason=unused-scopes").body("items", empty());
        keys.review("?reason=all-stores-but-uses-one").body("items", empty());
    }

    @Test
    void aStoreIsOneWhetherItIsNamedByItsIdOrItsKey() {
        Created key = keys.keyWith(ReviewReason.ALL_STORES_BUT_USES_ONE);
        Object id = behind.query("select id from store where organization_id = ? and key = 'madrid'",
                UUID.fromString(api.organizationId())).get(0);
        keys.exercised(key, "store", id.toString());

        keys.review("?reason=all-stores-but-uses-one").body("items.action.body.access.stores.flatten()", contains("madrid"));
    }
}
