package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.Demand;
import dev.latchkey.key.Verdict.Code;
import dev.latchkey.testing.Together;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What is counted in memory is counted once, within bounds. */
@NullUnmarked
class UsageTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:59:59Z");
    private static final UUID KEY = UUID.randomUUID();

    private final Usage usage = new Usage(UsageSettings.DEFAULTS);
    private long dropped;

    @Test
    void nothingIsLostWhileItIsTakenAway() throws InterruptedException {
        int threads = 8;
        int each = 100_000;
        List<UUID> keys = Stream.generate(UUID::randomUUID).limit(5).toList();
        Map<UUID, Long> sums = new HashMap<>();
        CountDownLatch done = new CountDownLatch(1);
        AtomicInteger drains = new AtomicInteger();
        Thread flusher = new Thread(() -> {
            while (done.getCount() > 0) {
                drain().values().forEach(tally -> sums.merge(tally.keyId(), tally.sum(), Long::sum));
                drains.incrementAndGet();
            }
        });
        flusher.start();

        try (Together together = new Together(threads)) {
            together.run(() -> {
                for (int i = 0; i < each; i++) {
                    UsageSettings.count(usage, keys.get(i % keys.size()), i % 3 == 0 ? Code.EXPIRED : Code.VALID, null, NOW);
                }
            });
        }
        done.countDown();
        flusher.join();
        drain().values().forEach(tally -> sums.merge(tally.keyId(), tally.sum(), Long::sum));

        assertThat(drains.get()).as("taken away while it was counted").isGreaterThan(10);
        assertThat(keys).allSatisfy(key -> assertThat(sums.get(key)).isEqualTo((long) threads * each / keys.size()));
        assertThat(dropped).isZero();
    }

    @Test
    void hoursAreApartAndVerdictsToo() {
        UsageSettings.count(usage, KEY, Code.VALID, null, NOW);
        UsageSettings.count(usage, KEY, Code.VALID, null, NOW.plusSeconds(1));
        UsageSettings.count(usage, KEY, Code.EXPIRED, null, NOW.plusSeconds(2));

        List<UsedHour> hours = drain().get(KEY).hours();
        assertThat(hours).extracting(hour -> Instant.ofEpochMilli(hour.start()).toString())
                .containsExactly("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
        assertThat(hours.get(0).count(Code.VALID)).isEqualTo(1);
        assertThat(hours.get(1).count(Code.VALID)).isEqualTo(1);
        assertThat(hours.get(1).count(Code.EXPIRED)).isEqualTo(1);
        assertThat(drain()).isEmpty();
    }

    @Test
    void onlyWhatWasAcceptedWasUsed() {
        UsageSettings.count(usage, KEY, Code.EXPIRED, "203.0.113.7", NOW);

        Tally tally = drain().get(KEY);
        assertThat(tally.hours().get(0).methods()).isEmpty();
        assertThat(tally.hours().get(0).scopes()).isEmpty();
        assertThat(tally.networks()).isEmpty();
        assertThat(tally.lastUses()).isEmpty();
        assertThat(tally.firstUse()).isNull();
        assertThat(tally.refused()).hasSize(1);
    }

    @Test
    void whatOnlyLooksIsNoUse() {
        usage.count(UsageSettings.key(KEY), Code.VALID, new Question(null, null, null, List.of(), null, null, 0), null, NOW);

        assertThat(drain()).isEmpty();
    }

    @Test
    void operationsAreNamedByTheCatalogueAndOthersByTheirFormOnly() {
        KeySnapshot key = UsageSettings.key(KEY, "orders:read");
        for (String path : List.of("/api/v1/orders/17", "/api/v1/orders/18", "/api/v2/orders/18/lines", "/files/2026/a",
                "/files/2025/a", "/files/" + "x".repeat(40) + "/a", "/v1/things")) {
            Question question = UsageSettings.question(path, null, null);
            Demand demand = Catalog.builtIn().demandOf("GET", question.operation().path());
            usage.count(key, Code.VALID, question, demand, NOW);
        }

        UsedHour hour = drain().get(KEY).hours().get(0);
        assertThat(hour.methods()).extracting(UsedNames.Used::text).containsExactly("GET /api/v*/orders/**", "GET /files/*/a",
                "GET /v1/things");
        assertThat(hour.methods()).extracting(UsedNames.Used::count).containsExactly(3L, 3L, 1L);
        assertThat(hour.scopes()).extracting(UsedNames.Used::text).containsExactly("orders:read");
        assertThat(hour.scopes().get(0).count()).isEqualTo(7);
    }

    @Test
    void namesWithoutEndAreCountedTogether() {
        for (int i = 0; i < 3 * UsedNames.MOST; i++) {
            usage.count(UsageSettings.key(KEY), Code.VALID, UsageSettings.question(null, "store-" + i, null), null, NOW);
        }

        List<UsedNames.Used> stores = drain().get(KEY).hours().get(0).stores();
        assertThat(stores).hasSize(UsedNames.MOST + 1);
        assertThat(stores.get(UsedNames.MOST).text()).isEqualTo(UsedNames.OTHER);
        assertThat(stores.get(UsedNames.MOST).count()).isEqualTo(2 * UsedNames.MOST);
    }

    @Test
    void whatDoesNotFitIsCountedAsDropped() {
        Usage small = new Usage(new UsageSettings(2, 10));
        for (int i = 0; i < 5; i++) {
            UsageSettings.count(small, UUID.randomUUID(), Code.VALID, null, NOW);
        }

        assertThat(small.drain(count -> dropped += count)).hasSize(2);
        assertThat(dropped).isEqualTo(3);
    }

    @Test
    void examplesAndNetworksAreBounded() {
        IntStream.range(0, 100).forEach(i -> UsageSettings.count(usage, KEY, Code.VALID, "10.0." + i + ".1", NOW));
        UsageSettings.count(usage, KEY, Code.VALID, "10.0.0.9", NOW);

        Tally tally = drain().get(KEY);
        assertThat(tally.networks()).hasSize(16).first().extracting(UsedNetwork::text).isEqualTo("10.0.0.0/24");
        assertThat(tally.accepted()).hasSize(5);
    }

    @Test
    void aHouseholdIsOneNetwork() {
        for (String ip : List.of("203.0.113.7", "::ffff:203.0.113.8", "2001:db8:1:2::3", "2001:db8:1:ffff::1",
                "2001:db8:2::1")) {
            UsageSettings.count(usage, KEY, Code.VALID, ip, NOW);
        }

        assertThat(drain().get(KEY).networks()).extracting(UsedNetwork::text).containsExactly("203.0.113.0/24",
                "2001:db8:1::/48", "2001:db8:2::/48");
    }

    @Test
    void whatIsHeldForDaysKeepsItsBounds() {
        Tally held = new Tally(KEY);
        long forgotten = 0;
        for (int hour = 0; hour < 60; hour++) {
            UsageSettings.count(usage, KEY, Code.VALID, null, NOW.plusSeconds(3600L * hour));
            forgotten += held.merge(drain().get(KEY));
        }

        assertThat(held.hours()).hasSize(48);
        assertThat(held.sum() + forgotten).isEqualTo(60);
        assertThat(Instant.ofEpochMilli(held.firstUse().at())).isEqualTo(NOW);
        assertThat(held.lastUses()).hasSize(1).first()
                .satisfies(use -> assertThat(Instant.ofEpochMilli(use.at())).isEqualTo(NOW.plusSeconds(3600L * 59)));
        assertThat(held.accepted()).hasSize(5).extracting(Tally.Sample::at)
                .contains(NOW.plusSeconds(3600L * 59).toEpochMilli());
    }

    @Test
    void anEarlierAddressStaysWhereALaterUseTellsNone() {
        UsageSettings.count(usage, KEY, Code.VALID, "203.0.113.7", NOW);
        UsageSettings.count(usage, KEY, Code.VALID, null, NOW.plusSeconds(1));
        LastUse use = drain().get(KEY).lastUses().get(0);

        assertThat(use.address()).isEqualTo("203.0.113.7");
        assertThat(use.at()).isEqualTo(NOW.plusSeconds(1).toEpochMilli());
    }

    @Test
    void nothingThatMayBeASecretOrSpoilALogIsKept() {
        String token = "lk_" + "live_" + "x".repeat(40);

        assertThat(UsageText.path(ApiPath.parse("/reset/" + token + "/done?token=" + token))).isEqualTo("/reset/…/done");
        assertThat(UsageText.path(ApiPath.parse("/a/%E2%80%AEb"))).isEqualTo("/a/?b");
        assertThat(UsageText.path(ApiPath.parse("/a%00b"))).isNull();
        assertThat(UsageText.path(ApiPath.parse("/" + "abc/".repeat(2_000)))).hasSize(200);
        assertThat(UsageText.method("X\u0000".repeat(40))).hasSize(20).doesNotContain("\u0000");
        assertThat(UsageText.store(token + "A")).isEqualTo(UsedNames.OTHER);
        assertThat(UsageText.store("madrid\u0000")).isEqualTo(UsedNames.OTHER);
        assertThat(UsageText.store("madrid")).isEqualTo("madrid");
        assertThat(UsageText.store(KEY.toString())).isEqualTo(KEY.toString());
    }

    private Map<UUID, Tally> drain() {
        return usage.drain(count -> dropped += count);
    }
}
