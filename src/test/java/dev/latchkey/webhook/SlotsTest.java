package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import dev.latchkey.webhook.Claimed.Happened;
import dev.latchkey.webhook.Slots.Room;
import dev.latchkey.webhook.Slots.Share;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotsTest {

    private static final int MANY = 1_000_000;

    @Test
    void anEndpointHasALimitOfItsOwn() {
        Slots slots = new Slots(512, 64, MANY);
        UUID webhook = UUID.randomUUID();
        UUID organization = UUID.randomUUID();
        assertThat(slots.room().endpoint().slots()).isEqualTo(64);
        take(slots, webhook, organization, 60);
        assertThat(slotsOf(webhook, slots)).isEqualTo(4);
        take(slots, webhook, organization, 4);
        assertThat(slots.room().isFor(webhook, organization)).isFalse();
        assertThat(slots.room().isFor(UUID.randomUUID(), organization)).isTrue();
        assertThat(slots.taken()).isEqualTo(64);
    }

    /** Each takes whenever it may, as much as it may, and of what it has, something ends each time. */
    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 3, 7 })
    void ofSeveralThatHangEachHasAsMuchAsIsLeftFree(int hogs) {
        int total = 512;
        Slots slots = new Slots(total, total, MANY);
        Map<UUID, Deque<Claimed>> organizations = new LinkedHashMap<>();
        for (int i = 0; i < hogs; i++) {
            organizations.put(UUID.randomUUID(), new ArrayDeque<>());
        }
        for (int round = 0; round < 400; round++) {
            organizations.forEach((organization, held) -> {
                for (int i = 0; i < 8 && !held.isEmpty(); i++) {
                    slots.free(held.remove());
                }
                Room room = slots.room();
                int wanted = room.organizations().getOrDefault(organization, room.organization()).atMost(room.total()).slots();
                for (int i = 0; i < wanted; i++) {
                    held.add(claimed(UUID.randomUUID(), organization, 1, 0));
                    slots.take(held.getLast());
                }
            });
        }
        int free = total - slots.taken();
        assertThat(free).isBetween(total / (hogs + 1) - hogs - 1, total / (hogs + 1) + hogs + 1);
        Room room = slots.room();
        assertThat(room.organization().slots()).as("of one that comes anew").isPositive();
        organizations.keySet().forEach(organization -> assertThat(room.isFor(UUID.randomUUID(), organization)).isFalse());
    }

    @Test
    void theLastSlotIsNotLeftOver() {
        Slots slots = new Slots(2, 2, MANY);
        take(slots, UUID.randomUUID(), UUID.randomUUID(), 1);
        assertThat(slots.room().isFor(UUID.randomUUID(), UUID.randomUUID())).isTrue();
    }

    @Test
    void whoFailsIsNarrowedUntilItSucceeds() {
        Slots slots = new Slots(512, 64, MANY);
        UUID webhook = UUID.randomUUID();
        UUID organization = UUID.randomUUID();
        Claimed delivery = claimed(webhook, organization, 1, 0);
        slots.take(delivery);
        slots.failed(webhook);
        slots.failed(webhook);
        assertThat(slotsOf(webhook, slots)).isEqualTo(63);
        slots.failed(webhook);
        assertThat(slotsOf(webhook, slots)).isEqualTo(1);
        slots.succeeded(webhook);
        assertThat(slotsOf(webhook, slots)).isEqualTo(63);
    }

    @Test
    void whoIsKnownToFailIsNarrowFromTheBeginning() {
        Slots slots = new Slots(512, 64, MANY);
        UUID webhook = UUID.randomUUID();
        slots.take(claimed(webhook, UUID.randomUUID(), 1, 5));
        assertThat(slotsOf(webhook, slots)).isEqualTo(1);
    }

    @Test
    void whatEndedLeavesNothingBehind() {
        Slots slots = new Slots(512, 64, MANY);
        Claimed delivery = claimed(UUID.randomUUID(), UUID.randomUUID(), 1000, 0);
        slots.take(delivery);
        assertThat(slots.room().total().bytes()).isEqualTo(MANY - 1000);
        slots.free(delivery);
        assertThat(slots.room()).isEqualTo(new Slots(512, 64, MANY).room());
        assertThat(slots.taken()).isZero();
    }

    @Test
    void roomIsNeverLessThanNothing() {
        Slots slots = new Slots(1, 1, 100);
        UUID organization = UUID.randomUUID();
        take(slots, UUID.randomUUID(), organization, 3);
        slots.take(claimed(UUID.randomUUID(), organization, 500, 0));
        Room room = slots.room();
        Share nothing = new Share(0, 0);
        assertThat(room.total()).isEqualTo(nothing);
        assertThat(room.endpoint()).isEqualTo(nothing);
        assertThat(room.suspects()).isEqualTo(nothing);
        assertThat(room.organizations().values()).containsOnly(nothing);
    }

    /** As those do that hang for a while and then succeed, with the largest events. */
    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 7 })
    void memoryIsSharedAsSlotsAre(int hogs) {
        long memory = 32L << 20;
        int large = 256 << 10;
        Slots slots = new Slots(512, 64, memory);
        for (int i = 0; i < hogs; i++) {
            UUID organization = UUID.randomUUID();
            for (int j = 0; j < 20; j++) {
                UUID webhook = UUID.randomUUID();
                while (slots.room().isFor(webhook, organization)) {
                    slots.take(claimed(webhook, organization, large, 0));
                }
            }
        }
        Room room = slots.room();
        assertThat(room.total().bytes()).isGreaterThanOrEqualTo(memory >> hogs).isGreaterThanOrEqualTo(large);
        assertThat(room.isFor(UUID.randomUUID(), UUID.randomUUID())).isTrue();
    }

    @Test
    void anEndpointHasThePartOfMemoryThatItHasOfSlots() {
        Slots slots = new Slots(512, 64, 32L << 20);
        UUID webhook = UUID.randomUUID();
        UUID organization = UUID.randomUUID();
        while (slots.room().isFor(webhook, organization)) {
            slots.take(claimed(webhook, organization, 256 << 10, 0));
        }
        assertThat(slots.taken()).isEqualTo(16);
        assertThat(slots.room().isFor(UUID.randomUUID(), organization)).isTrue();
    }

    @Test
    void anEventThatIsLargerThanWhatOneHasFindsRoom() {
        Slots slots = new Slots(512, 64, 256 << 10);
        assertThat(slots.room().isFor(UUID.randomUUID(), UUID.randomUUID())).isTrue();
    }

    @Test
    void allThatFailHaveAQuarterTogether() {
        Slots slots = new Slots(64, 8, MANY);
        for (int i = 0; i < 100; i++) {
            UUID webhook = UUID.randomUUID();
            UUID organization = UUID.randomUUID();
            Room room = slots.room();
            if (room.isFor(webhook, organization) && !room.suspects().isNone()) {
                slots.take(claimed(webhook, organization, 1, Slots.FAILING_AFTER));
            }
        }
        assertThat(slots.taken()).isEqualTo(16);
        Room room = slots.room();
        assertThat(room.endpoints().values()).as("nor has any of them more").allMatch(Share::isNone);
        assertThat(room.endpoint().slots()).isEqualTo(8);
    }

    @Test
    void whoDoesNotAnswerForSomeTimeIsASuspectUntilItDoes() {
        Slots slots = new Slots(64, 8, MANY);
        UUID organization = UUID.randomUUID();
        UUID webhook = UUID.randomUUID();
        Claimed slow = claimed(webhook, organization, 100, 0);
        slots.take(slow);
        slots.take(claimed(webhook, organization, 100, 0));
        assertThat(slots.room().suspected()).isEmpty();
        slots.slow(slow);
        assertThat(slots.room().suspected()).containsOnly(webhook);
        assertThat(slots.room().suspects()).isEqualTo(new Share(16 - 2, MANY / 4 - 200));
        assertThat(slots.room().isFor(webhook, organization)).isTrue();
        slots.free(slow);
        assertThat(slots.room().suspected()).isEmpty();
    }

    private static int slotsOf(UUID webhook, Slots slots) {
        return Objects.requireNonNull(slots.room().endpoints().get(webhook)).slots();
    }

    private static void take(Slots slots, UUID webhook, UUID organization, int times) {
        for (int i = 0; i < times; i++) {
            slots.take(claimed(webhook, organization, 1, 0));
        }
    }

    private static Claimed claimed(UUID webhook, UUID organization, int bytes, int failures) {
        return new Claimed(UUID.randomUUID(), webhook, 0, organization,
                new Happened("e", "order.create", Instant.EPOCH, null, null, "{}", null), 0, bytes, failures,
                UUID.randomUUID());
    }
}
