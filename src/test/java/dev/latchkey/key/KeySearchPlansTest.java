package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import dev.latchkey.key.KeyForm.Access;
import dev.latchkey.key.KeyQueries.Filter;
import dev.latchkey.key.KeyView.Status;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Narrowed lists of keys look at few keys: PostgreSQL goes by an index wherever what is wanted is rare. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class KeySearchPlansTest {

    private static final int PAGE = 51;

    @Inject
    Pool database;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    /** A plan that is kept is made for any value, and good for none. */
    @Test
    void aSearchIsPlannedForItsValues() {
        KeySearch.Statement search = KeySearch.of(KeyQueries.SELECT, organization(), new Filter(null, null, null, null, "erp"),
                null, PAGE);

        long kept = database.withConnection(connection -> connection.preparedQuery(search.sql()).execute(search.parameters())
                .flatMap(rows -> connection.preparedQuery("select count(*) from pg_prepared_statements where statement = $1")
                        .execute(Tuple.of(search.sql()))))
                .await().indefinitely().iterator().next().getLong(0);

        assertThat(kept).isZero();
    }

    @Test
    void whatIsRareIsFoundByAnIndex() {
        assertThatRareIsFoundByIndexes(3 * KeySearch.WALKED);
    }

    @Test
    @Tag("scale")
    void amongAHundredThousandKeysBesideOthersAsManyWhatIsRareIsFoundByAnIndex() {
        Api other = Api.ofNewOrganization();
        new ManyKeys(database, UUID.fromString(other.organizationId()), 100_000).usual();
        assertThatRareIsFoundByIndexes(100_000);
    }

    private void assertThatRareIsFoundByIndexes(int count) {
        UUID usual = organization();
        new ManyKeys(database, usual, count).usual();
        api = Api.ofNewOrganization();
        UUID limited = organization();
        UUID madrid = UUID.fromString(api.createStore("madrid"));
        new ManyKeys(database, limited, count).limited(madrid, UUID.fromString(api.createStore("paris")));
        ManyKeys.tidy(database);

        assertFoundBy("api_key_revoked", usual, new Filter(Status.REVOKED, null, null, null, null));
        assertFoundBy("api_key_inactive", usual, new Filter(Status.INACTIVE, null, null, null, null));
        assertFoundBy("api_key_switched_on", usual, new Filter(Status.EXPIRED, null, null, null, null));
        assertFoundBy("api_key_switched_on", limited, new Filter(Status.ACTIVE, null, null, null, null));
        assertFoundBy("api_key_of_some_stores", usual, new Filter(null, Access.Type.STORES, null, null, null));
        assertFoundBy("api_key_of_all_stores", limited, new Filter(null, Access.Type.ALL, null, null, null));
        assertFoundBy("api_key_store_by_store", limited, new Filter(null, null, madrid, null, null));
        assertFoundBy("api_key_search", usual, new Filter(null, null, null, "customers:read", null));
        for (String text : List.of("zürich", "RICH CAR", "Jodler", "000007", "no such text", "cafe0000", "ÿÿ")) {
            assertFoundBy("api_key_search", usual, new Filter(null, null, null, null, text));
        }
        assertFoundBy("api_key_search", usual, new Filter(Status.ACTIVE, Access.Type.ALL, null, "orders:read", "jodler"));
        assertFoundBy("api_key_store_by_store", limited, new Filter(null, null, madrid, "orders:read", "sync"));
        assertWalked(usual, new Filter(null, null, null, null, "sync"));
        assertWalked(usual, new Filter(Status.ACTIVE, Access.Type.ALL, null, "orders:read", "ERP"));
        assertWalked(limited, new Filter(Status.INACTIVE, Access.Type.STORES, null, "orders:write", "o"));
    }

    @Test
    void whatTheOldestAloneHaveIsFoundByAnIndex() {
        assertThatAgedIsFoundByIndexes(2 * KeySearch.WALKED);
    }

    @Test
    @Tag("scale")
    void amongAHundredThousandKeysWhatTheOldestAloneHaveIsFoundByAnIndex() {
        assertThatAgedIsFoundByIndexes(100_000);
    }

    /** Few are looked at where an index has the order; where it has none, each match is counted and hardly any compared. */
    private void assertThatAgedIsFoundByIndexes(int count) {
        UUID madrid = UUID.fromString(api.createStore("madrid"));
        new ManyKeys(database, organization(), count).aged(madrid);
        ManyKeys.tidy(database);

        assertFoundBy("api_key_revoked", organization(), new Filter(Status.REVOKED, null, null, null, null));
        assertFoundBy("api_key_switched_on", organization(), new Filter(Status.EXPIRED, null, null, null, null));
        assertFoundBy("api_key_of_some_stores", organization(), new Filter(null, Access.Type.STORES, null, null, null));
        assertFoundBy("api_key_revoked", organization(), new Filter(Status.REVOKED, Access.Type.STORES, null, null, "legacy"),
                "api_key_of_some_stores");
        for (Filter filter : List.of(new Filter(null, null, null, "legacy:read", null),
                new Filter(null, null, null, null, "legacy"), new Filter(null, null, madrid, "legacy:read", "legacy"))) {
            Plan plan = plan(organization(), filter);
            assertThat(plan.executedIndexes).as(plan.text).contains("api_key_search");
            assertThat(plan.wholeTables).as(plan.text).isEmpty();
            assertThat(plan.mostRows).as(plan.text).isLessThanOrEqualTo(Math.max(KeySearch.WALKED, count / 2));
        }
    }

    private void assertFoundBy(String index, UUID organization, Filter filter, String... orIndexes) {
        Plan plan = plan(organization, filter);
        String shown = filter + "\n" + plan.text;
        assertThat(Stream.concat(Stream.of(index), Arrays.stream(orIndexes)).filter(plan.executedIndexes::contains)).as(shown)
                .isNotEmpty();
        assertThat(plan.wholeTables).as(shown).isEmpty();
        // And those that have expired, which the index of those that are switched on holds too.
        assertThat(plan.mostRows).as("rows that one step looked at, in " + shown)
                .isLessThanOrEqualTo(KeySearch.WALKED + KeySearch.WALKED / 10);
    }

    private void assertWalked(UUID organization, Filter filter) {
        Plan plan = plan(organization, filter);
        assertThat(plan.executedIndexes).as(plan.text).isNotEmpty().doesNotContain("api_key_search");
        assertThat(plan.wholeTables).as(plan.text).isEmpty();
        assertThat(plan.mostRows).as(plan.text).isLessThanOrEqualTo(KeySearch.WALKED + KeySearch.WALKED / 10);
    }

    /** What PostgreSQL did, of what was executed at all. */
    private Plan plan(UUID organization, Filter filter) {
        KeySearch.Statement search = KeySearch.of(KeyQueries.SELECT, organization, filter, null, PAGE);
        Object explained = database.preparedQuery("explain (analyze, format json) " + search.sql())
                .executeAndAwait(search.parameters()).iterator().next().getValue(0);
        JsonArray plans = explained instanceof JsonArray array ? array : new JsonArray(explained.toString());
        Plan plan = new Plan(plans.encodePrettily());
        plan.read(plans.getJsonObject(0).getJsonObject("Plan"));
        return plan;
    }

    private static final class Plan {

        private final String text;
        private final List<String> executedIndexes = new ArrayList<>();
        private final List<String> wholeTables = new ArrayList<>();
        private double mostRows;

        Plan(String text) {
            this.text = text;
        }

        void read(JsonObject node) {
            if (node.getDouble("Actual Loops") > 0) {
                if (node.containsKey("Index Name")) {
                    executedIndexes.add(node.getString("Index Name"));
                }
                // What is shown besides of the keys on the page is not what is looked through; nor are numbers in an index.
                String table = node.getString("Relation Name", "");
                if (table.startsWith("api_key")) {
                    if (node.getString("Node Type").contains("Seq Scan")) {
                        wholeTables.add(table);
                    }
                    mostRows = Math.max(mostRows, node.getDouble("Actual Loops") * (node.getDouble("Actual Rows")
                            + Optional.ofNullable(node.getDouble("Rows Removed by Filter")).orElse(0.0)));
                }
            }
            node.getJsonArray("Plans", new JsonArray()).forEach(child -> read((JsonObject) child));
        }
    }

    private UUID organization() {
        return UUID.fromString(api.organizationId());
    }
}
