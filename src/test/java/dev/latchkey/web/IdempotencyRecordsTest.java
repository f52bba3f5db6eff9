package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import jakarta.inject.Inject;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.vertx.RunOnVertxContext;
import io.quarkus.test.vertx.UniAsserter;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import org.junit.jupiter.api.Test;

/** What stands in the table: nothing that can be read, nothing of what was rolled back, nothing for longer than promised. */
@QuarkusTest
class IdempotencyRecordsTest extends IdempotencyCase {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String FIELDS = "id, body_mac, answer, answer_dies_at, created_at, expires_at";
    @Inject
    IdempotencyRecords records;

    @Test
    void nothingInTheTableCanBeRead() {
        Response created = create("Secret purpose");
        String dump = rows.dump();

        assertThat(dump).as("something is kept").contains(created.<String> path("id"));
        assertThat(dump).doesNotContain(once).doesNotContain(created.<String> path("key"))
                .doesNotContain(created.<String> path("key").substring(8)).doesNotContain("Secret purpose")
                .doesNotContain("no-store").doesNotContain("orders:read");
        assertThat(dump.toLowerCase(Locale.ROOT)).doesNotContain(hex(once)).doesNotContain(hex(created.path("key")));
    }

    @Test
    void aChangeThatFailsLeavesNothingAndIsTriedAnew() {
        rows.execute("""
                create function refuse_key() returns trigger language plpgsql as
                $$ begin raise exception 'out of order' using errcode = '58000'; end $$
                """);
        rows.execute("create trigger refuse_key before insert on key_material for each row "
                + "when (new.start like 'broken_%') execute function refuse_key()");
        rows.execute("insert into organization (id, key, name, key_prefix) values ($1, $2, $2, 'broken')", UUID.randomUUID(),
                api.organization());
        try {
            create("ERP").then().statusCode(500);
            assertThat(rows.count()).isZero();
        } finally {
            rows.execute("drop trigger refuse_key on key_material");
            rows.execute("drop function refuse_key");
        }

        create("ERP").then().statusCode(201);
        assertThat(api.asOwner().get("/api/v1/keys").<List<String>> path("items.id")).hasSize(1);
    }

    @Test
    void whileTheFirstOneRunsARepeatIsToldSoAndDoesNotWait() {
        CompletableFuture<Response> first;
        SqlConnection other = database.getConnectionAndAwait();
        Transaction blocking = holdOrganization(other);
        try {
            first = CompletableFuture.supplyAsync(() -> create("ERP"));
            awaitBlocked();
            Response repeat = create("ERP");
            assertThat(repeat.statusCode()).isEqualTo(409);
            assertThat(repeat.<String> path("code")).isEqualTo("idempotency-running");
            assertThat(repeat.header("Retry-After")).isEqualTo("1");
        } finally {
            blocking.rollbackAndAwait();
            other.closeAndAwait();
        }
        assertThat(first.join().statusCode()).isEqualTo(201);
        assertThat(create("ERP").header("Idempotency-Replayed")).isEqualTo("true");
    }

    @Test
    void aChangeThatDiesHalfwayLeavesNothingAndIsTriedAnew() {
        SqlConnection other = database.getConnectionAndAwait();
        Transaction blocking = holdOrganization(other);
        try {
            CompletableFuture<Response> first = CompletableFuture.supplyAsync(() -> create("ERP"));
            int pid = awaitBlocked();
            rows.execute("select pg_terminate_backend($1)", pid);
            assertThat(first.join().statusCode()).isEqualTo(503);
        } finally {
            blocking.rollbackAndAwait();
            other.closeAndAwait();
        }
        assertThat(rows.count()).isZero();

        Response repeat = create("ERP");
        assertThat(repeat.statusCode()).isEqualTo(201);
        assertThat(repeat.header("Idempotency-Replayed")).isNull();
    }

