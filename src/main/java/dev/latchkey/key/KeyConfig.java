package dev.latchkey.key;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much verification remembers, and for how long. */
@ConfigMapping(prefix = "latchkey.verification")
interface KeyConfig {

    /** Keys held in memory. Default 200,000: what a busy installation uses in a day, in some 100 MiB. */
    @WithDefault("200000")
    long maxSnapshots();

    /** Unknown tokens held in memory, so that repeating one costs no look-up. Default 50,000, a few MiB. */
    @WithDefault("50000")
    long maxUnknown();

    /** How long an unknown token is taken for unknown without asking. Default 10 s: a key may be imported meanwhile. */
    @WithDefault("PT10S")
    Duration maxUnknownAge();

    /**
     * How many verifications may ask the database at a time while this replica's memory is not believed. Default 64, some
     * three for each connection of the pool: more would only wait.
     */
    @WithDefault("64")
    int maxUnleasedReads();

    /** How often last uses are written. Default 5 s, since {@code lastUsedAt} may be 10 s behind at most. */
    @WithDefault("5s")
    String lastUseFlush();
}
