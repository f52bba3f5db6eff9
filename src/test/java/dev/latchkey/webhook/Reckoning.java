package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import dev.latchkey.testing.Receiver;

/**
 * What came of the messages that receivers were to get.
 *
 * @param lost never came
 * @param again how many requests came for a message beyond its first
 * @param strange came without having been promised
 */
record Reckoning(List<String> lost, long again, List<String> strange) {

    static final Reckoning NOTHING = new Reckoning(List.of(), 0, List.of());

    /** Of a receiver that was to get all of these, once each. */
    static Reckoning of(Collection<String> promised, Receiver receiver) {
        Set<String> known = Set.copyOf(promised);
        List<String> lost = new ArrayList<>();
        long again = 0;
        for (String id : known) {
            int times = receiver.times(id);
            again += Math.max(0, times - 1);
            if (times == 0) {
                lost.add(id);
            }
        }
        return new Reckoning(lost, again, receiver.ids().stream().filter(id -> !known.contains(id)).toList());
    }

    Reckoning plus(Reckoning other) {
        return new Reckoning(Stream.concat(lost.stream(), other.lost.stream()).toList(), again + other.again,
                Stream.concat(strange.stream(), other.strange.stream()).toList());
    }

    void requireAllCame() {
        assertThat(lost).as("accepted and never delivered").isEmpty();
        assertThat(strange).as("delivered without having been accepted").isEmpty();
    }

    /** @param most how many requests faults explain */
    void requireAgainAtMost(long most) {
        assertThat(again).as("delivered again, beyond what faults explain").isLessThanOrEqualTo(most);
    }
}
