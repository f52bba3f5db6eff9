package dev.latchkey.credential;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How OAuth 2 tokens are kept alive. */
@ConfigMapping(prefix = "latchkey.renewal")
interface RenewalConfig {

    /**
     * How long before its end a token is renewed at the latest, unless a fifth of its life is more, and never by more than
     * half of it. Default 5 minutes: a token endpoint that is restarted is back by then.
     */
    @WithDefault("PT5M")
    Duration lead();

    /**
     * For how long a renewal is a replica's own. Default a minute. A third of it is left for getting ready, a third for the
     * token endpoint to answer, and a third for writing the new pair down.
     */
    @WithDefault("PT1M")
    Duration lease();

    /** How much a replica has under way. Default 100: most of that time it waits. */
    @WithDefault("100")
    int atOnce();

    /** How much of that at one token host. Default 20: a host that is asked by three replicas has 60 requests at a time. */
    @WithDefault("20")
    int atOncePerHost();

    /** Pause after the first failure, doubled with each that follows, a quarter more or less. Default 10 s. */
    @WithDefault("PT10S")
    Duration retry();

    /** The longest pause, but for what the provider asks for. Default 15 minutes: what is mended is noticed soon. */
    @WithDefault("PT15M")
    Duration retryAtMost();

    /**
     * After how many failures in a row people are told, unless the token has ended before. Default 3: a token endpoint that
     * stumbles once is nobody's concern.
     */
    @WithDefault("3")
    int tellAfter();

    /** After how many failures in a row a token host is left alone, and asked by one at a time. Default 5. */
    @WithDefault("5")
    int circuitAfter();

    /** For how long at first, doubled each time that the one fails, too. Default 5 s. */
    @WithDefault("PT5S")
    Duration circuitPause();

    /** The longest. Default a minute: tokens may end meanwhile. */
    @WithDefault("PT1M")
    Duration circuitPauseAtMost();

    /**
     * From which time before its end on a token is renewed before it is used. Default 10 s: what is sent with it has to get
     * there.
     */
    @WithDefault("PT10S")
    Duration stale();

    /** For how long a lease or a proxied request waits for a renewal. Default 10 s. */
    @WithDefault("PT10S")
    Duration join();
}
