package dev.latchkey.net;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The way out: what may be called, who is believed to be whom, and who is asked for names. */
@ConfigMapping(prefix = "latchkey.egress")
public interface EgressConfig {

    /** The name under which operators know the setting of {@link #allow}. */
    String ALLOW = "LATCHKEY_EGRESS_ALLOW";

    /**
     * Hosts and networks that are called although they are not public, each with an optional {@code :port}; plain http goes
     * only to these. Default none; with the embedded database the start sets {@code 127.0.0.0/8,[::1]}, since whoever tries
     * Latchkey on one machine has the other side there, too.
     */
    Optional<List<String>> allow();

    /**
     * A file of certificates (PEM) that are believed besides the ones of the Java runtime: an own certificate authority, as
     * on-premise systems have. Default none.
     */
    Optional<String> trustCertificates();

    /**
     * DNS servers, each an address with an optional {@code :port}, asked in this order in place of the ones of
     * {@code /etc/resolv.conf}. Default none: what the machine asks.
     */
    Optional<List<String>> dnsServers();

    /**
     * Connections at once to one address, for one host and port, beyond which requests wait. Default 128: more than any polite
     * caller opens, few enough to not run out of files.
     */
    @WithDefault("128")
    int connectionsPerAddress();

    /**
     * How long a connection that nobody uses is kept. Default 10 s, below what nearly all servers keep theirs: one that is
     * about to be closed is no good to anyone.
     */
    @WithDefault("PT10S")
    Duration keepAlive();
}
