package dev.latchkey.net;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.latchkey.net.OutboundOutcome.Code;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/** What leaves, by outcome, and how long its steps take. Never by host: tenants choose those, and there is no end of them. */
final class EgressMetrics {

    private static final String DURATION = "latchkey.egress.duration";

    private final Map<Code, Counter> requests = new EnumMap<>(Code.class);
    private final Map<Code, Counter> streams = new EnumMap<>(Code.class);
    private final Timer dns;
    private final Timer connect;
    private final Timer tls;
    private final Timer firstByte;
    private final Timer total;

    EgressMetrics(MeterRegistry metrics) {
        for (var code : Code.values()) {
            var outcome = code.name().toLowerCase(Locale.ROOT);
            requests.put(code, Counter.builder("latchkey.egress.requests").tag("outcome", outcome)
                    .description("Requests that were sent out, or not, whose answer was wanted whole").register(metrics));
            streams.put(code, Counter.builder("latchkey.egress.streams").tag("outcome", outcome)
                    .description("Connections for streaming: answered means opened").register(metrics));
        }
        dns = timer(metrics, "dns");
        connect = timer(metrics, "connect");
        tls = timer(metrics, "tls");
        firstByte = timer(metrics, "first_byte");
        total = timer(metrics, "total");
    }

    private static Timer timer(MeterRegistry metrics, String phase) {
        return Timer.builder(DURATION).tag("phase", phase).description("Steps of requests that were sent out")
                .register(metrics);
    }

    void note(OutboundOutcome outcome) {
        requests.computeIfPresent(outcome.code(), (code, counter) -> counted(counter));
        note(dns, outcome.phases().dnsMs());
        note(connect, outcome.phases().connectMs());
        note(tls, outcome.phases().tlsMs());
        note(firstByte, outcome.phases().firstByteMs());
        total.record(outcome.took());
    }

    void noteStream(Code code) {
        streams.computeIfPresent(code, (same, counter) -> counted(counter));
    }

    private static Counter counted(Counter counter) {
        counter.increment();
        return counter;
    }

    private static void note(Timer timer, @Nullable Double millis) {
        if (millis != null) {
            timer.record((long) (millis * 1000), TimeUnit.MICROSECONDS);
        }
    }
}
