package dev.latchkey.tenant;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class OrganizationDeletionTest {

    private static final String PATH = "/api/v1/organizations/";
    /** What is delivered has no foreign key, which would cost more than the rest of a delivery; it goes all the same. */
    private static final List<String> WITHOUT_REFERENCE = List.of("webhook_queue", "delivery");
    /** By which an attempt is known again, which names no organization. */
    private static final int ODD_MILLIS = 987_654;

    @Inject
    Pool database;

    private Api api;
    private String id;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        id = api.organizationId();
    }

    @Test
    void fromTheAnswerOnItIsNobodysAndThenItIsGone() {
        api.createStore("madrid");
        var key = api.aKey().stores("madrid").create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
        leaveSomethingOfEachKind();
        whileNothingIsDeleted(() -> {
            platform().delete(PATH + id).then().statusCode(202).body("state", equalTo("deleting"))
                    .body("deletion.requestedAt", notNullValue()).body("deletion.rowsDeleted", equalTo(0))
                    .header("Location", equalTo(PATH + id));

            platform().body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().body("code", equalTo("NOT_FOUND"));
            Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(401).body("code", equalTo("invalid-key"));
            api.asOwner().get("/api/v1/keys").then().statusCode(403).body("code", equalTo("organization-deleting"))
                    .body("detail", containsString("is being deleted"));
            platform().header("X-Organization", api.organization()).get("/api/v1/keys").then().statusCode(403).body("code",
                    equalTo("organization-deleting"));
            api.asPlatform().get(PATH + id).then().statusCode(200).body("state", equalTo("deleting"));
            platform().get("/api/v1/organizations?active=false&q=" + api.organization()).then().body("items", hasSize(1));
            platform().body(Map.of("active", true)).patch(PATH + id).then().statusCode(409);
            platform().body(Map.of("key", api.organization(), "name", "x")).post("/api/v1/organizations").then()
                    .statusCode(409).body("detail", containsString("being deleted"));
            platform().delete(PATH + id).then().statusCode(202);
        });

        awaitGone();
        assertNothingIsLeft();
        assertThat(
                database.preparedQuery("select count(*) from attempt where took_ms = $1").executeAndAwait(Tuple.of(ODD_MILLIS))
                        .iterator().next().getLong(0))
                .as("attempts").isZero();
        api.asOwner().get("/api/v1/organization").then().statusCode(200).body("id", not(equalTo(id))).body("state",
                equalTo("active"));
    }

    private void leaveSomethingOfEachKind() {
        api.aKey().withSecret().recoverable().methods("GET /api/v1/orders").create();
        Foreign imported = Foreign.key(Foreign.aPrefix());
        Foreign.imported(api, imported.line());
        api.asPlatform().body(List.of(Map.of("token", imported.token()))).post("/api/v1/leaks").then().statusCode(200)
                .body("items.status", equalTo(List.of("revoked")));
        leaveDeliveries();
        for (String table : List.of("webhook", "webhook_lane", "webhook_queue", "delivery", "key_copy", "data_key",
                "foreign_prefix", "key_leak")) {
            assertThat(countOf(table, UUID.fromString(id))).as(table).isEqualTo(1);
        }
    }

    /** One that waits, of a webhook of which nothing else is. */
    private void leaveDeliveries() {
        String webhook = api.asOwner()
                .body(Map.of("url", "http://127.0.0.1:9/", "events", List.of("order.create"), "active", false))
                .post("/api/v1/webhooks").then().statusCode(201).extract().path("id");
        run("""
                insert into delivery (id, at, organization_id, webhook_id, event_id)
                values (gen_random_uuid(), now(), $1, $2, gen_random_uuid())
                """, UUID.fromString(id), UUID.fromString(webhook));
        run("""
                insert into attempt (delivery_id, at, id, started_at, took_ms)
                select id, at, gen_random_uuid(), now(), $2 from delivery where organization_id = $1
                """, UUID.fromString(id), ODD_MILLIS);
        run("""
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                select id, webhook_id, organization_id, event_id, at, now(), 1 from delivery where organization_id = $1
                """, UUID.fromString(id));
    }

    @Test
    void aBigOneGoesInBatchesThatTellHowFarTheyAreAndNothingElseGoes() {
        Api other = Api.ofNewOrganization();
        var otherKey = other.aKey().create();
        String otherStore = other.createStore("madrid");
        fill(4_000);
        platform().delete(PATH + id).then().statusCode(202);
        Set<Integer> seen = new TreeSet<>();
        Eventually.holds(() -> {
            var progress = platform().get(PATH + id);
            if (progress.statusCode() == 200) {
                seen.add(progress.<Integer> path("deletion.rowsDeleted"));
            }
            assertThat(progress.statusCode()).isEqualTo(404);
        });

        assertThat(seen).as("told on the way").hasSizeGreaterThan(2);
        assertThat(seen).allSatisfy(told -> assertThat((long) told).isBetween(0L, 28_100L));
        assertNothingIsLeft();
        assertThat(other.verdictOn(otherKey.key())).isEqualTo("VALID");
        other.asOwner().get("/api/v1/stores/" + otherStore).then().statusCode(200);
    }

    @Test
    void tablesOfLaterFeaturesGoAlongWhoeverHoldsThem() {
        run("""
                create table a_later_feature (id uuid primary key,
                    organization_id uuid not null references organization (id) on delete cascade)
                """);
        run("""
                create table b_later_holder (organization_id uuid not null references organization (id) on delete cascade,
                    held uuid not null references a_later_feature (id) on delete restrict)
                """);
        run("""
                create table c_later_parts (organization_id uuid not null references organization (id) on delete cascade,
                    day integer not null) partition by range (day)
                """);
        try {
            run("create table c_later_parts_1 partition of c_later_parts for values from (0) to (1)");
            run("create table c_later_parts_2 partition of c_later_parts for values from (1) to (2)");
            Api other = Api.ofNewOrganization();
            UUID others = UUID.fromString(other.organizationId());
            UUID ours = UUID.fromString(id);
            // In turn, so that the same places in both partitions belong to the one and to the other.
            for (UUID owner : List.of(ours, others)) {
                for (int day = 0; day < 2; day++) {
                    database.preparedQuery("insert into c_later_parts select $1, $2 from generate_series(1, 700)")
                            .executeAndAwait(Tuple.of(owner.equals(ours) == (day == 0) ? ours : others, day));
                }
            }
            database.preparedQuery("insert into c_later_parts select $1, 1 from generate_series(1, 700)")
                    .executeAndAwait(Tuple.of(ours));
            database.preparedQuery("insert into a_later_feature select gen_random_uuid(), $1 from generate_series(1, 1200)")
                    .executeAndAwait(Tuple.of(ours));
            database.preparedQuery("insert into b_later_holder select $1, id from a_later_feature where organization_id = $1")
                    .executeAndAwait(Tuple.of(ours));
            long theirs = countOf("c_later_parts", others);

            platform().delete(PATH + id).then().statusCode(202);
            awaitGone();

            assertThat(countOf("a_later_feature", ours) + countOf("b_later_holder", ours) + countOf("c_later_parts", ours))
                    .isZero();
            assertThat(countOf("c_later_parts", others)).isEqualTo(theirs).isPositive();
        } finally {
            run("drop table if exists c_later_parts, b_later_holder, a_later_feature");
        }
    }

    @Test
    void everyTableOfAnOrganizationGoesWithIt() {
        List<String> kept = database.query("""
                select c.oid::regclass::text
                  from pg_class c
                  join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
                 where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                   and not exists (select from pg_constraint k
                                    where k.conrelid = c.oid and k.contype = 'f' and k.confrelid = 'organization'::regclass
                                      and k.confdeltype = 'c' and k.conkey = array[a.attnum])
                """).executeAndAwait().stream().map(row -> row.getString(0))
                .filter(table -> WITHOUT_REFERENCE.stream().noneMatch(table::startsWith)).toList();
        assertThat(kept).as("tables whose organization_id does not reference organization with on delete cascade").isEmpty();
    }

    /** As if somebody were still writing a row of the organization: the deletion passes it over meanwhile. */
    private void whileNothingIsDeleted(Runnable work) {
        SqlConnection writer = database.getConnectionAndAwait();
        try {
            Transaction transaction = writer.beginAndAwait();
            writer.preparedQuery("select from organization where id = $1 for key share")
                    .executeAndAwait(Tuple.of(UUID.fromString(id)));
            work.run();
            transaction.rollbackAndAwait();
        } finally {
            writer.closeAndAwait();
        }
    }

    private void awaitGone() {
        Eventually.holds(() -> platform().get(PATH + id).then().statusCode(404));
    }

    /** In every table that has a column for it. */
    private void assertNothingIsLeft() {
        for (Row row : database.query("""
                select table_name from information_schema.columns
                 where column_name = 'organization_id' and table_schema = 'public'
                """).executeAndAwait()) {
            assertThat(countOf(row.getString(0), UUID.fromString(id))).as(row.getString(0)).isZero();
        }
    }

    /** Keys with material, each limited to a store of its own, and notifications. */
    private void fill(int each) {
        UUID organization = UUID.fromString(id);
        run("insert into store (id, organization_id, key, name, created_at, updated_at)"
                + " select gen_random_uuid(), $1, 's' || i, 's', now(), now() from generate_series(1, $2) i", organization,
                each);
        run("""
                insert into api_key (id, organization_id, name, active, environment, scopes, all_stores, limit_source,
                                     ip_allow_list, metadata, created_by_type, created_by_id, created_by_name, created_at,
                                     updated_at)
                select gen_random_uuid(), $1, 'k', true, 'live', '{}', false, 'organization', '{}', '{}', 'person', 'x', 'x',
                       now(), now() from generate_series(1, $2)
                """, organization, each);
        run("""
                insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                select gen_random_uuid(), id, sha256(id::text::bytea), 'p1', 'lk', 'current', now()
                  from api_key where organization_id = $1
                """, organization);
        run("""
                insert into key_usage (key_id, kind, hour, name, count)
                select id, 'verdict', date_trunc('hour', now()), code, 1
                  from api_key cross join (values ('VALID'), ('EXPIRED')) c (code) where organization_id = $1
                """, organization);
        run("""
                insert into api_key_store (key_id, store_id)
                select k.id, s.id from (select id, row_number() over () n from api_key where organization_id = $1) k
                  join (select id, row_number() over () n from store where organization_id = $1) s using (n)
                """, organization);
        run("""
                insert into notification (id, organization_id, kind, episode, target_type, target_id, target_name, parameters, at)
                select gen_random_uuid(), $1, 'x', i, 'x', $1, 'x', '{}', now() from generate_series(1, $2) i
                """,
                organization, each);
    }

    private long countOf(String table, UUID organization) {
        return database.preparedQuery("select count(*) from " + table + " where organization_id = $1")
                .executeAndAwait(Tuple.of(organization)).iterator().next().getLong(0);
    }

    private void run(String sql, Object... values) {
        database.preparedQuery(sql).executeAndAwait(Tuple.from(values));
    }

    private static RequestSpecification platform() {
        return given().auth().oauth2(Tokens.withoutOrganization("operator", "platform")).contentType("application/json");
    }
}
