package dev.latchkey.webhook;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How long what happened is kept. How often it is looked at is {@code latchkey.retention-every}. */
@ConfigMapping(prefix = "latchkey")
interface RetentionConfig {

    /**
     * Of events, their deliveries and attempts. Default 30 days: what goes wrong in a month's closing is still there. At least
     * a day; what is not delivered by then is given up.
     */
    @WithDefault("P30D")
    Duration retention();
}
