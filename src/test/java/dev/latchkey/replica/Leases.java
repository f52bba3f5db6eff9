package dev.latchkey.replica;

import java.time.Duration;
import java.time.InstantSource;

import com.github.benmanes.caffeine.cache.Ticker;

/** Leases in the test's hand. */
public final class Leases {

    private Leases() {
    }

    /** One that runs for an hour. */
    public static Lease holding() {
        Lease lease = new Lease(Ticker.systemTicker(), InstantSource.system(), Duration.ofHours(1));
        lease.renew(lease.moment());
        return lease;
    }

    public static void end(Lease lease) {
        lease.giveUp();
    }
}
