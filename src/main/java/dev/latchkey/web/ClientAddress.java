package dev.latchkey.web;

import java.util.List;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.net.CidrSet;
import dev.latchkey.net.IpAddress;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Where a request really comes from. {@code X-Forwarded-For} is believed only from those who are configured to write it, and
 * only as far as they wrote it: read from the right, each address is believed because the one behind it is trusted. Made at the
 * start, so that a network that cannot be read stops it.
 */
@Startup
@Singleton
public class ClientAddress {

    /** Where gateways stand in nearly every installation; clients may stand there, too. */
    private static final List<String> DEFAULT_GATEWAYS = List.of("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12",
            "192.168.0.0/16", "fc00::/7");

    private static final int MIN_PREFIX_BITS = 7;

    private final CidrSet gateways;
    private final CidrSet forwardingGateways;
    private final CidrSet trustedProxies;

    ClientAddress(WebConfig config) {
        this.gateways = parse("LATCHKEY_GATEWAYS", config.gateways().orElse(DEFAULT_GATEWAYS));
        this.forwardingGateways = config.gateways().isPresent() ? gateways : CidrSet.none();
        this.trustedProxies = parse("LATCHKEY_TRUSTED_PROXIES", config.trustedProxies().orElse(List.of()));
    }

    /** Whether the connection comes from a gateway, which alone may ask for forward auth. */
    public boolean isGateway(HttpServerRequest request) {
        IpAddress peer = peer(request);
        return peer != null && gateways.anyContains(peer);
    }

    /**
     * The client of the request that a gateway asks about: whom the gateway saw, hence the last address of
     * {@code X-Forwarded-For}. Addresses before it count only where the last one is itself a gateway that the operator named:
     * in the default ranges it may as well be a client that wrote them.
     *
     * @param addsItself whether the gateway puts its own address behind that of the client, as Envoy does when it asks
     * @return null when the gateway did not tell a readable address
     */
    public @Nullable IpAddress behindGateway(HttpServerRequest request, boolean addsItself) {
        List<String> entries = forwardedFor(request);
        int last = entries.size() - 1;
        if (addsItself && last > 0) {
            IpAddress own = IpAddress.parseForwardedFor(entries.get(last));
            if (own != null && gateways.anyContains(own)) {
                entries = entries.subList(0, last);
            }
        }
        return behind(forwardingGateways, null, entries);
    }

    /** The client of a request to one of our own operations. */
    public @Nullable IpAddress of(HttpServerRequest request) {
        IpAddress peer = peer(request);
        return peer == null || !trustedProxies.anyContains(peer) ? peer : behind(trustedProxies, peer, forwardedFor(request));
    }

    private static @Nullable IpAddress behind(CidrSet trusted, @Nullable IpAddress unforwarded, List<String> entries) {
        IpAddress nearest = unforwarded;
        for (int i = entries.size() - 1; i >= 0; i--) {
            nearest = IpAddress.parseForwardedFor(entries.get(i));
            if (nearest == null || !trusted.anyContains(nearest)) {
                return nearest;
            }
        }
        return nearest;
    }

    /** The entries of all header lines, the nearest one last. */
    private static List<String> forwardedFor(HttpServerRequest request) {
        return request.headers().getAll("X-Forwarded-For").stream().flatMap(line -> Stream.of(line.split(",", -1)))
                .map(String::strip).toList();
    }

    private static @Nullable IpAddress peer(HttpServerRequest request) {
        // A Unix socket has no address.
        return request.remoteAddress() == null || request.remoteAddress().hostAddress() == null ? null
                : IpAddress.parse(request.remoteAddress().hostAddress());
    }

    private static CidrSet parse(String setting, List<String> texts) {
        CidrSet.Parsed parsed = CidrSet.parse(texts.stream().map(String::strip).filter(text -> !text.isEmpty()).toList());
        if (parsed instanceof CidrSet.Invalid invalid) {
            throw new ConfigurationException(setting + ", entry " + (invalid.index() + 1) + ": " + invalid.message());
        }
        CidrSet networks = ((CidrSet.Valid) parsed).set();
        for (int i = 0; i < networks.networks().size(); i++) {
            // Larger than any private network: to believe the world is to let everyone choose his address.
            if (networks.networks().get(i).prefixLength() < MIN_PREFIX_BITS) {
                throw new ConfigurationException(setting + ", entry " + (i + 1) + ": a network of less than /" + MIN_PREFIX_BITS
                        + " holds strangers, who could then say from where they come; name the networks of your own");
            }
        }
        return networks;
    }
}
