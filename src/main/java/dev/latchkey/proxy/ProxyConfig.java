package dev.latchkey.proxy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the proxy: {@code LATCHKEY_PROXY_FIRST_BYTE} and so on. */
@StaticInitSafe
@ConfigMapping(prefix = "latchkey.proxy")
interface ProxyConfig {

    /**
     * How long a provider may think, from the end of the request to the beginning of its answer; then the caller gets a 504.
     * Default 60 s, as other proxies have it, and less than our own connections may be idle ({@code
     * quarkus.http.idle-timeout}): from that on, the start is refused.
     */
    @WithDefault("60S")
    Duration firstByte();

    /** How long a body may stand still in either direction before both connections are ended. Default 60 s, as above. */
    @WithDefault("60S")
    Duration idle();

    /**
     * How many requests this replica sends on at a time; more are answered 503. Default 1,000: each may hold some hundred KiB
     * of bodies in four buffers, which the heap of a small container has room for.
     */
    @WithDefault("1000")
    int atOnce();

    /**
     * How many of them one organization may have under way; more are answered 503. Default 64, half of the connections that
     * there are to one address ({@code LATCHKEY_EGRESS_CONNECTIONS_PER_ADDRESS}), so that nobody takes all of them.
     */
    @WithDefault("64")
    int atOncePerOrganization();

    /**
     * Headers of requests that are not sent to providers besides those of gateways that are known: what yours says of whoever
     * asks, for instance {@code X-Remote-User,X-Remote-*}. Default none.
     */
    Optional<List<String>> strip();

    /** How many rows one statement of the job writes or forgets. Default 500: some milliseconds. */
    @WithDefault("500")
    int batch();

    /**
     * How long after its end an hour is summed up in the activity log, so that every replica has written its counts and
     * requests that were under way have ended. Default 5 minutes.
     */
    @WithDefault("5M")
    Duration settle();
}
