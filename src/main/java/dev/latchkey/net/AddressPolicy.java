package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Which addresses may be dialled. Pure: looks nothing up.
 * <p>
 * <b>The invariant</b>: no request leaves for an address that {@link #permits} does not take. A name says nothing, since who
 * owns it decides where it leads, and may decide anew between two look-ups. So the addresses of one look-up are asked here,
 * all of them, and one of these very addresses is dialled: {@link Outbound} hands it to the client as a number.
 * <p>
 * Addresses that <em>hold</em> another one (NAT64, 6to4, Teredo, ISATAP) are judged by both: a translator in the way would
 * deliver to the inner one. Whoever opens {@code 64:ff9b::/96}, since his cluster reaches the Internet by it, opens the
 * translator and nothing that lies behind it. In IPv6 only what is given out as global unicast is public; what IANA may open
 * some day stays closed until it stands here.
 *
 * @param allow what the operator opens on top of the public addresses
 */
public record AddressPolicy(EgressAllow allow) {

    /** What an address is, whoever asks. */
    public enum Standing {
        /** Anyone's: dialled over TLS for everybody. */
        PUBLIC,
        /** Of a network of one's own, or of none: dialled where the operator's list says so. */
        RESERVED,
        /** Link-local, cloud metadata, or not dialled over TCP at all: never dialled, whatever any list says. */
        NEVER
    }

    private static final CidrSet NEVER = set("0.0.0.0/8", // this network, RFC 791: Linux takes it for loopback
            "169.254.0.0/16", // link-local, RFC 3927; metadata of AWS, Google, Azure, Oracle, DigitalOcean, OpenStack, Hetzner
            "100.100.100.200/32", // metadata of Alibaba
            "168.63.129.16/32", // host of Azure's virtual machines
            "192.0.0.192/32", // metadata of Oracle, formerly
            "224.0.0.0/4", // multicast, RFC 5771
            "255.255.255.255/32", // broadcast, RFC 919
            "::/128", // unspecified, RFC 4291
            "64:ff9b:1::/48", // local NAT64, RFC 8215: where in it the inner address stands is not known
            "fd00:42::42/128", // metadata of Scaleway
            "fd00:c1::a9fe:a9fe/128", // metadata of Oracle
            "fd00:100::100:200/128", // metadata of Alibaba
            "fd00:a9fe:a9fe::1/128", // metadata of Akamai
            "fd00:ec2::/32", // metadata, DNS, time and pod identity of AWS
            "fd20:ce::254/128", // metadata of Google
            "fe80::/10", // link-local, RFC 4291
            "ff00::/8"); // multicast, RFC 4291

    private static final CidrSet RESERVED = set("10.0.0.0/8", // private, RFC 1918
            "100.64.0.0/10", // shared by carriers' NAT, RFC 6598
            "127.0.0.0/8", // loopback, RFC 1122
            "172.16.0.0/12", // private, RFC 1918
            "192.0.0.0/24", // IETF protocol assignments, RFC 6890
            "192.0.2.0/24", // documentation, RFC 5737
            "192.31.196.0/24", // AS112, RFC 7535
            "192.52.193.0/24", // AMT, RFC 7450
            "192.88.99.0/24", // 6to4 relays, RFC 7526
            "192.168.0.0/16", // private, RFC 1918
            "192.175.48.0/24", // AS112, RFC 7534
            "198.18.0.0/15", // benchmarks, RFC 2544
            "198.51.100.0/24", // documentation, RFC 5737
            "203.0.113.0/24", // documentation, RFC 5737
            "240.0.0.0/4", // reserved, RFC 1112
            "2001::/23", // IETF protocol assignments, RFC 2928, Teredo and ORCHID among them
            "2001:db8::/32", // documentation, RFC 3849
            "2002::/16", // 6to4, RFC 3056
            "2620:4f:8000::/48", // AS112, RFC 7534
            "3fff::/20"); // documentation, RFC 9637

    /** The only part of IPv6 that is given out as global unicast: loopback, unique local, NAT64 and others lie beside it. */
    private static final Cidr GLOBAL_UNICAST = network("2000::/3");
    private static final Cidr NAT64 = network("64:ff9b::/96");
    private static final Cidr SIX_TO_FOUR = network("2002::/16");
    private static final Cidr TEREDO = network("2001::/32");
    private static final Cidr COMPATIBLE = network("::/96");
    private static final Cidr TRANSLATED = network("::ffff:0:0:0/96");
    private static final IpAddress LOOPBACK = new IpAddress(0, 1);
    private static final long ISATAP = 0x5efe;
    private static final long ISATAP_GLOBAL = 0x0200_5efe;

    public AddressPolicy {
        requireNonNull(allow, "allow");
    }

    /**
     * Whether that address, to which the destination's host has led or which it is, may be dialled for it. Plain http goes
     * only to what the operator's list names, be it public.
     */
    public boolean permits(Destination to, IpAddress address) {
        return !to.disguised() && standing(address) != Standing.NEVER
                && (allow.names(to.host(), to.port()) || isOpen(to, address));
    }

    private boolean isOpen(Destination to, IpAddress address) {
        var inner = inner(address);
        var isListed = allow.contains(address, to.port());
        return inner == null ? isListed || to.secure() && standing(address) == Standing.PUBLIC
                : isListed && isOpen(to, inner);
    }

    /** What that address is; the spelling does not matter, IPv4-mapped ones are IPv4. */
    public static Standing standing(IpAddress address) {
        var inner = inner(address);
        if (NEVER.anyContains(address) || inner != null && standing(inner) == Standing.NEVER) {
            return Standing.NEVER;
        }
        return inner != null || RESERVED.anyContains(address) || !address.isIpv4() && !GLOBAL_UNICAST.contains(address)
                ? Standing.RESERVED
                : Standing.PUBLIC;
    }

    static boolean neverContains(Cidr network) {
        return NEVER.anyContains(network);
    }

    /** The IPv4 address to which a translator or a tunnel would deliver. */
    private static @Nullable IpAddress inner(IpAddress address) {
        if (address.isIpv4() || address.equals(LOOPBACK)) {
            return null;
        }
        if (SIX_TO_FOUR.contains(address)) {
            return IpAddress.ofIpv4((int) (address.high() >>> 16));
        }
        if (TEREDO.contains(address)) {
            return IpAddress.ofIpv4((int) ~address.low());
        }
        var identifier = address.low() >>> 32;
        return NAT64.contains(address) || COMPATIBLE.contains(address) || TRANSLATED.contains(address) || identifier == ISATAP
                || identifier == ISATAP_GLOBAL ? IpAddress.ofIpv4((int) address.low()) : null;
    }

    private static CidrSet set(String... networks) {
        if (CidrSet.parse(List.of(networks)) instanceof CidrSet.Valid valid) {
            return valid.set();
        }
        throw new IllegalArgumentException("no network");
    }

    private static Cidr network(String text) {
        return requireNonNull(Cidr.parse(text).orNull(), text);
    }
}
