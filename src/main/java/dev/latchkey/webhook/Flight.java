package dev.latchkey.webhook;

import io.smallrye.mutiny.subscription.Cancellable;
import org.jspecify.annotations.Nullable;

/** A delivery that is under way, or waits to be written. Times are the monotonic clock's. */
final class Flight {

    final long begun;
    /** From when its lease runs. */
    long keptAt;
    boolean isSent;
    /** Somebody else has taken it over. */
    boolean isLost;
    @Nullable
    Cancellable sending;

    Flight(long begun) {
        this.begun = begun;
        this.keptAt = begun;
    }
}
