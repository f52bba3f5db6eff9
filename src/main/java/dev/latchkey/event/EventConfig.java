package dev.latchkey.event;

import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What events there are, and where their payloads lie. */
@ConfigMapping(prefix = "latchkey")
interface EventConfig {

    /** More event types of the platform, comma-separated, as {@code loyalty.update}. Default: none but the built-in ones. */
    Optional<List<String>> eventTypes();

    /** The partitions of payloads. */
    Partitions eventPartitions();

    /** The partitions of payloads. */
    interface Partitions {

        /** How many days ahead there is a partition. Default 7: a week for a human to notice that none are made. */
        @WithDefault("7")
        int daysAhead();

        /** How often to look whether one is missing. Default 1 h; the first time at the start. */
        @WithDefault("1h")
        String every();
    }
}
