package dev.latchkey.webhook;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How webhooks are called. */
@ConfigMapping(prefix = "latchkey.webhook")
interface SendingConfig {

    /**
     * How long an attempt may take, from the look-up of the name to the last byte of the answer. Default 15 s, as Standard
     * Webhooks proposes (15 to 30 s): who takes longer does his work before he answers. From 1 s to 1 minute.
     */
    @WithDefault("PT15S")
    Duration timeout();

    /**
     * How many dummies an organization may have sent within a minute, by each replica. Default 30: a person does not get
     * there, who looks for open ports does at once.
     */
    @WithDefault("30")
    int testsPerMinute();
}
