package dev.latchkey.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Does to the log what somebody with SQL could do, and looks whether it is found. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class TamperingTest {

    /** What each column is set to. A column that is added needs a line here. */
    private static final Map<String, String> TAMPERED = Map.ofEntries(
            Map.entry("id", "gen_random_uuid()"),
            Map.entry("organization_id",
                    "(select o.id from organization o where not exists (select from activity a where a.organization_id = o.id) limit 1)"),
            Map.entry("at", "at + interval '1 microsecond'"), Map.entry("actor_type", "'system'"),
            Map.entry("actor_id", "actor_id || 'x'"), Map.entry("actor_name", "'eva@example.com'"),
            Map.entry("action", "'key.deleted'"), Map.entry("target_type", "'store'"),
            Map.entry("target_id", "gen_random_uuid()"), Map.entry("target_name", "'another'"),
            Map.entry("changes", "'{}'"), Map.entry("ip", "'198.51.100.1'"), Map.entry("request_id", "null"),
            Map.entry("seal_key_id", "'p0'"), Map.entry("seal", "sha256('x')"), Map.entry("position", "1000"),
            Map.entry("link_key_id", "'p0'"), Map.entry("link", "sha256('x')"));

    /** After these the entry is no longer at its place. */
    private static final Set<String> MOVES = Set.of("organization_id", "position");

    @Inject
    DataSource database;
    @Inject
    Activities activities;
    @Inject
    ChainQueries queries;
    @Inject
    Chain chain;
    @Inject
    Alarm alarm;
    @Inject
    ActivityConfig config;
    @Inject
    MeterRegistry metrics;
    @Inject
    Pool pool;
    @Inject
    Listener listener;

    private Log log;

    @BeforeEach
    void aLogOfSixEntries() {
        new Log(database, activities);
        log = new Log(database, activities).with(6);
        log.verify().body("valid", equalTo(true)).body("checked", equalTo(6)).body("firstBroken", nullValue())
                .body("head.position", equalTo(6));
    }

    static Set<String> columns() {
        return TAMPERED.keySet();
    }

    @Test
    void everyColumnIsTried() {
        assertThat(columns()).containsExactlyInAnyOrderElementsOf(log.behind
                .query("select column_name::text from information_schema.columns where table_name = 'activity'").stream()
                .map(String::valueOf).toList());
    }

    @ParameterizedTest
    @MethodSource("columns")
    void anyChangedColumnOfAnEntryIsFoundAtThatEntry(String column) {
        UUID id = log.idAt(3);
        assertThat(log.behind.execute("update activity set " + column + " = " + TAMPERED.get(column) + " where id = ?", id))
                .isEqualTo(1);

        log.verify().body("valid", equalTo(false)).body("checked", equalTo(2)).body("firstBroken.position", equalTo(3))
                .body("firstBroken.id", MOVES.contains(column) ? nullValue() : equalTo(log.idAt(3).toString()));
        log.api.as("viewer").get("/api/v1/activity").then().statusCode(200);
    }

    @Test
    void atTheEndOfTimeAnEntryIsAlteredAndNothingFails() {
        log.sql("update activity set at = 'infinity' where organization_id = ? and position = 3");
        broken(3, Flaw.ENTRY_ALTERED);
    }

    @Test
    void aRemovedEntryIsMissed() {
        log.sql("delete from activity where organization_id = ? and position = 4");
        broken(4, Flaw.MISSING);
    }

    @Test
    void swappedEntriesAreOutOfPlace() {
        log.sql("update activity set position = 1000 where organization_id = ? and position = 2");
        log.sql("update activity set position = 2 where organization_id = ? and position = 5");
        log.sql("update activity set position = 5 where organization_id = ? and position = 1000");
        broken(2, Flaw.OUT_OF_PLACE);
    }

    @Test
    void anInsertedEntryIsFoundWhetherItClaimsAPlaceOrWaitsForOne() {
        log.sql("""
                insert into activity select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'position', 7))).*
                  from activity a where organization_id = ? and position = 6""");
        broken(7, Flaw.ENTRY_ALTERED);

        Log other = new Log(database, activities).with(2);
        other.sql("""
                insert into activity select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(),
                       'position', null, 'link', null, 'link_key_id', null))).*
                  from activity a where organization_id = ? and position = 2""");
        other.verify().body("valid", equalTo(false)).body("checked", equalTo(2)).body("firstBroken.position", equalTo(3))
                .body("firstBroken.reason", equalTo("entry-altered"));
    }

    @Test
    void aTailThatIsCutOffIsMissed() {
        log.sql("delete from activity where organization_id = ? and position > 3");
        broken(4, Flaw.MISSING);
    }

    @Test
    void aTailThatIsCutOffWithItsHeadIsMissedByTheReplicaThatHasSeenIt() {
        rollBackToThree();
        broken(4, Flaw.CUT);
    }

    @Test
    void aTailThatIsCutOffWithItsHeadIsMissedByAnAnchorEvenAfterARestart() {
        String link = log.verify().extract().path("head.link");
        Verification afterARestart = verificationWithoutMemory();
        rollBackToThree();

        assertThat(broken(afterARestart, null)).as("nothing in the database tells").isNull();
        Walk.Broken found = broken(afterARestart, new Head(6, java.util.HexFormat.of().parseHex(link)));
        assertThat(found).isNotNull().extracting(Walk.Broken::position, Walk.Broken::flaw).containsExactly(4L,
                Flaw.ANCHOR_BEYOND);
    }

    @Test
    void anAnchorTellsAnotherHistory() {
        String link = log.verify().extract().path("head.link");
        anchored(6, link).body("valid", equalTo(true));
        anchored(5, link).body("valid", equalTo(false)).body("firstBroken.position", equalTo(5)).body("firstBroken.reason",
                equalTo("anchor-differs"));
        anchored(7, link).body("firstBroken.position", equalTo(7)).body("firstBroken.reason", equalTo("anchor-beyond"));
        log.write(1);
        anchored(6, link).body("valid", equalTo(true)).body("checked", equalTo(7));
        assertThat(listener.of(log.organization)).as("whoever mistypes an anchor wakes nobody").isEmpty();
    }

    @Test
    void whatHappensAfterACutDoesNotHealIt() {
        rollBackToThree();
        log.write(4);

        broken(4, Flaw.MISSING);
        assertThat(broken(verificationWithoutMemory(), null)).as("also to whoever has seen nothing").isNotNull();
        assertThat(log.behind.query("select position from activity where organization_id = ? order by position",
                log.organization)).containsExactly(1L, 2L, 3L, 8L, 9L, 10L, 11L);
    }

    @Test
    void aHeadThatIsMadeUpIsNotBelievedAndNotHealed() {
        log.sql("delete from activity where organization_id = ? and position > 3");
        log.sql("""
                update activity_head h set position = 3, link = a.link from activity a
                 where h.organization_id = ? and a.organization_id = h.organization_id and a.position = 3""");
        broken(3, Flaw.HEAD_ALTERED);

        log.write(1);
        broken(4, Flaw.MISSING);
        assertThat(broken(verificationWithoutMemory(), null)).isNotNull();
    }

    @Test
    void aMissingHeadIsNoBeginning() {
        log.sql("delete from activity_head where organization_id = ?");
        broken(6, Flaw.HEAD_ALTERED);
    }

    @Test
    void aHeadThatLagsBehindIsTold() {
        List<Object> old = log.behind.query("select h::text from activity_head h where organization_id = ?", log.organization);
        log.write(2);
        log.verify().body("checked", equalTo(8));
        restoreHead(old);
        broken(7, Flaw.BEYOND_HEAD);
    }

    @Test
    void anEmptiedLogIsMissed() {
        log.sql("delete from activity where organization_id = ?");
        broken(1, Flaw.MISSING);
        log.sql("delete from activity_head where organization_id = ?");
        broken(1, Flaw.CUT);
    }

    @Test
    void anotherOrganizationsLogHolds() {
        Log other = new Log(database, activities).with(3);
        log.sql("delete from activity where organization_id = ? and position = 4");
        broken(4, Flaw.MISSING);
        other.verify().body("valid", equalTo(true)).body("checked", equalTo(3));
    }

    @Test
    void aFindingIsToldOnce() {
        log.sql("delete from activity where organization_id = ? and position = 4");
        broken(4, Flaw.MISSING);
        broken(4, Flaw.MISSING);
        assertThat(listener.of(log.organization)).containsExactly(new ActivityBroken(log.organization, 4, Flaw.MISSING));
    }

    private void rollBackToThree() {
        // The head of that time, as a backup has it: its seal is genuine.
        byte[] link = (byte[]) log.behind
                .query("select link from activity where organization_id = ? and position = 3", log.organization).get(0);
        var seal = chain.seal(log.organization, new Head(3, link));
        log.sql("delete from activity where organization_id = ? and position > 3");
        log.behind.execute(
                "update activity_head set position = 3, link = ?, seal_key_id = ?, seal = ? where organization_id = ?",
                link, seal.pepperId(), seal.bytes(), log.organization);
    }

    private void restoreHead(List<Object> row) {
        log.sql("delete from activity_head where organization_id = ?");
        log.behind.execute("insert into activity_head select (?::activity_head).*", row.get(0));
    }

    private void broken(int position, Flaw flaw) {
        log.verify().statusCode(200).body("valid", equalTo(false)).body("firstBroken.position", equalTo(position))
                .body("firstBroken.reason", equalTo(flaw.code()));
    }

    private io.restassured.response.ValidatableResponse anchored(int position, String link) {
        return log.api.as("viewer").queryParam("anchorPosition", position).queryParam("anchorLink", link)
                .get("/api/v1/activity/verify").then().statusCode(200);
    }

    private Walk.@Nullable Broken broken(Verification verification, @Nullable Head anchor) {
        return Behind.await(() -> verification.verify(log.organization, anchor)).broken();
    }

    /** As a replica that has just been started. */
    private Verification verificationWithoutMemory() {
        Heads heads = new Heads(config, InstantSource.system());
        return new Verification(new Linker(pool, queries, chain, heads, alarm, config, metrics), queries, chain, heads, alarm,
                config, metrics);
    }

    /** What a notification will hang on. */
    @ApplicationScoped
    static class Listener {

        private final Queue<ActivityBroken> told = new ConcurrentLinkedQueue<>();

        void on(@Observes ActivityBroken broken) {
            told.add(broken);
        }

        List<ActivityBroken> of(UUID organization) {
            return told.stream().filter(finding -> finding.organization().equals(organization)).toList();
        }
    }
}
