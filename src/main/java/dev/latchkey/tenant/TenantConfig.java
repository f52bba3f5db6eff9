package dev.latchkey.tenant;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How organizations are told from tokens, and how they are deleted. */
@ConfigMapping(prefix = "latchkey.tenant")
interface TenantConfig {

    /** The claim that holds the organization's key. Default {@code org}, as the REST contract says. */
    @WithDefault("org")
    String organizationClaim();

    /**
     * How long a replica remembers which organization a key names, unless it hears of a change. Default 10 minutes.
     */
    @WithDefault("PT10M")
    Duration remembered();

    /**
     * How long a deletion waits before the first row goes. Default 60 s: by then every replica has forgotten the
     * organization, and a request that was let in before has ended, its body's patience of 30 s included.
     */
    @WithDefault("PT60S")
    Duration deletionDelay();

    /** How often a replica looks for an organization to delete. Default 5 s. */
    @WithDefault("5s")
    String deletionEvery();

    /**
     * Rows in a batch, each with what hangs on it (a key with its material). Default 500: some 100 ms, for which nobody
     * waits.
     */
    @WithDefault("500")
    int deletionBatch();

    /** Pause between batches. Default 50 ms: a deletion is in no hurry, and takes a part of the database's time only. */
    @WithDefault("PT0.05S")
    Duration deletionPause();
}
