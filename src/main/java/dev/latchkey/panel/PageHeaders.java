package dev.latchkey.panel;

import jakarta.inject.Singleton;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * What browsers are told about the panel's pages: to run and show nothing that does not come from here, whatever may have come
 * into a page, to tell nobody where it was, and who may show it in a frame.
 */
@Singleton
final class PageHeaders {

    private static final String NOSNIFF = "X-Content-Type-Options";

    private final String policy;

    PageHeaders(FrameAncestors ancestors) {
        // No inline script or style, no eval. Nothing may move the page's base; forms are sent by script. Images may be drawn
        // into the page (data:), since they run nothing.
        this.policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
                + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors " + ancestors.directive();
    }

    /** Of the document, asked for anew each time: it names the files of this version. */
    void ofDocument(MultiMap headers) {
        headers.set("Content-Security-Policy", policy).set(NOSNIFF, "nosniff").set("Referrer-Policy", "no-referrer")
                .set("Cross-Origin-Opener-Policy", "same-origin")
                .set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()")
                .set(HttpHeaders.CACHE_CONTROL, "no-cache");
    }

    /**
     * Of the files that it needs.
     *
     * @param isNamedByContent then it never changes
     */
    void ofFile(MultiMap headers, boolean isNamedByContent) {
        // An SVG that is opened by itself is a document.
        headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
                .set(NOSNIFF, "nosniff").set("Referrer-Policy", "no-referrer")
                .set("Cross-Origin-Resource-Policy", "same-origin")
                .set(HttpHeaders.CACHE_CONTROL, isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache");
    }

    /**
     * Of what the API answers, unless the operation says otherwise: it is for whoever asked. No cache knows that a cookie
     * is what tells callers apart. Verifications are answered before, by one program to another.
     */
    void ofAnswer(MultiMap headers) {
        headers.set(NOSNIFF, "nosniff");
        if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
            headers.set(HttpHeaders.CACHE_CONTROL, "private, no-store");
        }
    }

    /** Of Quarkus's own pages, whose scripts are not ours to bind: no other site shows them in a frame. */
    void ofService(MultiMap headers) {
        headers.set("Content-Security-Policy", "frame-ancestors 'self'").set(NOSNIFF, "nosniff");
    }
}
