package dev.latchkey.proxy;

import java.time.Duration;
import java.util.List;

import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The proxy's settings, looked at when everything starts: what cannot work stops it. */
@Startup
@Singleton
class ProxyLimits {

    private static final String FIRST_BYTE = "LATCHKEY_PROXY_FIRST_BYTE";
    private static final String IDLE = "LATCHKEY_PROXY_IDLE";
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final ProxyConfig config;
    private final HeaderNames stripped;

    /** @param serverIdle after which the server closes a connection of ours on which nothing moves, without a word */
    ProxyLimits(ProxyConfig config, @ConfigProperty(name = "quarkus.http.idle-timeout") Duration serverIdle) {
        this.config = config;
        this.stripped = stripped(config.strip().orElse(List.of()));
        require(FIRST_BYTE, config.firstByte(), serverIdle);
        require(IDLE, config.idle(), serverIdle);
        requireOne("LATCHKEY_PROXY_AT_ONCE", config.atOnce());
        requireOne("LATCHKEY_PROXY_AT_ONCE_PER_ORGANIZATION", config.atOncePerOrganization());
        requireOne("LATCHKEY_PROXY_BATCH", config.batch());
    }

    ProxyConfig config() {
        return config;
    }

    /** What is not sent on besides. */
    HeaderNames stripped() {
        return stripped;
    }

    private static HeaderNames stripped(List<String> names) {
        try {
            return HeaderNames.of(names);
        } catch (IllegalArgumentException none) {
            throw new ConfigurationException("LATCHKEY_PROXY_STRIP: \"" + none.getMessage()
                    + "\" is no name of a header, such as X-Remote-User or X-Remote-*.");
        }
    }

    private static void require(String name, Duration patience, Duration serverIdle) {
        if (patience.compareTo(SHORTEST) < 0 || patience.compareTo(serverIdle) >= 0) {
            throw new ConfigurationException(name + " must be at least PT1S, and less than QUARKUS_HTTP_IDLE_TIMEOUT ("
                    + serverIdle + "), after which the caller's connection is closed without an answer.");
        }
    }

    private static void requireOne(String name, int number) {
        if (number < 1) {
            throw new ConfigurationException(name + " must be at least 1.");
        }
    }
}
