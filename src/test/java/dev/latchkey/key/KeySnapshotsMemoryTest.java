package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import jakarta.enterprise.inject.Vetoed;

import javax.management.JMException;
import javax.management.ObjectName;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.catalog.Catalog;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.key.KeySnapshot.StoreReference;
import dev.latchkey.replica.Configs;
import dev.latchkey.replica.Leases;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What a key takes in memory, measured on the heap of this process after a full collection: everything counted, by which it
 * is found too. {@code -Dlatchkey.memory.keys=1000000} measures a million, and prints what it finds.
 */
@NullUnmarked
@Isolated
class KeySnapshotsMemoryTest {

    private static final int KEYS = Integer.getInteger("latchkey.memory.keys", 50_000);
    private static final long AMPLE = 1L << 30;
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private final SecureRandom secureRandom = new SecureRandom();
    private final Random random = new Random(4);
    private final List<String> scopes = new ArrayList<>(Catalog.builtIn().scopes());

    @Test
    void aKeyOfTwentyCharactersAndThreeScopesTakesAtMostFourHundredBytes() {
        Filled filled = fill(KEYS, AMPLE, this::usual);

        print("20-character names, 3 scopes", filled);
        assertThat(filled.kept).isEqualTo(KEYS);
        assertThat(filled.measured).as("bytes for each of %d keys", KEYS).isLessThanOrEqualTo(400L * KEYS);
    }

    @Test
    void whatIsCountedIsWhatIsTaken() {
        Filled usual = fill(KEYS, AMPLE, this::usual);
        Filled large = fill(KEYS / 10, AMPLE, this::withStoresAndMetadataOfItsOwn);
        Filled ofPartners = fill(KEYS / 10, AMPLE, this::withMethodsOfItsOwn);
        Filled alike = fill(KEYS / 4, AMPLE, this::withUsualMethods);
        Filled pairs = fill(KEYS / 4, AMPLE, this::withSecret);
        Filled renewed = fill(KEYS / 8, AMPLE, this::withTwoSecrets);
        Filled lonely = fill(KEYS, AMPLE, number -> usual(number, UUID.randomUUID()));

        print("stores and metadata of their own", large);
        print("20 methods of their own", ofPartners);
        print("3 of 10 methods", alike);
        print("with a secret", pairs);
        print("with a secret and its predecessor", renewed);
        print("an organization of its own for each", lonely);
        assertIsTrue(usual);
        assertIsTrue(large);
        assertIsTrue(ofPartners);
        assertIsTrue(alike);
        assertIsTrue(pairs);
        assertIsTrue(renewed);
        assertIsTrue(lonely);
    }

    @Test
    void memoryIsBoundedInBytesHoweverManyKeysAreAskedFor() {
        long bound = KEYS * 400L / 8;
        Filled filled = fill(KEYS, bound, this::usual);

        assertThat(filled.counted).isLessThanOrEqualTo(bound);
        assertThat(filled.measured).as("measured").isLessThanOrEqualTo(bound + bound / 10 + (1 << 20));
        assertThat(filled.kept).as("keys kept").isBetween(KEYS / 16L, KEYS / 2L);
    }

    private void assertIsTrue(Filled filled) {
        assertThat((double) filled.counted / filled.measured).as("counted ÷ measured").isCloseTo(1, within(0.1));
    }

    private void print(String what, Filled filled) {
        System.out.printf("%s: %d keys, %.0f bytes each measured, %.0f counted%n", what, filled.kept,
                (double) filled.measured / filled.kept, (double) filled.counted / filled.kept);
    }

    /** As a database answers: each text an object of its own. */
    private Snapshots usual(int number) {
        return usual(number, new UUID(7, number % 100));
    }

    private Snapshots usual(int number, UUID organization) {
        return key(organization).name(String.format("ERP order sync %05d", number % 100_000));
    }

    private Snapshots withStoresAndMetadataOfItsOwn(int number) {
        List<StoreReference> stores = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            stores.add(new StoreReference(UUID.randomUUID(), "store-" + number + "-" + i));
        }
        return key(new UUID(7, 7)).name("Магазин " + number).stores(List.copyOf(stores))
                .metadata("{\"team\": \"logistics\", \"ticket\": " + number + "}");
    }

    private Snapshots withMethodsOfItsOwn(int number) {
        List<String> methods = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            methods.add("GET /api/v*/orders-" + number + "/part*of-" + i + "/statuses" + (i % 2 == 0 ? "/**" : ""));
        }
        return usual(number).methods(methods);
    }

    private Snapshots withUsualMethods(int number) {
        return usual(number)
                .methods(IntStream.range(0, 3).mapToObj(i -> "GET /api/v*/orders/" + random.nextInt(10) + "/statuses")
                        .toList());
    }

    private Snapshots withSecret(int number) {
        return usual(number).secrets(new PairedSecrets(digest(), null));
    }

    private Snapshots withTwoSecrets(int number) {
        return usual(number).secrets(new PairedSecrets(digest(), new PairedSecrets.Former(UUID.randomUUID(), digest(),
                Instant.ofEpochSecond(2_000_000_000L + number))));
    }

    private Peppers.Digest digest() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return new Peppers.Digest("p1", bytes);
    }

    private Snapshots key(UUID organization) {
        Collections.shuffle(scopes, random);
        return Snapshots.of(UUID.randomUUID(), new UUID(organization.getMostSignificantBits(),
                organization.getLeastSignificantBits())).material(UUID.randomUUID()).organizationKey("org-" + organization)
                .metadata(new String("{}".toCharArray()))
                .scopes(scopes.subList(0, 3).stream().sorted().map(scope -> new String(scope.toCharArray())).toList())
                .limit(new KeySnapshot.Limit(100, 900, false));
    }

    /**
     * @param kept keys in memory
     * @param measured bytes of the heap
     * @param counted bytes by the estimate
     */
    private record Filled(long kept, long measured, long counted) {
    }

    private Filled fill(int keys, long bound, IntFunction<Snapshots> key) {
        Giving database = new Giving();
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        KeyConfig config = new SmallMemory(bound);
        LookUps lookUps = new LookUps(config, Ticker.disabledTicker(), secureRandom);
        long before = heap();
        KeySnapshots snapshots = new KeySnapshots(database, lookUps, Leases.holding(), config, Configs.defaults(), metrics);
        for (int i = 0; i < keys; i++) {
            database.next = key.apply(i).build();
            snapshots.find(KeyToken.generate("lk", "live", secureRandom), null, null).subscribe().with(found -> {
            });
        }
        database.next = null;
        long counted = snapshots.bytes();
        long measured = heap() - before;
        long kept = (long) metrics.get("latchkey.snapshots.size").gauge().value();
        Reference.reachabilityFence(snapshots);
        return new Filled(kept, measured, counted);
    }

    /** Live bytes, after a full collection. */
    private static long heap() {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                    new Object[] { new String[0] }, new String[] { String[].class.getName() });
            Matcher total = TOTAL.matcher(histogram);
            assertThat(total.find()).isTrue();
            return Long.parseLong(total.group(1));
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    /** Answers each read with what the test made. */
    @Vetoed
    private static final class Giving extends KeySnapshotQuery {

        private KeySnapshot next;

        Giving() {
            super(null, null);
        }

        @Override
        Uni<Optional<KeySnapshot>> read(byte[] fingerprint) {
            return Uni.createFrom().item(Optional.ofNullable(next));
        }
    }
}
