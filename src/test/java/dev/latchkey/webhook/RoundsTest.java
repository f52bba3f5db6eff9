package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.webhook.FanOut.Taken;
import dev.latchkey.webhook.Rounds.Look;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoundsTest {

    private static final UUID SOMEBODY = UUID.randomUUID();

    private final Rounds rounds = new Rounds();

    @Test
    void afterARoundThroughEverythingOnlyTheNewestAreLookedAt() {
        assertThat(rounds.look()).isEqualTo(Look.ALL);
        assertThat(rounds.goOn(taken(3, 3, false, null), 0)).isFalse();
        assertThat(rounds.look()).isEqualTo(Look.NEWEST);
        assertThat(rounds.goOn(taken(16, 16, true, null), 0)).isTrue();
        assertThat(rounds.look()).isEqualTo(Look.RECENT);
    }

    @Test
    void aRoundThatWasFullAtItsBeginningIsFollowedByAnother() {
        assertThat(rounds.goOn(taken(400, 400, true, SOMEBODY), 0)).isTrue();
        assertThat(rounds.goOn(taken(30, 30, false, null), 0)).as("the end of the round").isTrue();
        assertThat(rounds.look()).isEqualTo(Look.ALL);
        assertThat(rounds.goOn(taken(200, 200, false, SOMEBODY), 0)).isTrue();
        assertThat(rounds.goOn(taken(30, 30, false, null), 0)).isFalse();
        assertThat(rounds.look()).isEqualTo(Look.NEWEST);
    }

    @Test
    void everythingIsLookedAtNowAndThenAndAfterAFault() {
        rounds.goOn(taken(0, 0, false, null), 0);
        rounds.tick(Duration.ofSeconds(9).toNanos());
        assertThat(rounds.look()).isEqualTo(Look.NEWEST);
        rounds.tick(Duration.ofSeconds(11).toNanos());
        assertThat(rounds.look()).isEqualTo(Look.ALL);
        rounds.goOn(taken(0, 0, false, null), Duration.ofSeconds(11).toNanos());
        assertThat(rounds.look()).isEqualTo(Look.NEWEST);
        rounds.failed();
        assertThat(rounds.look()).isEqualTo(Look.ALL);
    }

    @Test
    void aStepIsAsLargeAsThereIsToDoButForItsDeliveries() {
        for (int i = 0; i < 10; i++) {
            rounds.goOn(taken(rounds.events(), rounds.events(), true, null), 0);
        }
        assertThat(rounds.events()).isEqualTo(Rounds.MOST_EVENTS);
        rounds.goOn(taken(500, 50_000, true, null), 0);
        assertThat(rounds.events()).isEqualTo(20);
        for (int i = 0; i < 10; i++) {
            rounds.goOn(taken(rounds.events(), rounds.events() * 100L, true, null), 0);
            assertThat(rounds.events() * 100).isLessThanOrEqualTo(Rounds.MOST_DELIVERIES);
        }
    }

    @Test
    void whileNobodyHasRoomAStepIsOfSomeEventsButForItsDeliveries() {
        for (int i = 0; i < 10; i++) {
            rounds.goOn(inVain(rounds.events(), 1), 0);
        }
        assertThat(rounds.events()).as("from few").isEqualTo(Rounds.WITHOUT_ROOM);
        for (int i = 0; i < 10; i++) {
            rounds.goOn(taken(rounds.events(), rounds.events(), true, null), 0);
        }
        assertThat(rounds.events()).isEqualTo(Rounds.MOST_EVENTS);
        for (int i = 0; i < 10; i++) {
            rounds.goOn(inVain(rounds.events(), 1), 0);
        }
        assertThat(rounds.events()).as("from many").isEqualTo(Rounds.WITHOUT_ROOM);
        for (int i = 0; i < 10; i++) {
            rounds.goOn(inVain(rounds.events(), 100), 0);
        }
        assertThat(rounds.events()).isEqualTo(20);
    }

    @Test
    void aStepThatFailsIsTriedWithFewer() {
        for (int i = 0; i < 10; i++) {
            rounds.goOn(taken(rounds.events(), rounds.events(), true, null), 0);
        }
        rounds.failed();
        assertThat(rounds.events()).isEqualTo(Rounds.MOST_EVENTS / 2);
        for (int i = 0; i < 20; i++) {
            rounds.failed();
        }
        assertThat(rounds.events()).isEqualTo(1);
        rounds.goOn(taken(1, 1, true, null), 0);
        assertThat(rounds.events()).isEqualTo(2);
    }

    /** Of which nothing could be claimed. */
    private static Taken inVain(int events, int webhooks) {
        return new Taken(events, (long) events * webhooks, true, List.of(), Map.of(SOMEBODY, SOMEBODY), null);
    }

    private static Taken taken(int events, long deliveries, boolean isFull, @Nullable UUID nextAfter) {
        return new Taken(events, deliveries, isFull, List.of(), Map.of(), nextAfter);
    }
}
