package dev.latchkey.webhook;

import java.time.Duration;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What operators see of deliveries. */
@Singleton
class DeliveryMetrics {

    private static final Duration[] OBJECTIVES = { Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25),
            Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofSeconds(1), Duration.ofSeconds(5),
            Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1) };

    private final MeterRegistry metrics;
    private final Counter published;
    private final Counter delivered;
    private final Counter lost;
    private final Counter missed;
    private final Counter sealed;
    private final DistributionSummary claims;
    private final Timer publishToDelivered;
    private volatile double age;

    DeliveryMetrics(MeterRegistry metrics) {
        this.metrics = metrics;
        published = Counter.builder("latchkey.events.fanned.out").description("Events that were fanned out to webhooks")
                .register(metrics);
        delivered = deliveries("delivered", "");
        lost = Counter.builder("latchkey.webhook.claims.lost")
                .description("Failures that did not count, since another replica had taken the delivery over")
                .register(metrics);
        missed = Counter.builder("latchkey.webhook.lanes.missed")
                .description("Lanes in which only the sweep found what was due").register(metrics);
        sealed = Counter.builder("latchkey.webhook.sealed")
                .description("Deliveries that were put back since their webhook does not open here").register(metrics);
        claims = DistributionSummary.builder("latchkey.webhook.claim.size").description("Deliveries claimed by one statement")
                .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200, 500).register(metrics);
        publishToDelivered = Timer.builder("latchkey.webhook.publish.to.delivered")
                .description("From the publishing of an event to the answer that took it").serviceLevelObjectives(OBJECTIVES)
                .register(metrics);
        Gauge.builder("latchkey.webhook.queue.age.seconds", this, queue -> queue.age)
                .description("How long what is due has waited at most, in seconds").register(metrics);
    }

    private Counter deliveries(String outcome, String reason) {
        return Counter.builder("latchkey.deliveries").description("Attempts by what they came to").tag("outcome", outcome)
                .tag("reason", reason).register(metrics);
    }

    /** Of the dispatcher's slots. */
    void underWay(Slots slots) {
        Gauge.builder("latchkey.webhook.in.flight", slots, Slots::taken)
                .description("Deliveries that this replica has claimed and not written off yet")
                .register(metrics);
    }

    /** Of all replicas. */
    void waited(Duration longest) {
        age = longest.toMillis() / 1000.0;
    }

    void published(int events) {
        published.increment(events);
    }

    void claimed(int deliveries) {
        claims.record(deliveries);
    }

    void delivered(Duration sincePublished) {
        delivered.increment();
        publishToDelivered.record(sincePublished.isNegative() ? Duration.ZERO : sincePublished);
    }

    /** @param isLast whether no attempt is left */
    void failed(DeliveryError error, boolean isLast) {
        deliveries(isLast ? "exhausted" : "retry", error.code()).increment();
    }

    void lost(int failures) {
        lost.increment(failures);
    }

    void sealed() {
        sealed.increment();
    }

    void disabled(DisabledReason reason) {
        metrics.counter("latchkey.webhook.disabled", "reason", reason.text()).increment();
    }

    void missed(int lanes) {
        missed.increment(lanes);
    }
}
