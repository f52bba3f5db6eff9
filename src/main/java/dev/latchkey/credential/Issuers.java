package dev.latchkey.credential;

import dev.latchkey.net.Destination;
import org.jspecify.annotations.Nullable;

/**
 * Who an authorization server says that it is, and whether it was the one that a person was sent to (RFC 9207): with the same
 * callback for all, a server of ill will could otherwise have us present it the code that an honest one has given.
 */
final class Issuers {

    private static final String WELL_KNOWN = "/.well-known/";
    private static final String OPENID = "openid-configuration";
    private static final String OAUTH = "oauth-authorization-server";

    private Issuers() {
    }

    /**
     * The issuer that a metadata URL belongs to: of OpenID Connect Discovery section 4 the well-known part stands at its end,
     * of RFC 8414 section 3.1 between host and path. Null where it is neither.
     */
    static @Nullable String of(@Nullable String metadataUrl) {
        int at = metadataUrl == null ? -1 : metadataUrl.indexOf(WELL_KNOWN);
        if (metadataUrl == null || at < 0) {
            return null;
        }
        String rest = metadataUrl.substring(at + WELL_KNOWN.length());
        if (rest.equals(OPENID) || rest.equals(OAUTH)) {
            return metadataUrl.substring(0, at);
        }
        String start = rest.startsWith(OPENID + "/") ? OPENID : rest.startsWith(OAUTH + "/") ? OAUTH : null;
        return start == null ? null : metadataUrl.substring(0, at) + rest.substring(start.length());
    }

    /** RFC 8414 section 2: a URL without query and fragment. */
    static boolean isName(String text) {
        Destination there = Destination.parse(text).orNull();
        return there != null && there.target().indexOf('?') < 0;
    }

    /**
     * Whether the redirect came from where the person was sent. An issuer that is known has to be it. Of one that is not, its
     * host has to be that of the authorize or the token URL: another host is another server.
     *
     * @param known null: not known
     * @param isDemanded whether the server says it each time
     * @param said by the redirect; null: nothing
     */
    static boolean isRight(@Nullable String known, boolean isDemanded, @Nullable String said, @Nullable Destination authorize,
            @Nullable Destination token) {
        if (said == null) {
            return !isDemanded;
        }
        if (known != null) {
            // Some write it with a slash at the end, which a metadata URL does not tell.
            return known.replaceAll("/$", "").equals(said.replaceAll("/$", ""));
        }
        Destination there = Destination.parse(said).orNull();
        return there != null && (authorize != null && there.host().equals(authorize.host())
                || token != null && there.host().equals(token.host()));
    }
}
