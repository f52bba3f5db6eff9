package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import dev.latchkey.net.OutboundOutcome.Code;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What tests of the way out begin with: one that may call this machine. */
@NullUnmarked
abstract class OutboundCase {

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
    static final OutboundLimits SHORT = OutboundLimits.of(Duration.ofMillis(600), 64 * 1024);
    static final Duration SOON = Duration.ofSeconds(3);

    static Egress egress;

    @BeforeAll
    static void open() {
        egress = Egress.toThisMachine();
    }

    @AfterAll
    static void close() {
        egress.close();
    }

    static void assertBroken(OutboundOutcome outcome, String detail) {
        assertThat(outcome.code()).isEqualTo(Code.BROKEN);
        assertThat(outcome.detail()).isEqualTo(detail);
        assertThat(outcome.sent()).isTrue();
        assertThat(outcome.answer()).isNull();
    }
}
