package dev.latchkey.credential;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How many credentials there are, and how they are tested. */
@ConfigMapping(prefix = "latchkey.credential")
interface CredentialConfig {

    /**
     * How often a credential is tested, a tenth more or less, unless its organization says otherwise. Default one day: each
     * test is a request that somebody else pays for.
     */
    @WithDefault("PT24H")
    Duration testInterval();

    /** How many hosts a replica asks at a time. Default 20: most of that time it waits. */
    @WithDefault("20")
    int testBatch();

    /**
     * For how long a test is a replica's own; should it die, another one takes it then. Default 2 minutes, many times what a
     * test may take; at least 30 seconds.
     */
    @WithDefault("PT2M")
    Duration testClaim();

    /** Pause between two tests at one host, whosever they are, over all replicas. Default 1 s: no host notices that. */
    @WithDefault("PT1S")
    Duration hostPause();

    /** How long a host is left alone that has answered 429. Default 5 minutes. */
    @WithDefault("PT5M")
    Duration hostRest();

    /**
     * How many tests an organization may ask for within a minute, of each replica: of drafts, of what it stores and edits, and
     * of what is stored. Default 30: a person does not get there, a port scan does at once.
     */
    @WithDefault("30")
    int testsPerMinute();

    /** How many credentials an organization may have. Default 1000, many times what merchants connect. */
    @WithDefault("1000")
    int maxPerOrganization();
}
