package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who may ask the database for tokens that nobody has seen. */
@NullUnmarked
class LookUpsTest {

    private static final UUID ORGANIZATION = UUID.randomUUID();

    private final SecureRandom random = new SecureRandom();
    private final AtomicLong nanos = new AtomicLong(Long.MIN_VALUE);
    private final LookUps lookUps = new LookUps(new SmallMemory(), nanos::get, random);
    private final int rate = new SmallMemory().unknownRate();

    @Test
    void whoFindsNothingIsBoundedByTheRate() {
        int atOnce = asked(10_000, null, "203.0.113.7");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        int later = asked(10_000, null, "203.0.113.7");

        assertThat(atOnce).isEqualTo(rate);
        assertThat(later).as("a twentieth of the rate for each second").isEqualTo(10);
    }

    @Test
    void whoFindsSomethingIsNotCounted() {
        for (int i = 0; i < 10_000; i++) {
            LookUps.Taken taken = lookUps.take(aFingerprint(), ORGANIZATION, IpAddress.parse("203.0.113.7"));
            assertThat(taken).isNotNull();
            taken.giveBack();
        }
    }

    @Test
    void oneNetworkThatGuessesDoesNotKeepOthersOut() {
        asked(10_000, null, "203.0.113.7");

        assertThat(asked(1, null, "203.0.113.99")).as("a neighbour").isZero();
        assertThat(asked(1, null, "198.51.100.1")).as("elsewhere").isEqualTo(1);
        asked(10_000, null, "2001:db8:1:1::1");
        assertThat(asked(1, null, "2001:db8:1:ffff::9")).as("who was given the same network").isZero();
        assertThat(asked(1, null, "2001:db8:2::9")).isEqualTo(1);
    }

    @Test
    void anOrganizationThatMakesUpAddressesUsesUpItsOwnPart() {
        int guessed = IntStream.range(0, 10_000).map(i -> asked(1, ORGANIZATION, "10." + i % 250 + "." + i / 250 + ".1")).sum();

        assertThat(guessed).isEqualTo(2 * rate);
        assertThat(asked(1, UUID.randomUUID(), "198.51.100.1")).as("another one").isEqualTo(1);
        assertThat(asked(1, null, null)).as("a gateway that tells no address").isEqualTo(1);
    }

    @Test
    void manyNetworksTogetherAreBoundedToo() {
        int guessed = IntStream.range(0, 10_000).map(i -> asked(1, null, "10." + i % 250 + "." + i / 250 + ".1")).sum();
        assertThat(guessed).isEqualTo(4 * rate);

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(IntStream.range(0, 10_000).map(i -> asked(1, null, "11." + i % 250 + "." + i / 250 + ".1")).sum())
                .isEqualTo(rate);
    }

    @Test
    void whatIsRefusedCostsNothing() {
        IntStream.range(0, 10_000).forEach(i -> asked(1, null, "10." + i % 250 + "." + i / 250 + ".1"));
        asked(10_000, ORGANIZATION, "203.0.113.7");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

        assertThat(asked(10_000, ORGANIZATION, "203.0.113.7")).as("as though it had not asked").isEqualTo(rate);
    }

    @Test
    void aTokenThatHasOpenedAKeyIsLookedUpWhateverOthersDo() {
        List<Fingerprint> live = new ArrayList<>(Stream.generate(this::aFingerprint).limit(10_000).toList());
        live.forEach(lookUps::found);
        asked(10_000, null, "203.0.113.7");

        assertThat(live).allMatch(key -> lookUps.take(key, null, IpAddress.parse("203.0.113.7")) != null);
    }

    @Test
    void strangersAreHardlyEverTakenForOneThatWasSeen() {
        Seen seen = new Seen(1 << 16);
        List<Fingerprint> first = Stream.generate(this::aFingerprint).limit(6_000).toList();
        List<Fingerprint> second = Stream.generate(this::aFingerprint).limit(6_000).toList();
        first.forEach(seen::add);
        second.forEach(seen::add);

        assertThat(first).as("the generation before is still known").allMatch(seen::contains);
        assertThat(second).allMatch(seen::contains);
        assertThat(Stream.generate(this::aFingerprint).limit(20_000).filter(seen::contains).count()).as("in 20,000")
                .isLessThan(600);
        Stream.generate(this::aFingerprint).limit(14_000).forEach(seen::add);
        assertThat(first.stream().filter(seen::contains).count()).as("of those that nobody asked for since")
                .isLessThan(600);
    }

    private int asked(int times, @Nullable UUID organization, @Nullable String ip) {
        IpAddress address = ip == null ? null : IpAddress.parse(ip);
        return (int) IntStream.range(0, times).filter(i -> lookUps.take(aFingerprint(), organization, address) != null)
                .count();
    }

    private Fingerprint aFingerprint() {
        return new Fingerprint(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }
}
