package dev.latchkey.panel;

import java.util.Locale;

import jakarta.inject.Singleton;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.PublicUrl;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request that changes something comes from a page of our own.
 *
 * <p>
 * Browsers say so themselves: {@code Sec-Fetch-Site} (W3C Fetch Metadata) decides where it is sent, since no page can forge it.
 * Older browsers, and those on plain http, send {@code Origin} (RFC 6454), which has to be the host that was asked or
 * {@code LATCHKEY_PUBLIC_URL}, since a proxy may have asked by another name. What sends neither is no browser of the last
 * years; it gets no further without the CSRF token. The same site is not enough: what else stands on a domain is not ours.
 */
@Singleton
final class OwnPages {

    private final PublicUrl publicUrl;

    OwnPages(PublicUrl publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** GET, HEAD and OPTIONS change nothing (RFC 9110 section 9.2.1), and no page of another origin reads their answers. */
    static boolean isSafe(HttpMethod method) {
        return method == HttpMethod.GET || method == HttpMethod.HEAD || method == HttpMethod.OPTIONS;
    }

    /** @throws ProblemException 403 for a request of somebody else's page */
    void require(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        boolean own = site == null ? isOwn(request.getHeader(HttpHeaders.ORIGIN), request)
                : site.equals("same-origin") || site.equals("none");
        if (!own) {
            throw new ProblemException(ProblemCode.CSRF,
                    "The request comes from a page of another origin than the panel's (LATCHKEY_PUBLIC_URL).");
        }
    }

    private boolean isOwn(@Nullable String origin, HttpServerRequest request) {
        if (origin == null || origin.equals(publicUrl.origin())) {
            return true;
        }
        String host = request.getHeader(HttpHeaders.HOST);
        int scheme = origin.indexOf("://");
        return host != null && scheme > 0 && origin.substring(scheme + 3).equals(host.toLowerCase(Locale.ROOT));
    }
}
