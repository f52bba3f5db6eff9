package dev.latchkey.proxy;

import java.net.URI;

import dev.latchkey.net.Destination;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@code Location} leads a caller. To him everything is below our own address: what lies below the credential's base
 * URL is given by the address of the proxy, where the credential is added again. Everything else stays as the provider said
 * it.
 *
 * @param root address of the credential below the proxy, without a slash at its end
 * @param base URL of the credential
 * @param asked of the provider
 */
record Redirects(String root, Destination base, Destination asked) {

    /** The location as the caller should read it. */
    String of(String location) {
        URI there = resolved(location);
        if (there == null || there.getRawAuthority() == null || there.getRawUserInfo() != null
                || !isOfBase(there.getScheme() + "://" + there.getRawAuthority())) {
            return location;
        }
        String path = there.getRawPath().isEmpty() ? "/" : there.getRawPath();
        String below = pathOf(base);
        below = below.endsWith("/") ? below.substring(0, below.length() - 1) : below;
        if (!path.equals(below) && !path.startsWith(below + "/")) {
            return location;
        }
        String target = root + path.substring(below.length()) + (there.getRawQuery() == null ? "" : "?" + there.getRawQuery());
        return ProxyTarget.parse(target) instanceof ProxyTarget.Valid
                ? target + (there.getRawFragment() == null ? "" : "#" + there.getRawFragment())
                : location;
    }

    private boolean isOfBase(String origin) {
        Destination there = Destination.parse(origin + "/").orNull();
        return there != null && there.origin().equals(base.origin());
    }

    /** Null where it is no address, or says nothing but a place within the same one. */
    private @Nullable URI resolved(String location) {
        String here = asked.origin() + pathOf(asked);
        try {
            // RFC 3986 section 5.2.2; the resolution below drops the last segment.
            return location.isEmpty() || location.startsWith("#") ? null
                    : location.startsWith("?") ? URI.create(here + location) : URI.create(here).resolve(URI.create(location));
        } catch (IllegalArgumentException noAddress) {
            return null;
        }
    }

    private static String pathOf(Destination destination) {
        int query = destination.target().indexOf('?');
        return query < 0 ? destination.target() : destination.target().substring(0, query);
    }
}
