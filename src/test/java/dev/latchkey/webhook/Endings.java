package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.Phases;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** What may become of a delivery. */
final class Endings {

    private Endings() {
    }

    static Ended delivered(Claimed delivery) {
        return ended(delivery, 200, null, null);
    }

    static Ended failed(Claimed delivery) {
        return ended(delivery, 503, null, Duration.ofSeconds(5));
    }

    static Ended exhausted(Claimed delivery) {
        return ended(delivery, 503, null, null);
    }

    /** That asks not to be called. */
    static Ended held(Claimed delivery) {
        return ended(delivery, 503, Duration.ofMinutes(30), Duration.ofMinutes(30));
    }

    static Ended ended(Claimed delivery, int status, @Nullable Duration asked, @Nullable Duration pause) {
        OutboundAnswer answer = new OutboundAnswer(status, List.of(), Buffer.buffer("said"), false);
        OutboundOutcome outcome = new OutboundOutcome(OutboundOutcome.Code.ANSWERED, answer, true,
                new Phases(null, 1.5, null, 2.0), Duration.ofMillis(7), null);
        DeliveryOutcome told = status == 200
                ? new DeliveryOutcome(DeliveryOutcome.Code.DELIVERED, status, null, null, null)
                : new DeliveryOutcome(DeliveryOutcome.Code.RETRY, status, DeliveryError.HTTP_STATUS, null, asked);
        return new Ended(delivery, UuidCreator.getTimeOrderedEpoch(), 1,
                new Sent(Instant.now(), Duration.ofMillis(7), List.of(), outcome), told,
                AnswerExcerpt.of(answer, 100, List.of()),
                pause, false);
    }

    static Ended aSecondEarlier(Ended ended) {
        Sent sent = ended.sent();
        return new Ended(ended.delivery(), ended.attempt(), 1,
                new Sent(sent.startedAt().minusSeconds(1), sent.took(), List.of(), sent.outcome()), ended.outcome(),
                ended.answer(), ended.pause(), false);
    }
}
