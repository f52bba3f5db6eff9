package dev.latchkey.key;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How imports are read and written. */
@ConfigMapping(prefix = "latchkey.import")
interface ImportConfig {

    /**
     * Rows in a transaction. Default 1,000: what each costs besides its rows, among it a word with every replica, is small
     * against them, and a transaction takes less than a second.
     */
    @WithDefault("1000")
    int batch();

    /** How long rows may wait for others to be written with. Default 200 ms, for a client that sends few and waits. */
    @WithDefault("200ms")
    Duration linger();

    /**
     * How long a piece of the file may take to arrive. Default 60 s, less than what the server allows a connection on which
     * nothing moves, so that the client is told.
     */
    @WithDefault("60s")
    Duration patience();

    /** Imports that a replica carries out at a time, one for each organization. Default 4: each keeps a connection busy. */
    @WithDefault("4")
    int atOnce();
}
