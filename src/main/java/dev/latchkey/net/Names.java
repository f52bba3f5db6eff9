package dev.latchkey.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.AuthoritativeDnsServerCache;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the addresses of names: the machine's {@code hosts} file, then DNS, both families.
 * <p>
 * Not by the JDK, which blocks a thread for each look-up: a tenant whose name servers never answer would hold up everyone
 * else's. Names are asked for as they stand, never completed with the machine's search domains: {@code db.internal} is nobody
 * of ours because this pod happens to search {@code corp.example}. Only what the operator's list names is looked up as the
 * machine would. Answers are kept as long as they say, and never longer than half a minute; that they may differ the next time
 * is {@link AddressPolicy}'s matter. Each look-up has a port of its own, so that a forged answer must guess that, too.
 * Only the servers that were named to us are asked: an answer that refers to others, at whatever address its author likes,
 * is not followed.
 */
final class Names implements AutoCloseable {

    private static final int LONGEST_TTL_SECONDS = 30;
    private static final long QUERY_MILLIS = TimeUnit.SECONDS.toMillis(2);
    private static final int MOST_QUERIES = 12;
    private static final int DNS_PORT = 53;
    private static final String LOCALHOST = "localhost";
    private static final List<IpAddress> LOOPBACK = List.of(IpAddress.ofIpv4(0x7f00_0001), new IpAddress(0, 1));

    private final DnsNameResolver absolute;
    private final DnsNameResolver searching;

    /** @param servers in this order; none for the machine's own */
    Names(Vertx vertx, List<InetSocketAddress> servers) {
        absolute = builder(vertx, servers).searchDomains(List.of()).ndots(1).build();
        searching = servers.isEmpty() ? builder(vertx, servers).build() : absolute;
    }

    @SuppressWarnings("unchecked")
    private static DnsNameResolverBuilder builder(Vertx vertx, List<InetSocketAddress> servers) {
        var internal = (VertxInternal) vertx;
        var transport = internal.transport();
        var provider = servers.isEmpty() ? DnsServerAddressStreamProviders.platformDefault()
                : new SequentialDnsServerAddressStreamProvider(servers);
        return new DnsNameResolverBuilder(internal.getEventLoopGroup().next())
                .datagramChannelFactory(transport::datagramChannel)
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                // Answers too long for one datagram.
                .socketChannelFactory((ChannelFactory<? extends SocketChannel>) transport.channelFactory(false))
                // Read now, not when a native executable is built.
                .hostsFileEntriesResolver(new DefaultHostsFileEntriesResolver())
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                // All addresses are checked, hence waited for.
                .completeOncePreferredResolved(false).ttl(0, LONGEST_TTL_SECONDS).negativeTtl(0)
                .queryTimeoutMillis(QUERY_MILLIS).maxQueriesPerResolve(MOST_QUERIES).nameServerProvider(provider)
                .authoritativeDnsServerCache(new Unreferred(provider));
    }

    /**
     * Where the resolver asks which servers it has been referred to: always the ones that it began with. It has no other
     * place to say that referrals are not followed.
     */
    private record Unreferred(DnsServerAddressStreamProvider servers) implements AuthoritativeDnsServerCache {

        @Override
        public DnsServerAddressStream get(String name) {
            return servers.nameServerAddressStream(name);
        }

        @Override
        public void cache(String name, InetSocketAddress server, long ttl, EventLoop loop) {
            // What a zone says of its servers is not kept.
        }

        @Override
        public void clear() {
            // Holds nothing.
        }

        @Override
        public boolean clear(String name) {
            return false;
        }
    }

    /**
     * Reads a DNS server: an address with an optional port.
     *
     * @return null when the text is none
     */
    static @Nullable InetSocketAddress server(String text) {
        var parsed = EgressAllow.parse(List.of(text));
        if (!(parsed instanceof EgressAllow.Valid valid) || valid.allow().entries().size() != 1) {
            return null;
        }
        var entry = valid.allow().entries().get(0);
        var network = entry.network();
        if (network == null || text.indexOf('/') >= 0) {
            return null;
        }
        return new InetSocketAddress(network.network().toInetAddress(), entry.port() == 0 ? DNS_PORT : entry.port());
    }

    /**
     * The addresses of the name, IPv4 first, since the other family is where nobody hears us more often. Completes on the
     * context; fails where there are none.
     *
     * @param asMachine whether search domains complete it
     */
    Future<List<IpAddress>> addresses(String name, boolean asMachine, Context context) {
        var fixed = fixed(name);
        if (!fixed.isEmpty()) {
            return Future.succeededFuture(fixed);
        }
        var resolver = asMachine ? searching : absolute;
        return ask(resolver, name, context)
                .recover(fault -> isSilence(fault) ? ask(resolver, name, context) : Future.failedFuture(fault));
    }

    /** Where a name leads on every machine, or nothing: {@code localhost} is no business of a DNS server (RFC 6761). */
    static List<IpAddress> fixed(String name) {
        return name.equals(LOCALHOST) || name.endsWith("." + LOCALHOST) ? LOOPBACK : List.of();
    }

    private static Future<List<IpAddress>> ask(DnsNameResolver resolver, String name, Context context) {
        var answer = Promise.<List<IpAddress>> promise();
        resolver.resolveAll(name).addListener((io.netty.util.concurrent.Future<Collection<InetAddress>> done) -> context
                .runOnContext(here -> {
                    if (done.isSuccess()) {
                        answer.complete(sorted(done.getNow()));
                    } else {
                        answer.fail(done.cause());
                    }
                }));
        return answer.future();
    }

    private static List<IpAddress> sorted(Collection<InetAddress> addresses) {
        return addresses.stream().map(IpAddress::of).distinct().sorted(Comparator.comparing(address -> !address.isIpv4()))
                .toList();
    }

    /** A datagram may be lost on the way; a server that says no is not asked again. */
    private static boolean isSilence(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsNameResolverTimeoutException) {
                return true;
            }
            if (cause instanceof DnsErrorCauseException || !(cause instanceof UnknownHostException)) {
                return false;
            }
        }
        return false;
    }

    @Override
    public void close() {
        absolute.close();
        searching.close();
    }
}
