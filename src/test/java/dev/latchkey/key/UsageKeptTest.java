package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import dev.latchkey.key.Verdict.Code;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Row;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Of the uses of a key a bounded part is kept, whatever callers make up, and for a bounded time. */
@QuarkusTest
@NullUnmarked
class UsageKeptTest extends UsageFlushCase {

    @Test
    void namesStayBoundedOverFlushesAndReplicas() {
        UUID key = aKey();
        List<UsageReplica> replicas = List.of(aReplica(), aReplica());
        for (int i = 0; i < 2 * UsedNames.MOST; i++) {
            UsageReplica replica = replicas.get(i % 2);
            replica.usage.count(UsageSettings.key(key), Code.VALID, UsageSettings.question(null, "store-" + i, null), null,
                    now);
            if (i % 20 > 17) {
                replica.flush();
            }
        }
        replicas.forEach(UsageReplica::flush);

        List<Row> stores = written.rows("select name, count from key_usage where key_id = $1 and kind = 'store' order by name",
                key);
        assertThat(stores).hasSize(UsedNames.MOST + 1);
        assertThat(stores.get(0).getString("name")).isEqualTo(UsedNames.OTHER);
        assertThat(stores.stream().mapToLong(row -> row.getLong("count")).sum()).isEqualTo(2 * UsedNames.MOST);
    }

    @Test
    void theLastFiftyOfEachAreKept() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        for (int i = 0; i < 30; i++) {
            now = NOW.plusSeconds(i);
            replica.count(key, Code.VALID, 3);
            replica.count(key, Code.EXPIRED, 2);
            replica.flush();
        }

        List<Row> kept = written.rows("select accepted, at from key_sample where key_id = $1 order by at", key);
        assertThat(kept.stream().filter(row -> row.getBoolean("accepted"))).hasSize(50);
        assertThat(kept.stream().filter(row -> !row.getBoolean("accepted"))).hasSize(50);
        assertThat(kept.get(kept.size() - 1).getOffsetDateTime("at").toInstant()).isEqualTo(now);
    }

    @Test
    void aNetworkIsNewOnceAndNotBesideTheFirst() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        UsageSettings.count(replica.usage, key, Code.VALID, null, now);
        replica.flush();
        UsageSettings.count(replica.usage, key, Code.VALID, "10.0.0.1", now);
        replica.flush();
        assertThat(written.findings(key, "new-network")).as("there was none before").isEmpty();

        for (int i = 0; i < 3; i++) {
            UsageSettings.count(replica.usage, key, Code.VALID, "10.0.0." + i, now);
            UsageSettings.count(replica.usage, key, Code.VALID, "2001:db8:0:" + i + "::1", now);
            replica.flush();
        }
        assertThat(written.findings(key, "new-network")).containsExactly("2001:db8::/48");
    }

    @Test
    void aKeyThatRoamsFloodsNothing() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        IntStream.range(0, 12).forEach(i -> {
            IntStream.range(0, 10).forEach(
                    j -> UsageSettings.count(replica.usage, key, Code.VALID, "10." + i + "." + j + ".1", now));
            replica.flush();
        });

        assertThat(written.findings(key, "new-network")).hasSize(3);
        assertThat(written.rows("select network from key_network where key_id = $1", key)).hasSize(50);

        now = now.plus(Duration.ofHours(2));
        UsageSettings.count(replica.usage, key, Code.VALID, "172.16.0.1", now);
        replica.flush();
        assertThat(written.findings(key, "new-network")).hasSize(4).contains("172.16.0.0/24");
    }

    @Test
    void oldHoursAreAddedUpByTheDayAndThenForgotten() {
        UUID key = aKey();
        Instant old = NOW.minus(Duration.ofDays(50)).truncatedTo(ChronoUnit.DAYS);
        UsageReplica replica = aReplica();
        for (int hour = 0; hour < 30; hour++) {
            UsageSettings.count(replica.usage, key, Code.VALID, null, old.plus(Duration.ofHours(hour)));
        }
        replica.count(key, Code.VALID, 1);
        UsageSettings.count(replica.usage, key, Code.VALID, null, NOW.minus(Duration.ofDays(401)));
        replica.flush();
        String path = "/api/v1/keys/" + key + "/usage?bucket=day&from=" + old;
        List<Object> before = api.asOwner().get(path).path("series.counts");

        new UsageTidying(database, UsageSettings.DEFAULTS).run().await().atMost(Duration.ofSeconds(30));

        assertThat(written.rows("select from key_usage where key_id = $1 and kind = 'verdict'", key)).hasSize(1);
        List<Row> days = written
                .rows("select day, count from key_usage_day where key_id = $1 and kind = 'verdict' order by day", key);
        assertThat(days).extracting(row -> row.getLong("count")).containsExactly(24L, 6L);
        assertThat(api.asOwner().get(path).<List<Object>> path("series.counts")).isEqualTo(before);
        assertThat(api.asOwner().get(path).<Integer> path("methodsUsed[0].count")).isEqualTo(31);
    }
}
