package dev.latchkey.credential;

import java.util.UUID;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Throttle;

/**
 * How many tests an organization may ask for. A test sends what its merchant says to any public host, from our address: without
 * a bound it would try passwords and look for open ports for him.
 */
@Singleton
class TestAllowance {

    private final Throttle tests;

    @Inject
    TestAllowance(CredentialConfig config) {
        this(config.testsPerMinute(), Ticker.systemTicker());
    }

    TestAllowance(int perMinute, Ticker ticker) {
        this.tests = new Throttle(perMinute,
                "Your organization has tested " + perMinute + " credentials within a minute; wait a little.", ticker);
    }

    /** @throws ProblemException 429, with the seconds until the next one */
    void take(UUID organization) {
        tests.take(organization);
    }
}
