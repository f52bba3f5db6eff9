package dev.latchkey.testing;

import java.time.Duration;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Waits for what comes by itself, and not longer than it takes. */
public final class Eventually {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_MILLIS = 20;

    private Eventually() {
    }

    /** Asserts again and again until it holds; fails with the last failure after half a minute. */
    public static void holds(ThrowingCallable assertion) {
        within(PATIENCE, assertion);
    }

    /** Asserts again and again until it holds; fails with the last failure when that time is over. */
    public static void within(Duration patience, ThrowingCallable assertion) {
        long begin = System.nanoTime();
        while (true) {
            try {
                assertion.call();
                return;
            } catch (AssertionError notYet) {
                if (System.nanoTime() - begin > patience.toNanos()) {
                    throw notYet;
                }
            } catch (Throwable fault) {
                throw new AssertionError(fault);
            }
            Pause.ofMillis(PAUSE_MILLIS);
        }
    }
}
