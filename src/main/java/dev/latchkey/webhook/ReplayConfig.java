package dev.latchkey.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How replays go on. How often they are looked at is {@code latchkey.webhook.replay.every}, default 1 s. */
@ConfigMapping(prefix = "latchkey.webhook.replay")
interface ReplayConfig {

    /** How many deliveries are put back into the queue in one transaction. Default 500. */
    @WithDefault("500")
    int batch();

    /**
     * A replay waits while its webhook has more than that in the queue. Default 5,000: enough to keep the receiver busy, and
     * what is published meanwhile does not wait behind a month of the past.
     */
    @WithDefault("5000")
    int queue();
}
