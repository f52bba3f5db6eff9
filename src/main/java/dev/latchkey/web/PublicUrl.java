package dev.latchkey.web;

import java.net.URI;
import java.util.Locale;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;

/**
 * {@code LATCHKEY_PUBLIC_URL}, read: where people and identity providers reach this service. Made at the start, so that one
 * which cannot be read stops it.
 */
@Startup
@Singleton
public final class PublicUrl {

    private final String base;
    private final String origin;
    private final boolean https;

    @Inject
    PublicUrl(WebConfig config) {
        this(config.publicUrl());
    }

    /** @throws ConfigurationException for what is no such address */
    public PublicUrl(String said) {
        String text = said.strip();
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException unreadable) {
            throw refusal(text);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        this.https = scheme.equals("https");
        // Pages name their files, and the API is asked, from the root of a host.
        boolean isBase = ("/" + uri.getRawPath()).matches("/+") && uri.getRawQuery() == null && uri.getRawFragment() == null
                && uri.getRawUserInfo() == null;
        if (!https && !scheme.equals("http") || uri.getHost() == null || !isBase) {
            throw refusal(text);
        }
        this.base = text.replaceAll("/+$", "");
        this.origin = origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), uri.getPort());
    }

    private static ConfigurationException refusal(String text) {
        return new ConfigurationException("LATCHKEY_PUBLIC_URL is \"" + text
                + "\", which is no address: give one such as https://keys.example, without path, query or fragment.");
    }

    /** RFC 6454 section 6.2: without the port that the scheme has anyway. */
    private static String origin(String scheme, String host, int port) {
        boolean usual = port == -1 || port == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + host + (usual ? "" : ":" + port);
    }

    /** Without a slash at the end. */
    public String base() {
        return base;
    }

    /** Whether browsers reach it by https, and keep its cookies for that alone. */
    public boolean isHttps() {
        return https;
    }

    /** As browsers write it into {@code Origin}. */
    public String origin() {
        return origin;
    }
}
