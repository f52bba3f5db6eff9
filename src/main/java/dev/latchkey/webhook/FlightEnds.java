package dev.latchkey.webhook;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.webhook.DeliveryOutcome.Code;

/**
 * What became of deliveries, as it is to be written, and what follows for their webhooks when it is. On one context of Vert.x.
 */
final class FlightEnds {

    private static final int MAX_BODY_BYTES = 4 * 1024;

    private final Flights.Tools tools;
    private final RetrySchedule schedule;
    private final Set<UUID> disabling = new HashSet<>();

    FlightEnds(Flights.Tools tools) {
        this.tools = tools;
        this.schedule = new RetrySchedule(tools.config().retries());
    }

    Ended of(Claimed delivery, Target target, Sent sent) {
        DeliveryOutcome outcome = sent.delivery();
        Duration asked = outcome.retryAfter() == null ? Duration.ZERO : outcome.retryAfter();
        Duration pause = outcome.code() == Code.DELIVERED ? null
                : schedule.after(delivery.attempt() + 1, asked, tools.random().nextDouble()).orElse(null);
        if (outcome.error() != null) {
            tools.metrics().failed(outcome.error(), pause == null);
        }
        AnswerExcerpt answer = sent.outcome().answer() == null ? null
                : AnswerExcerpt.of(sent.outcome().answer(), MAX_BODY_BYTES, target.headers());
        return Ended.of(delivery, target.version(), sent, answer, pause);
    }

    /**
     * Switches off who wants nothing any more, or has failed for too long.
     *
     * @param dead who has, as the database knows
     */
    void written(List<Ended> batch, Set<UUID> dead) {
        Map<UUID, Long> failing = new HashMap<>();
        for (Ended ended : batch) {
            UUID webhook = ended.delivery().webhook();
            if (ended.outcome().code() == Code.GONE) {
                disable(webhook, ended.version(), DisabledReason.GONE);
            } else if (dead.contains(webhook)) {
                failing.merge(webhook, ended.version(), Math::max);
            }
        }
        failing.forEach((webhook, version) -> disable(webhook, version, DisabledReason.FAILING));
    }

    private void disable(UUID webhook, long version, DisabledReason reason) {
        if (disabling.add(webhook)) {
            tools.disabling().disable(webhook, version, reason, disabling::remove);
        }
    }
}
