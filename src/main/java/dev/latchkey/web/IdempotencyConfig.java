package dev.latchkey.web;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How long writes with an Idempotency-Key are remembered. */
@ConfigMapping(prefix = "latchkey.idempotency")
interface IdempotencyConfig {

    /** How long a request is recognised, and its answer replayed. Default 24 h: what the contract promises. */
    @WithDefault("PT24H")
    Duration retention();

    /**
     * How long an answer that carries a secret is replayed. Default 10 minutes, as the contract promises: enough for a retry,
     * and not a second place where secrets lie.
     */
    @WithDefault("PT10M")
    Duration materialRetention();

    /**
     * How long after its transaction began a change may be without an answer before that counts as lost. Default 10 s: several
     * times what an answer waits for, and not long for a caller whose replica died.
     */
    @WithDefault("PT10S")
    Duration answerPatience();

    /** How often what has expired is removed. Default 1 minute: it is ignored from its expiry on, whenever that is. */
    @WithDefault("1m")
    String purgeEvery();

    /** Rows removed in one statement. Default 1,000: some milliseconds. */
    @WithDefault("1000")
    int purgeBatch();
}
