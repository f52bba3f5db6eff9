package dev.latchkey.boot;

import java.security.SecureRandom;
import java.time.InstantSource;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;

/** The one place that gives out the system's clock and its randomness, so that tests can give others. */
final class TimeAndChance {

    @Produces
    @Singleton
    InstantSource time() {
        return InstantSource.system();
    }

    /** Time that only moves forward, for durations: nanoseconds from an arbitrary origin. */
    @Produces
    @Singleton
    Ticker monotonicTime() {
        return Ticker.systemTicker();
    }

    /** Made when it is first asked for, never while a native executable is built: its seed would be in the executable. */
    @Produces
    @Singleton
    SecureRandom chance() {
        return new SecureRandom();
    }
}