    @Test
    void anAnswerOpensOnlyInItsOwnRow() {
        create("ERP");
        String first = once;
        once = UUID.randomUUID().toString();
        create("ERP");
        rows.execute("""
                update idempotency i set answer = (select o.answer from idempotency o
                                                    where o.organization_id = i.organization_id and o.id <> i.id),
                       created_at = created_at - interval '1 minute'
                 where organization_id = (select id from organization where key = $1)
                """, api.organization());

        assertThat(create("ERP").<String> path("code")).isEqualTo("idempotency-answer-gone");
        once = first;
        assertThat(create("ERP").<String> path("code")).isEqualTo("idempotency-answer-gone");
    }

    @Test
    void anOrganizationTakesItsRecordsAlong() {
        create("ERP");
        UUID id = rows
                .execute("select id from idempotency where organization_id = (select id from organization where key = $1)",
                        api.organization())
                .iterator().next().getUUID(0);
        rows.execute("delete from organization where key = $1", api.organization());

        assertThat(rows.execute("select from idempotency where id = $1", id).rowCount()).isZero();
    }

    @Test
    void thePurgeRemovesWhatHasExpiredInBatchesAndNothingElse() {
        String mine = UUID.randomUUID().toString();
        String insert = "insert into idempotency (" + FIELDS + ") select md5($1 || n)::uuid, sha256('x'), 'answer', ";
        rows.execute(insert + "null, now(), now() - interval '1 second' from generate_series(1, 2500) n", mine + "expired");
        rows.execute(insert + "now() - interval '1 second', now(), now() + interval '1 hour' from generate_series(1, 1100) n",
                mine + "dead");
        rows.execute(insert + "now() + interval '1 hour', now(), now() + interval '1 hour' from generate_series(1, 3) n",
                mine + "live");

        records.purge().await().atMost(PATIENCE);

        String count = "select count(*), count(answer) from idempotency where id in (select md5($1 || n)::uuid from generate_series(1, 2500) n)";
        assertThat(rows.execute(count, mine + "expired").iterator().next().getLong(0)).isZero();
        assertThat(rows.execute(count, mine + "dead").iterator().next().getLong(0)).isEqualTo(1100);
        assertThat(rows.execute(count, mine + "dead").iterator().next().getLong(1)).as("answers").isZero();
        assertThat(rows.execute(count, mine + "live").iterator().next().getLong(1)).isEqualTo(3);
    }

    @Test
    @RunOnVertxContext
    void whilePeppersRotateARecordIsFoundByItsFormerName(UniAsserter asserter) {
        UUID former = UUID.randomUUID();
        UUID current = UUID.randomUUID();
        asserter.execute(() -> database.preparedQuery("insert into idempotency (" + FIELDS
                + ") values ($1, sha256('x'), null, null, now(), now() + interval '1 hour')").execute(Tuple.of(former)));
        // One that has expired under the new name hides nothing.
        asserter.execute(() -> database.preparedQuery("insert into idempotency (" + FIELDS
                + ") values ($1, sha256('x'), null, null, now(), now() - interval '1 second')").execute(Tuple.of(current)));
        for (List<UUID> names : List.of(List.of(current, former), List.of(former, current))) {
            asserter.assertThat(() -> Panache.withTransaction(() -> records.claim(names)),
                    claim -> assertThat(claim.orElseThrow().earlier()).isNotNull().extracting(row -> row.id)
                            .isEqualTo(former));
        }
    }

    private Response create(String name) {
        return api.aKey().with("name", name).requestedBy(api.asOwner().header("Idempotency-Key", once));
    }

    /** Whoever inserts a key of the organization waits for the end of the transaction. */
    private Transaction holdOrganization(SqlConnection other) {
        api.asOwner().get("/api/v1/keys").then().statusCode(200);
        Transaction transaction = other.beginAndAwait();
        other.preparedQuery("select from organization where key = $1 for update").executeAndAwait(Tuple.of(api.organization()));
        return transaction;
    }

    /** The process id of the session that waits for a lock. */
    private int awaitBlocked() {
        Instant patience = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(patience)) {
            for (var row : rows.execute("select pid from pg_stat_activity where wait_event_type = 'Lock' "
                    + "and state = 'active' and datname = current_database()")) {
                return row.getInteger(0);
            }
        }
        throw new AssertionError("nothing waits");
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
