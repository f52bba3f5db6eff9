package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The review finds what is worth a look, and each finding brings the call that ends it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ReviewTest {

    @Inject
    DataSource database;
    @Inject
    UsageFlush flush;

    private Api api;
    private Behind behind;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        behind = new Behind(database);
    }

    @Test
    void aFreshKeyThatExpiresIsNothingToLookAt() {
        aKey().create();

        review("").body("items", empty()).body("nextCursor", nullValue());
    }

    @ParameterizedTest
    @EnumSource
    void eachFindingIsEndedByTheCallThatItBrings(ReviewReason reason) {
        Created key = keyWith(reason);
        Response found = api.as("developer").get("/api/v1/keys/review?reason=" + reason.text());
        found.then().statusCode(200).body("items.key.id", contains(key.id())).body("items.reason", contains(reason.text()))
                .body("items[0].detail", notNullValue()).body("items[0].action.description", notNullValue())
                .body("items[0].action.allowed", equalTo(true));

        make(api.as("developer"), found.path("items[0].action")).then().statusCode(200);

        review("?reason=" + reason.text()).body("items", empty());
        review("").body("items.reason", not(hasItem(reason.text())));
    }

    @Test
    void findingsSayWhatTheyGoBy() {
        Created old = keyWith(ReviewReason.OLDER_THAN_POLICY);
        Created scopes = keyWith(ReviewReason.UNUSED_SCOPES);
        Created store = keyWith(ReviewReason.ALL_STORES_BUT_USES_ONE);

        finding(old, "older-than-policy").body("items[0].detail",
                equalTo("Has had the same token for 100 days; your organization wants it replaced after 90."));
        finding(scopes, "unused-scopes")
                .body("items[0].detail", containsString("in the last 40 days: orders:write, products:read."))
                .body("items[0].action.body.scopes", contains("orders:read"));
        finding(store, "all-stores-but-uses-one")
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
        List<Created> keys = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            keys.add(keyWith(ReviewReason.NEVER_USED));
        }
        review("").body("items", hasSize(3));
        api.act(keys.get(0).id(), "revoke").then().statusCode(200);
        api.patch(keys.get(1).id(), Map.of("active", false)).then().statusCode(200);
        set(keys.get(2), "expires_at = now() - interval '1 minute'");

        review("").body("items", empty());
    }

    @Test
    void whoMayNotMakeTheCallIsToldSo() {
        keyWith(ReviewReason.UNUSED_90_DAYS);
        Created powerful = aKey().scopes("stores:write").create();
        age(powerful, "100 days");

        api.as("viewer").get("/api/v1/keys/review?reason=unused-90-days").then().body("items.action.allowed", contains(false));
        api.as("developer").get("/api/v1/keys/review?reason=unused-90-days").then().body("items.action.allowed",
                contains(true));
        Response found = api.as("developer").get("/api/v1/keys/review?reason=older-than-policy&key=" + powerful.id());
        found.then().body("items.action.allowed", contains(false));
        make(api.as("developer"), found.path("items[0].action")).then().statusCode(403);
        api.as("admin").get("/api/v1/keys/review?reason=older-than-policy&key=" + powerful.id()).then()
                .body("items.action.allowed", contains(true));
        String reader = aKey().scopes("keys:read", "keys:write").create().key();
        Api.withKey(reader).get("/api/v1/keys/review?reason=older-than-policy&key=" + powerful.id()).then().statusCode(200)
                .body("items.action.allowed", contains(false));
        Api.withKey(reader).get("/api/v1/keys/review?reason=unused-90-days").then().body("items.action.allowed",
                contains(true));
    }

    @Test
    void aKeyThatIsLimitedToStoresReadsNoReview() {
        api.createStore("madrid");
        String key = aKey().scopes("keys:read").stores("madrid").create().key();

        Api.withKey(key).get("/api/v1/keys/review").then().statusCode(403).body("code", equalTo("store-forbidden"));
    }

    @Test
    void whatWasReallyUsedIsWhatCounts() {
        api.createStore("madrid");
        api.createStore("paris");
        Created key = aKey().scopes("orders:read", "orders:write").unlimited().create();
        verify(key, Map.of("method", "GET", "path", "/api/v1/orders/17", "store", "madrid"));
        flushed(key, 2);
        grantedAt(key, "31 days");

        review("").body("items.reason", contains("all-stores-but-uses-one", "unused-scopes"))
                .body("items[1].action.body.scopes", contains("orders:read"));
    }

    @Test
    void whoeverDoesNotSayWhatItNeedsGetsNoAdviceRatherThanWrongAdvice() {
        api.createStore("madrid");
        api.createStore("paris");
        Created key = aKey().scopes("orders:read", "orders:write").unlimited().create();
        verify(key, Map.of("method", "GET", "path", "/api/v1/orders/17", "store", "madrid"));
        verify(key, Map.of());
        flushed(key, 4);
        grantedAt(key, "31 days");

        review("").body("items", empty());
    }

    /** Of our own operations a scope may stand for another, which the key need not hold. */
    @Test
    void aScopeThatStandsForAnotherIsNotCalledUnused() {
        Created key = aKey().scopes("webhooks:manage", "keys:read").unlimited().create();
        Api.withKey(key.key()).get("/api/v1/events").then().statusCode(200);
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(200);
        flushed(key, 3);
        grantedAt(key, "31 days");

        review("?reason=unused-scopes").body("items", empty());
    }

    @Test
    void nothingIsConcludedFromWhatIsKnownForTooShortATime() {
        Created key = keyWith(ReviewReason.UNUSED_SCOPES);
        grantedAt(key, "29 days");
        review("?reason=unused-scopes").body("items", empty());
        grantedAt(key, "31 days");
        review("?reason=unused-scopes").body("items", hasSize(1));

        api.patch(key.id(), Map.of("scopes", List.of("orders:read", "orders:write"))).then().statusCode(200);
        review("?reason=unused-scopes").body("items", hasSize(1));
        api.patch(key.id(), Map.of("scopes", List.of("orders:read", "orders:write", "products:read"))).then().statusCode(200);
        review("?reason=unused-scopes").body("items", empty());
    }

    @Test
    void whatCannotBeToldApartLeadsToNoAdvice() {
        Created scopes = keyWith(ReviewReason.UNUSED_SCOPES);
        Created store = keyWith(ReviewReason.ALL_STORES_BUT_USES_ONE);
        exercised(scopes, "scope", UsedNames.OTHER);
        exercised(store, "store", "a-store-that-is-none");

        review("?reason=unused-scopes").body("items", empty());
        review("?reason=all-stores-but-uses-one").body("items", empty());
    }

    @Test
    void aStoreIsOneWhetherItIsNamedByItsIdOrItsKey() {
        Created key = keyWith(ReviewReason.ALL_STORES_BUT_USES_ONE);
        Object id = behind.query("select id from store where organization_id = ? and key = 'madrid'",
                UUID.fromString(api.organizationId())).get(0);
        exercised(key, "store", id.toString());

        review("?reason=all-stores-but-uses-one").body("items.action.body.access.stores.flatten()", contains("madrid"));
    }

    @Test
    void pagesAreWhatTheWholeListIsWhereverTheyEnd() {
        for (int i = 0; i < 3; i++) {
            Created key = api.aKey().create();
            age(key, "100 days");
        }
        List<String> all = items(review("?limit=200"));
        assertThat(all).hasSize(9);
        assertThat(all.subList(0, 3)).extracting(item -> item.substring(item.indexOf(' ') + 1)).containsExactly("never-used",
                "older-than-policy", "no-expiry");
        assertThat(all.stream().map(item -> item.substring(0, 36)).toList())
                .isSortedAccordingTo((one, other) -> other.compareTo(one));

        for (int limit : new int[] { 1, 2, 3, 4, 8, 9 }) {
            List<String> paged = new ArrayList<>();
            String cursor = null;
            do {
                ValidatableResponse page = review("?limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor));
                assertThat(items(page)).hasSizeLessThanOrEqualTo(limit);
                paged.addAll(items(page));
                cursor = page.extract().path("nextCursor");
            } while (cursor != null);
            assertThat(paged).as("pages of %d", limit).isEqualTo(all);
        }
    }

    @Test
    void aWalkThroughManyKeysEndsAndGoesOnWithTheNextPage() {
        Created oldest = keyWith(ReviewReason.NEVER_USED);
        behind.execute(
                """
                        insert into api_key (id, organization_id, name, active, environment, scopes, all_stores, expires_at, limit_source,
                                             ip_allow_list, metadata, created_by_type, created_by_id, created_by_name, created_at, updated_at)
                        select overlay(gen_random_uuid()::text placing 'ffffffff' from 1 for 8)::uuid, k.organization_id, 'Fine', true, 'live', '{}', true, now() + interval '60 days',
                               'unlimited', '{}', '{}', 'person', 'ana', 'ana', now(), now()
                          from api_key k, generate_series(1, ?) where k.id = ?
                        """,
                ReviewQuery.WALKED, UUID.fromString(oldest.id()));
        behind.execute("""
                insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                select id, id, sha256(convert_to(id::text, 'UTF8')), 'p1', 'lk_live_Fine', 'current', now()
                  from api_key where name = 'Fine' and organization_id = ?
                """, UUID.fromString(api.organizationId()));

        String cursor = review("").body("items", empty()).extract().path("nextCursor");
        assertThat(cursor).isNotNull();
        review("?cursor=" + cursor).body("items.key.id", contains(oldest.id())).body("nextCursor", nullValue());
        review("?key=" + oldest.id()).body("items.key.id", contains(oldest.id())).body("nextCursor", nullValue());
    }

    @Test
    void aListIsNarrowedToAKeyAndToAStore() {
        api.createStore("madrid");
        api.createStore("paris");
        Created everywhere = never(aKey());
        Created inMadrid = never(aKey().stores("madrid"));
        Created inParis = never(aKey().stores("paris"));

        review("?key=" + inParis.id()).body("items.key.id", contains(inParis.id()));
        review("?store=madrid").body("items.key.id", contains(inMadrid.id(), everywhere.id()));
        review("?store=madrid&reason=no-expiry").body("items", empty());
        review("?key=" + UUID.randomUUID()).body("items", empty()).body("nextCursor", nullValue());
        Api.ofNewOrganization().as("owner").get("/api/v1/keys/review?key=" + inParis.id()).then().body("items", empty());
    }

    @Test
    void badFiltersAreSaidToBe() {
        for (String query : List.of("?reason=NEVER_USED", "?key=x", "?store=nowhere", "?limit=0")) {
            api.as("viewer").get("/api/v1/keys/review" + query).then().statusCode(422);
        }
        api.as("viewer").get("/api/v1/keys/review?cursor=x").then().statusCode(400).body("code", equalTo("invalid-cursor"));
    }

    /** A key with that finding, which has at most others that do not matter. */
    private Created keyWith(ReviewReason reason) {
        return switch (reason) {
            case EXPIRING_SOON -> aKey().expiresAt(Instant.now().plus(Duration.ofDays(13))).create();
            case SHARED -> {
                Created key = aKey().create();
                for (int i = 0; i < ReviewReason.MANY_NETWORKS; i++) {
                    behind.execute("insert into key_network (key_id, network, last_seen) values (?, ?, now())",
                            UUID.fromString(key.id()), "203.0." + i + ".0/24");
                }
                yield key;
            }
            case NEVER_USED -> never(aKey());
            case UNUSED_90_DAYS -> {
                Created key = never(aKey());
                behind.execute("""
                        insert into key_last_use (material_id, last_used_at)
                        select id, now() - interval '91 days' from key_material where key_id = ?
                        """, UUID.fromString(key.id()));
                yield key;
            }
            case OLDER_THAN_POLICY -> {
                Created key = aKey().create();
                age(key, "100 days");
                yield key;
            }
            case NO_EXPIRY -> api.aKey().create();
            case ALL_STORES_BUT_USES_ONE -> {
                if (behind.count("select count(*) from store where organization_id = ?", behind.organization(api)) == 0) {
                    api.createStore("madrid");
                    api.createStore("paris");
                }
                Created key = aKey().create();
                grantedAt(key, "40 days");
                exercised(key, "store", "madrid");
                yield key;
            }
            case UNUSED_SCOPES -> {
                Created key = aKey().scopes("orders:read", "orders:write", "products:read").create();
                grantedAt(key, "40 days");
                exercised(key, "scope", "orders:read");
                yield key;
            }
        };
    }

    private KeyBuilder aKey() {
        return api.aKey().expiresAt(Instant.now().plus(Duration.ofDays(60)));
    }

    private Created never(KeyBuilder wanted) {
        Created key = wanted.create();
        set(key, "created_at = now() - interval '31 days'");
        return key;
    }

    private void age(Created key, String time) {
        set(key, "created_at = now() - interval '" + time + "'");
        behind.execute("update key_material set created_at = now() - cast(? as interval) where key_id = ?", time,
                UUID.fromString(key.id()));
    }

    private void grantedAt(Created key, String ago) {
        set(key, "granted_at = now() - interval '" + ago + "'");
    }

    private void set(Created key, String change) {
        assertThat(behind.execute("update api_key set " + change + " where id = ?", UUID.fromString(key.id()))).isEqualTo(1);
    }

    private void exercised(Created key, String kind, String name) {
        behind.execute("insert into key_exercise (key_id, kind, name, last_at) values (?, ?, ?, now())",
                UUID.fromString(key.id()), kind, name);
    }

    private void verify(Created key, Map<String, ?> question) {
        Map<String, Object> body = new HashMap<>(question);
        body.put("key", key.key());
        api.verify(body).statusCode(200).body("code", equalTo("VALID"));
    }

    /** Until so many names have been written for it; flushes unless the application is just about it. */
    private void flushed(Created key, int names) {
        Eventually.holds(() -> {
            Behind.await(flush::flush);
            assertThat(behind.count("select count(*) from key_exercise where key_id = ?", UUID.fromString(key.id())))
                    .isEqualTo(names);
        });
    }

    private ValidatableResponse review(String query) {
        return api.as("viewer").get("/api/v1/keys/review" + query).then().statusCode(200);
    }

    private ValidatableResponse finding(Created key, String reason) {
        return review("?reason=" + reason + "&key=" + key.id()).body("items", hasSize(1));
    }

    private static Response make(RequestSpecification caller, Map<String, ?> action) {
        return caller.body(action.get("body")).request((String) action.get("method"), (String) action.get("path"));
    }

    private static List<String> items(ValidatableResponse page) {
        List<String> ids = page.extract().path("items.key.id");
        List<String> reasons = page.extract().path("items.reason");
        List<String> items = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            items.add(ids.get(i) + " " + reasons.get(i));
        }
        return items;
    }
}
