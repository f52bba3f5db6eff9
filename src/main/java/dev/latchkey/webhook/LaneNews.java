package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/** What a batch of attempts says of a webhook, in the order in which they ended. */
final class LaneNews {

    /** A receiver that asks for more is asked again all the same. */
    static final Duration LONGEST_HOLD = Duration.ofHours(1);

    private final UUID webhook;
    private boolean hasSucceeded;
    private boolean hasPutBack;
    private int failures;
    private @Nullable Instant failingSince;
    private @Nullable Instant last;
    private Duration hold = Duration.ZERO;

    private LaneNews(UUID webhook) {
        this.webhook = webhook;
    }

    /** In the order of the webhooks, in which lanes are locked. */
    static List<LaneNews> of(Collection<Ended> batch) {
        Map<UUID, LaneNews> news = new HashMap<>();
        batch.stream().sorted(Comparator.comparing(Ended::at))
                .forEach(ended -> news.computeIfAbsent(ended.delivery().webhook(), LaneNews::new).add(ended));
        return news.values().stream().sorted(Comparator.comparing(LaneNews::webhook)).toList();
    }

    private void add(Ended ended) {
        last = ended.at();
        hasPutBack = hasPutBack || ended.pause() != null;
        if (ended.isDelivered()) {
            hasSucceeded = true;
            failures = 0;
            failingSince = null;
            return;
        }
        failures++;
        failingSince = failingSince == null ? ended.at() : failingSince;
        Duration asked = ended.outcome().retryAfter();
        if (asked != null && asked.compareTo(hold) > 0) {
            hold = asked.compareTo(LONGEST_HOLD) > 0 ? LONGEST_HOLD : asked;
        }
    }

    UUID webhook() {
        return webhook;
    }

    boolean hasSucceeded() {
        return hasSucceeded;
    }

    /** Whether something waits for another attempt. */
    boolean hasPutBack() {
        return hasPutBack;
    }

    /** In a row since the last success of the batch. */
    int failures() {
        return failures;
    }

    /** How long before the last attempt of the batch the first of these failures was. */
    Duration failing() {
        return failingSince == null || last == null ? Duration.ZERO : Duration.between(failingSince, last);
    }

    /** For how long the receiver has asked not to be called; zero where it has not. A success in flight does not lift it. */
    Duration hold() {
        return hold;
    }
}
