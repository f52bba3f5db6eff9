package dev.latchkey.key;

import java.time.Duration;
import java.util.Optional;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much verification remembers, and for how long. */
@ConfigMapping(prefix = "latchkey.verification")
interface KeyConfig {

    /**
     * What keys may take in memory, as {@code 256M}. Default a quarter of the heap: some 400,000 keys in 512 MiB. Beyond it
     * those that are asked for least are read again when they are.
     */
    Optional<MemorySize> memory();

    /** Unknown tokens held in memory, so that repeating one costs no look-up. Default 50,000, at most 10 MiB. */
    @WithDefault("50000")
    long maxUnknown();

    /**
     * How long an unknown token is taken for unknown without asking. Default 10 s, for keys that come otherwise than by an
     * import, which has it forgotten at once: a backup that is restored.
     */
    @WithDefault("PT10S")
    Duration maxUnknownAge();

    /**
     * How many look-ups that find nothing this replica makes in a second; four times as many at once. Default 500, a tenth of
     * a database's processor. A network may use up a twentieth of it, an organization that verifies a quarter. Keys that exist
     * are not counted.
     */
    @WithDefault("500")
    int unknownRate();

    /**
     * How many keys may be looked up at a time. Default 512: what a pool of 20 connections answers in a tenth of a second;
     * more would wait for longer than a gateway does.
     */
    @WithDefault("512")
    int maxReads();

    /**
     * How many verifications may ask the database at a time while this replica's memory is not believed. Default 64, some
     * three for each connection of the pool: more would only wait.
     */
    @WithDefault("64")
    int maxUnleasedReads();
}
