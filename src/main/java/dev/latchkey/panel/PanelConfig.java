package dev.latchkey.panel;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How people stay signed in to the panel, and who may frame it. */
@ConfigMapping(prefix = "latchkey")
interface PanelConfig {

    /** Sessions, links and pages. */
    Panel panel();

    /** What has a name of its own below {@code latchkey.panel}. */
    interface Panel {

        /**
         * Pages that may show the panel in a frame, as the sources of {@code frame-ancestors} (CSP3 section 6.4.2):
         * {@code https://shop.example}, {@code https://*.shop.example:8443}. Default none: whoever can frame the panel can
         * have people click on what they do not see.
         */
        Optional<List<String>> frameAncestors();

        /**
         * How long a session lasts in which nothing is done. Default 1 h: a lunch ends it, a telephone call does not. At
         * least 2 minutes, since it is known to the minute only.
         */
        @WithDefault("PT1H")
        Duration idle();

        /**
         * How long a session lasts at the most. Default 12 h: a working day, so that roles which were taken away end with it.
         */
        @WithDefault("PT12H")
        Duration lifetime();

        /**
         * How long the link of {@code POST /panel-sessions} waits to be used. Default 5 minutes: a platform makes it when
         * someone asks for the panel and sends him there.
         */
        @WithDefault("PT5M")
        Duration linkLifetime();

        /** How often what has expired is removed. Default 1 minute: it is ignored from its expiry on, whenever that is. */
        @WithDefault("1m")
        String purgeEvery();

        /** Rows removed in one statement, at least 1. Default 1,000: some milliseconds. */
        @WithDefault("1000")
        int purgeBatch();
    }
}
