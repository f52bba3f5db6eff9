package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder;
import dev.latchkey.testing.KeyBuilder.Created;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;

/** Keys that have something to be found, and the review of them. */
@NullUnmarked
final class ReviewedKeys {

    private final Api api;
    private final Behind behind;
    private final UsageFlush flush;

    ReviewedKeys(Api api, Behind behind, UsageFlush flush) {
        this.api = api;
        this.behind = behind;
        this.flush = flush;
    }

    /** A key with that finding, which has at most others that do not matter. */
    Created keyWith(ReviewReason reason) {
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

    KeyBuilder aKey() {
        return api.aKey().expiresAt(Instant.now().plus(Duration.ofDays(60)));
    }

    Created never(KeyBuilder wanted) {
        Created key = wanted.create();
        set(key, "created_at = now() - interval '31 days'");
        return key;
    }

    void age(Created key, String time) {
        set(key, "created_at = now() - interval '" + time + "'");
        behind.execute("update key_material set created_at = now() - cast(? as interval) where key_id = ?", time,
                UUID.fromString(key.id()));
    }

    void grantedAt(Created key, String ago) {
        set(key, "granted_at = now() - interval '" + ago + "'");
    }

    void set(Created key, String change) {
        assertThat(behind.execute("update api_key set " + change + " where id = ?", UUID.fromString(key.id()))).isEqualTo(1);
    }

    void exercised(Created key, String kind, String name) {
        behind.execute("insert into key_exercise (key_id, kind, name, last_at) values (?, ?, ?, now())",
                UUID.fromString(key.id()), kind, name);
    }

    void verify(Created key, Map<String, ?> question) {
        Map<String, Object> body = new HashMap<>(question);
        body.put("key", key.key());
        api.verify(body).statusCode(200).body("code", equalTo("VALID"));
    }

    /** Until so many names have been written for it; flushes unless the application is just about it. */
    void flushed(Created key, int names) {
        flushed("select count(*) from key_exercise where kind <> 'network' and key_id = ?", key, names);
    }

    /** Until so many networks have been written for it. */
    void flushedNetworks(Created key, int networks) {
        flushed("select count(*) from key_network where key_id = ?", key, networks);
    }

    /** Until it has been noted that not all networks of it are known. */
    void flushedUnknownNetworks(Created key) {
        flushed("select count(*) from key_exercise where kind = 'network' and key_id = ?", key, 1);
    }

    private void flushed(String count, Created key, int rows) {
        Eventually.holds(() -> {
            Behind.await(flush::flush);
            assertThat(behind.count(count, UUID.fromString(key.id()))).isEqualTo(rows);
        });
    }

    ValidatableResponse review(String query) {
        return api.as("viewer").get("/api/v1/keys/review" + query).then().statusCode(200);
    }

    ValidatableResponse finding(Created key, String reason) {
        return review("?reason=" + reason + "&key=" + key.id()).body("items", hasSize(1));
    }

    static Response make(RequestSpecification caller, Map<String, ?> action) {
        return caller.body(action.get("body")).request((String) action.get("method"), (String) action.get("path"));
    }

    static List<String> items(ValidatableResponse page) {
        List<String> ids = page.extract().path("items.key.id");
        List<String> reasons = page.extract().path("items.reason");
        List<String> items = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            items.add(ids.get(i) + " " + reasons.get(i));
        }
        return items;
    }
}
