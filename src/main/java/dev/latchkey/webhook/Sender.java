package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.net.Header;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.net.Phases;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import org.jboss.logging.Logger;

/**
 * Sends messages to webhooks, once each time that it is asked to. As repeatable requests: they may take a connection that is
 * kept open, since a receiver knows repetitions by {@code webhook-id}. Made at the start, which a bad setting stops.
 */
@Startup
@Singleton
class Sender {

    /** What is read of an answer; the connection of a longer one is closed. */
    static final int MAX_ANSWER_BYTES = 16 * 1024;

    private static final Logger LOG = Logger.getLogger(Sender.class);
    private static final OutboundOutcome NOBODY_ASKED = new OutboundOutcome(OutboundOutcome.Code.BUSY, null, false, Phases.NONE,
            Duration.ZERO, null);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final Outbound outbound;
    private final InstantSource clock;
    private final OutboundLimits limits;

    @Inject
    Sender(Outbound outbound, InstantSource clock, SendingConfig config) {
        this(outbound, clock, config.timeout());
    }

    /** @throws ConfigurationException for a timeout that is none */
    Sender(Outbound outbound, InstantSource clock, Duration timeout) {
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw new ConfigurationException("LATCHKEY_WEBHOOK_TIMEOUT must be from PT1S to PT1M.");
        }
        this.outbound = outbound;
        this.clock = clock;
        this.limits = OutboundLimits.of(timeout, MAX_ANSWER_BYTES);
    }

    /**
     * Sends it and reads the answer, on the caller's context. Never fails: whatever can happen is told by the outcome. A fault
     * of our own says nothing of the receiver, as if we were busy.
     *
     * @param dummy whether it is one that a person asked for, and no event
     */
    Uni<Sent> send(Target target, Message message, boolean dummy) {
        return Uni.createFrom().deferred(() -> {
            Instant now = clock.instant();
            List<Header> headers = headers(target, message, now.getEpochSecond(), dummy);
            return outbound.send(new OutboundRequest(HttpMethod.POST, target.to(), headers, message.body(), limits, true))
                    .map(Sender::told).map(outcome -> new Sent(now, outcome.took(), headers, outcome));
        }).onFailure().recoverWithItem(fault -> {
            LOG.errorf(fault, "a message could not be sent: webhookId=%s", target.webhook());
            return new Sent(clock.instant(), Duration.ZERO, List.of(), NOBODY_ASKED);
        });
    }

    private static List<Header> headers(Target target, Message message, long timestamp, boolean dummy) {
        List<Header> headers = new ArrayList<>(target.headers().size() + 7);
        headers.add(new Header("Content-Type", "application/json"));
        headers.add(new Header("webhook-id", message.id()));
        headers.add(new Header("webhook-timestamp", Long.toString(timestamp)));
        headers.add(new Header("webhook-signature",
                target.signatures().header(message.id(), timestamp, message.body())));
        if (dummy) {
            headers.add(new Header("webhook-test", "true"));
        }
        addUnlessOwn(headers, target, new Header("User-Agent", "Latchkey/1.0"));
        if (message.trace() != null && Header.isValue(message.trace())) {
            addUnlessOwn(headers, target, new Header("traceparent", message.trace()));
        }
        headers.addAll(target.headers());
        return headers;
    }

    /** The maker of a webhook may say it in other words. */
    private static void addUnlessOwn(List<Header> headers, Target target, Header header) {
        if (target.headers().stream().noneMatch(own -> own.name().equalsIgnoreCase(header.name()))) {
            headers.add(header);
        }
    }

    /** That a name leads to what is not called is told as if it led nowhere, and neither with a time. */
    private static OutboundOutcome told(OutboundOutcome outcome) {
        return switch (outcome.code()) {
            case BLOCKED, UNRESOLVED -> new OutboundOutcome(OutboundOutcome.Code.UNRESOLVED, null, false, Phases.NONE,
                    Duration.ZERO, null);
            case ANSWERED, UNREACHABLE, TLS, TIMEOUT, BROKEN, BUSY -> outcome;
        };
    }
}
