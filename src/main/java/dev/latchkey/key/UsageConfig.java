package dev.latchkey.key;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How uses of keys are counted, written and kept. */
@ConfigMapping(prefix = "latchkey.usage")
interface UsageConfig {

    /** How often counts are written. Default 5 s, since {@code lastUsedAt} may be 10 s behind at most. */
    @WithDefault("5s")
    String flushEvery();

    /** How often the activity log is told what was found. Default 5 s. */
    @WithDefault("5s")
    String tellEvery();

    /**
     * Keys whose counts are held in memory, some 900 bytes each. Default 100,000: what a busy replica is asked about in half a
     * minute. While the database is away, keys beyond it are not counted.
     */
    @WithDefault("100000")
    int maxKeys();

    /**
     * Keys whose counts are written in one transaction. Default 2,000, so that a transaction is short. A flush writes as many;
     * where there are more, the others wait for the next one, at most {@link #maxWait()}.
     */
    @WithDefault("2000")
    int batch();

    /**
     * How long the counts of a key wait where very many keys are used. Default 30 s: the longer, the more verifications one row
     * stands for. Its last use is always written with the next flush.
     */
    @WithDefault("30s")
    Duration maxWait();

    /**
     * How long after its end an hour's refusals are summed up for the activity log. Default 2 minutes, in which every replica
     * that can reach the database has written its counts.
     */
    @WithDefault("2m")
    Duration settle();

    /** How long counts are kept by the hour; then they are added up by the UTC day. Default 45 days, a chart of a month. */
    @WithDefault("45d")
    Duration keepHours();

    /** How long counts are kept by the day. Default 400 days: the same month of the year before. */
    @WithDefault("400d")
    Duration keepDays();

    /** How often old counts are added up and removed. Default 10 minutes. */
    @WithDefault("10m")
    String tidyEvery();

    /** Rows that are added up or removed in one transaction. Default 2,000. */
    @WithDefault("2000")
    int tidyBatch();
}
