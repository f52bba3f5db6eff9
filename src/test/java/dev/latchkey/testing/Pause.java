package dev.latchkey.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Lets time pass, between two looks or for as long as something has to last. Whoever waits for what can be asserted waits by
 * {@link Eventually}.
 */
public final class Pause {

    private Pause() {
    }

    public static void of(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static void ofMillis(long millis) {
        of(Duration.ofMillis(millis));
    }
}
