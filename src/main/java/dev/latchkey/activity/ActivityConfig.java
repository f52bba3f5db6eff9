package dev.latchkey.activity;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The pace of the activity log's chain. */
@ConfigMapping(prefix = "latchkey.activity")
interface ActivityConfig {

    /** How often committed entries are linked. Default 1 s: until then, removing one leaves no trace. */
    @WithDefault("1s")
    String linkEvery();

    /** Entries linked in one transaction, or read at once by a verification. Default 500: a few milliseconds of work. */
    @WithDefault("500")
    int batch();

    /** An anchor is logged when a log has grown by this many entries since its last one. Default 1,000. */
    @WithDefault("1000")
    long anchorEntries();

    /**
     * An anchor is logged when a log has grown at all, and its last anchor is this old. Default 1 h: what may be cut unseen
     * after a restart, at one line an hour for each organization that does something.
     */
    @WithDefault("PT1H")
    Duration anchorInterval();

    /** How often logs are looked through for anchors that are due by their age. Default 1 min. */
    @WithDefault("1m")
    String anchorCheck();

    /** Organizations whose last head this replica remembers. Default 100,000, some 20 MiB. */
    @WithDefault("100000")
    long maxHeads();

    /** Verifications at a time on a replica, of different organizations. Default 4, since each reads a whole log. */
    @WithDefault("4")
    int maxVerifications();

    /** How long a verification may take before it answers 503. Default 2 min: some ten million entries. */
    @WithDefault("PT2M")
    Duration verificationTimeout();
}
