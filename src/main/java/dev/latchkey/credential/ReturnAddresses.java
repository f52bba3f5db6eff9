package dev.latchkey.credential;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import jakarta.inject.Singleton;

import dev.latchkey.net.Destination;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.PublicUrl;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Where the page that ends a connection may lead a person back to: a link on a page of ours is believed. Compared is what was
 * read, never what was written: a browser reads {@code //evil.example} and {@code /\evil.example} as other hosts. Made at the
 * start, so that a setting that cannot be read stops it.
 */
@Startup
@Singleton
class ReturnAddresses {

    private static final String FIELD = "returnTo";
    /** Reads a path as a browser would that stands on a page of ours. */
    private static final String ANYWHERE = "https://own.invalid";

    private final String base;
    private final Set<String> origins = new HashSet<>();

    ReturnAddresses(PublicUrl publicUrl, ConnectConfig config) {
        this.base = publicUrl.base();
        origins.add(publicUrl.origin());
        for (String said : config.oauth2().returnTo().orElse(List.of())) {
            Destination origin = Destination.parse(said.strip()).orNull();
            if (origin == null || !origin.target().equals("/")) {
                throw new ConfigurationException("LATCHKEY_OAUTH2_RETURN_TO: \"" + said
                        + "\" is no origin such as https://shop.example, without a path.");
            }
            origins.add(origin.origin());
        }
    }

    /**
     * The whole address.
     *
     * @param said a path of our own, or a URL; null: none
     * @throws ProblemException 422 for any other
     */
    @Nullable
    String of(@Nullable String said) {
        if (said == null) {
            return null;
        }
        if (said.indexOf('\\') >= 0 || said.chars().anyMatch(each -> each <= ' ' || each == 0x7f)) {
            throw invalid();
        }
        boolean isPath = said.startsWith("/");
        if (isPath && said.startsWith("//")) {
            throw invalid();
        }
        Destination read = Destination.parse(isPath ? ANYWHERE + withoutFragment(said) : withoutFragment(said)).orNull();
        if (read == null || !(isPath ? read.origin().equals(ANYWHERE) : origins.contains(read.origin()))) {
            throw invalid();
        }
        // As it was read: of an address with two readings, the browser gets the one that was looked at.
        return (isPath ? base : read.origin()) + read.target() + fragment(said);
    }

    private static String withoutFragment(String url) {
        int mark = url.indexOf('#');
        return mark < 0 ? url : url.substring(0, mark);
    }

    private static String fragment(String url) {
        int mark = url.indexOf('#');
        return mark < 0 ? "" : url.substring(mark);
    }

    private static ProblemException invalid() {
        return ProblemException.invalid(FIELD,
                "must be a path of this service, or a URL of an origin that its operator allows");
    }
}
