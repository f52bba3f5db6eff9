package dev.latchkey.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When a delivery that failed is tried again.
 *
 * @param pauses between one attempt and the next; there is one attempt more than there are pauses
 */
record RetrySchedule(List<Duration> pauses) {

    /** What a receiver may ask for by {@code Retry-After}; beyond that it is tried anyway. */
    static final Duration LONGEST_ASKED = Duration.ofHours(24);
    private static final double JITTER = 0.1;

    RetrySchedule {
        pauses = List.copyOf(pauses);
    }

    /**
     * The pause after an attempt: the schedule's, a tenth more or less so that what failed together is not tried together,
     * or what the receiver asked for where that is longer.
     *
     * @param attempt which one has failed, from 1
     * @param asked by {@code Retry-After}; zero for nothing
     * @param chance from 0 to 1
     * @return empty: that was the last attempt
     */
    Optional<Duration> after(int attempt, Duration asked, double chance) {
        if (attempt > pauses.size()) {
            return Optional.empty();
        }
        long scheduled = Math.round(pauses.get(attempt - 1).toMillis() * (1 - JITTER + 2 * JITTER * chance));
        long wanted = Math.min(asked.toMillis(), LONGEST_ASKED.toMillis());
        return Optional.of(Duration.ofMillis(Math.max(scheduled, wanted)));
    }
}
