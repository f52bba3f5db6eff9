package dev.latchkey.replica;

import java.time.Instant;

import com.github.benmanes.caffeine.cache.Ticker;

/** The database's time in the test's hand. */
public final class Times {

    private Times() {
    }

    /** As after a heartbeat that showed this. */
    public static DatabaseTime at(Ticker monotonic, Instant shown) {
        DatabaseTime time = new DatabaseTime(monotonic);
        time.sample(monotonic.read(), shown);
        return time;
    }
}
