package dev.latchkey.webhook;

import java.time.Duration;
import java.util.List;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/**
 * How events are delivered. How often the dispatcher looks without being woken is {@code latchkey.webhook.poll}; how long an
 * attempt may take, {@link SendingConfig}.
 */
@ConfigMapping(prefix = "latchkey.webhook")
interface WebhookConfig {

    /**
     * The pauses between attempts, the first of which is made at once. Default those of Standard Webhooks 1.0.0: a receiver
     * that is down for a weekend gets what happened. Each a tenth more or less.
     */
    @WithDefault("PT5S,PT5M,PT30M,PT2H,PT5H,PT10H,PT14H,PT20H,PT24H")
    List<Duration> retries();

    /** A webhook of which no delivery has succeeded for that long is switched off by its next failure. Default 5 days. */
    @WithDefault("P5D")
    Duration disableAfter();

    /** How many deliveries a replica has under way. Default 512: most of that time they wait for receivers. */
    @WithDefault("512")
    int slots();

    /** How many of these to one endpoint. Default 64, below the connections that one address is given. */
    @WithDefault("64")
    int slotsPerEndpoint();

    /** How much data of events a replica has in memory. Default 32 MiB: a hundred of the largest. */
    @WithDefault("32M")
    MemorySize memory();

    /**
     * For how long a delivery is a replica's own unless it renews that, which it does each third of it. Default 6 s: what a
     * replica that was killed had under way goes on that much later.
     */
    @WithDefault("PT6S")
    Duration lease();

    /**
     * How long an orderly stop waits for answers. Default 10 s; beyond that what is under way is given back, and sent again.
     */
    @WithDefault("PT10S")
    Duration stop();
}
