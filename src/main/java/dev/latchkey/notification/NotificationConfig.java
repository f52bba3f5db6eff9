package dev.latchkey.notification;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/**
 * How mails are sent, and how long notifications are kept. Which server sends them is the mailer's own configuration,
 * {@code quarkus.mailer.*}.
 */
@ConfigMapping(prefix = "latchkey.notification")
interface NotificationConfig {

    /** How often a replica looks for mails to send. Default 5 s. */
    @WithDefault("5s")
    String mailEvery();

    /** Mails that a replica claims at once. Default 20: a kill sends as many twice at most. */
    @WithDefault("20")
    int mailBatch();

    /** How long one mail may take. Default 30 s; servers that look up the sender first take their time. */
    @WithDefault("PT30S")
    Duration mailTimeout();

    /** Wait before the second attempt; each later one waits twice as long, less up to a half by chance. Default 30 s. */
    @WithDefault("PT30S")
    Duration mailRetry();

    /** The longest wait. Default an hour: what is mended overnight is noticed soon. */
    @WithDefault("PT1H")
    Duration mailRetryAtMost();

    /** When a mail is given up. Default two days, a weekend: what is older is better read in the panel. */
    @WithDefault("PT48H")
    Duration mailGiveUp();

    /**
     * How long a notification is kept when it is over. Default a year: what comes back each year is still there to compare. At
     * least as long as mails are tried. How often it is looked at is {@code latchkey.retention-every}.
     */
    @WithDefault("P365D")
    Duration retention();
}
