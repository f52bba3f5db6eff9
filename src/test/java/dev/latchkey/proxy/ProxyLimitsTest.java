package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.quarkus.runtime.configuration.ConfigurationException;
import org.junit.jupiter.api.Test;

class ProxyLimitsTest {

    private static final Duration SERVER_IDLE = Duration.ofSeconds(75);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void theDefaultsAreTaken() {
        ProxyLimits limits = limits(new Said(MINUTE, MINUTE, 1_000, 64, Optional.empty()));

        assertThat(limits.stripped().contains("accept")).isFalse();
    }

    /** The server would close the caller's connection first, without a word. */
    @Test
    void whatCouldNeverComeAboutStopsTheStartByItsName() {
        refused(new Said(SERVER_IDLE, MINUTE, 1, 1, Optional.empty()), "LATCHKEY_PROXY_FIRST_BYTE");
        refused(new Said(Duration.ofMillis(999), MINUTE, 1, 1, Optional.empty()), "LATCHKEY_PROXY_FIRST_BYTE");
        refused(new Said(MINUTE, SERVER_IDLE, 1, 1, Optional.empty()), "LATCHKEY_PROXY_IDLE");
        refused(new Said(MINUTE, MINUTE, 0, 1, Optional.empty()), "LATCHKEY_PROXY_AT_ONCE must");
        refused(new Said(MINUTE, MINUTE, 1, 0, Optional.empty()), "LATCHKEY_PROXY_AT_ONCE_PER_ORGANIZATION");
        refused(new Said(MINUTE, MINUTE, 1, 1, Optional.of(List.of("X-User", "X User"))), "LATCHKEY_PROXY_STRIP: \"X User\"");
        refused(new Said(MINUTE, MINUTE, 1, 1, Optional.of(List.of("*"))), "LATCHKEY_PROXY_STRIP");
    }

    private static void refused(ProxyConfig config, String names) {
        assertThatThrownBy(() -> limits(config)).isInstanceOf(ConfigurationException.class).hasMessageStartingWith(names);
    }

    private static ProxyLimits limits(ProxyConfig config) {
        return new ProxyLimits(config, SERVER_IDLE);
    }

    private record Said(Duration firstByte, Duration idle, int atOnce, int atOncePerOrganization,
            Optional<List<String>> strip) implements ProxyConfig {

        @Override
        public int batch() {
            return 500;
        }

        @Override
        public Duration settle() {
            return MINUTE;
        }
    }
}
