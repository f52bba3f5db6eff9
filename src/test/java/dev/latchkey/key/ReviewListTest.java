package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The list of findings is one, wherever its pages end and however it is narrowed. */
@QuarkusTest
@NullUnmarked
class ReviewListTest extends ReviewCase {

    @Test
    void pagesAreWhatTheWholeListIsWhereverTheyEnd() {
        for (int i = 0; i < 3; i++) {
            Created key = api.aKey().create();
            keys.age(key, "100 days");
        }
        List<String> all = ReviewedKeys.items(keys.review("?limit=200"));
        assertThat(all).hasSize(9);
        assertThat(all.subList(0, 3)).extracting(item -> item.substring(item.indexOf(' ') + 1)).containsExactly("never-used",
                "older-than-policy", "no-expiry");
        assertThat(all.stream().map(item -> item.substring(0, 36)).toList())
                .isSortedAccordingTo((one, other) -> other.compareTo(one));

        for (int limit : new int[] { 1, 2, 3, 4, 8, 9 }) {
            List<String> paged = new ArrayList<>();
            String cursor = null;
            do {
                ValidatableResponse page = keys.review("?limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor));
                assertThat(ReviewedKeys.items(page)).hasSizeLessThanOrEqualTo(limit);
                paged.addAll(ReviewedKeys.items(page));
                cursor = page.extract().path("nextCursor");
            } while (cursor != null);
            assertThat(paged).as("pages of %d", limit).isEqualTo(all);
        }
    }

    @Test
    void aWalkThroughManyKeysEndsAndGoesOnWithTheNextPage() {
        Created oldest = keys.keyWith(ReviewReason.NEVER_USED);
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

        String cursor = keys.review("").body("items", empty()).extract().path("nextCursor");
        assertThat(cursor).isNotNull();
        keys.review("?cursor=" + cursor).body("items.key.id", contains(oldest.id())).body("nextCursor", nullValue());
        keys.review("?key=" + oldest.id()).body("items.key.id", contains(oldest.id())).body("nextCursor", nullValue());
    }

    @Test
    void aListIsNarrowedToAKeyAndToAStore() {
        api.createStore("madrid");
        api.createStore("paris");
        Created everywhere = keys.never(keys.aKey());
        Created inMadrid = keys.never(keys.aKey().stores("madrid"));
        Created inParis = keys.never(keys.aKey().stores("paris"));

        keys.review("?key=" + inParis.id()).body("items.key.id", contains(inParis.id()));
        keys.review("?store=madrid").body("items.key.id", contains(inMadrid.id(), everywhere.id()));
        keys.review("?store=madrid&reason=no-expiry").body("items", empty());
        keys.review("?key=" + UUID.randomUUID()).body("items", empty()).body("nextCursor", nullValue());
        Api.ofNewOrganization().as("owner").get("/api/v1/keys/review?key=" + inParis.id()).then().body("items", empty());
    }

    @Test
    void badFiltersAreSaidToBe() {
        for (String query : List.of("?reason=NEVER_USED", "?key=x", "?store=nowhere", "?limit=0")) {
            api.as("viewer").get("/api/v1/keys/review" + query).then().statusCode(422);
        }
        api.as("viewer").get("/api/v1/keys/review?cursor=x").then().statusCode(400).body("code", equalTo("invalid-cursor"));
    }
}
