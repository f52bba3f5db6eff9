package dev.latchkey.credential;

import java.util.Map;
import java.util.Objects;

import dev.latchkey.credential.Provider.Sandbox;
import dev.latchkey.net.Destination;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * Where one credential's provider is asked: the templates of its entry with the credential's variables in them. All of them lie
 * within the hosts that the entry admits, so that neither a variable nor a base URL leads its secrets elsewhere.
 */
public final class Addresses {

    private static final String BASE_URL = "baseUrl";

    private final @Nullable Provider provider;
    private final Map<String, String> values;
    private final @Nullable String base;
    private final @Nullable Sandbox sandbox;

    private Addresses(@Nullable Provider provider, Map<String, String> values, @Nullable String base,
            @Nullable Sandbox sandbox) {
        this.provider = provider;
        this.values = values;
        this.base = base;
        this.sandbox = sandbox;
    }

    /**
     * Puts them together. Nothing is looked up: whether an address may be called is asked of {@code net}.
     *
     * @param baseUrl as the merchant gives it; null where the entry has it
     * @throws ProblemException 422 for a base URL that is none, that is missing, or that the provider does not admit
     */
    public static Addresses of(@Nullable Provider provider, Variables variables, @Nullable String baseUrl) {
        Map<String, String> values = variables.values();
        if (baseUrl == null) {
            if (provider == null) {
                return new Addresses(null, values, null, null);
            }
            if (provider.ownHost() != null) {
                throw ProblemException.invalid(BASE_URL, "is required, such as " + provider.ownHost().example());
            }
            return new Addresses(provider, values,
                    provider.baseUrl() == null ? null : filled(provider, provider.baseUrl(), values), null);
        }
        Destination there = destination(BASE_URL, baseUrl);
        if (there.target().indexOf('?') >= 0) {
            throw ProblemException.invalid(BASE_URL, "must end before the question mark");
        }
        if (provider == null) {
            return new Addresses(null, values, there.url(), null);
        }
        requireAdmitted(BASE_URL, provider, there);
        return new Addresses(provider, values, there.url(), sandbox(provider, values, there));
    }

    /**
     * That whose base URL leads farthest along the one that was said: a sandbox may lie below the entry's own base, on its
     * host. Where none leads there, that which has the host for itself.
     */
    private static @Nullable Sandbox sandbox(Provider provider, Map<String, String> values, Destination there) {
        Destination own = provider.baseUrl() == null ? null : parsed(filled(provider, provider.baseUrl(), values));
        Sandbox farthest = null;
        int length = own != null && isBelow(own, there) ? own.target().length() : -1;
        boolean isKnown = length >= 0;
        for (Sandbox sandbox : provider.sandboxes()) {
            Destination base = parsed(filled(provider, sandbox.baseUrl(), values));
            if (isBelow(base, there) && base.target().length() > length) {
                farthest = sandbox;
                length = base.target().length();
            }
        }
        if (isKnown || farthest != null) {
            return farthest;
        }
        return provider.sandboxes().stream().filter(sandbox -> {
            String origin = parsed(filled(provider, sandbox.baseUrl(), values)).origin();
            return sandbox.hosts().stream().anyMatch(pattern -> pattern.matches(there))
                    || there.origin().equals(origin) && (own == null || !own.origin().equals(origin));
        }).findFirst().orElse(null);
    }

    /** By whole segments. */
    private static boolean isBelow(Destination base, Destination there) {
        String path = base.target().endsWith("/") ? base.target() : base.target() + "/";
        return base.origin().equals(there.origin()) && (there.target() + "/").startsWith(path);
    }

    /** Below which the provider's operations lie; null where neither the entry nor the merchant says. */
    public @Nullable String base() {
        return base;
    }

    /** Of the entry; null where it has none. */
    public @Nullable String authorizeUrl() {
        return sandbox != null && sandbox.authorizeUrl() != null ? filled(sandbox.authorizeUrl())
                : oauth() == null ? null : filled(oauth().authorizeUrl());
    }

    /** Of the entry; null where it has none. */
    public @Nullable String tokenUrl() {
        return sandbox != null && sandbox.tokenUrl() != null ? filled(sandbox.tokenUrl())
                : oauth() == null ? null : filled(oauth().tokenUrl());
    }

    /** Of the entry, where it is another than the token URL. */
    public @Nullable String refreshUrl() {
        return oauth() == null ? null : filled(oauth().refreshUrl());
    }

    /** Of the entry; null where it has none. */
    public @Nullable String revokeUrl() {
        return oauth() == null ? null : filled(oauth().revokeUrl());
    }

    /** Of the entry; null where it has none. */
    public @Nullable String metadataUrl() {
        return oauth() == null ? null : filled(oauth().metadataUrl());
    }

    /**
     * The address of a test of the entry, below the base URL where it is a path, and that of the sandbox where there is one.
     *
     * @return null where there is no base URL that it could stand below
     */
    @Nullable
    Destination at(UrlTemplate template) {
        UrlTemplate chosen = sandbox != null && sandbox.testUrl() != null && !template.isPath() ? sandbox.testUrl() : template;
        String filled = filled(chosen);
        if (filled == null) {
            return null;
        }
        return chosen.isPath() ? below(filled) : Destination.parse(filled).orNull();
    }

    /**
     * An address of the merchant's own, below the base URL where it begins with a slash.
     *
     * @param field by which a problem names it
     * @throws ProblemException 422 for one that is none, or that the provider does not admit
     */
    public Destination of(String field, String url) {
        if (url.startsWith("/")) {
            Destination below = below(url);
            if (below == null) {
                throw ProblemException.invalid(field, "is a path, and there is no baseUrl that it could stand below");
            }
            return below;
        }
        Destination there = destination(field, url);
        if (provider != null) {
            requireAdmitted(field, provider, there);
        }
        return there;
    }

    private @Nullable Destination below(String path) {
        if (base == null) {
            return null;
        }
        return Destination.parse((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path).orNull();
    }

    private @Nullable ProviderOAuth oauth() {
        return provider == null ? null : provider.oauth2();
    }

    private @Nullable String filled(@Nullable UrlTemplate template) {
        return template == null || provider == null ? null : filled(provider, template, values);
    }

    /** The finished address is looked at, not its variables: patterns are an operator's, and may be loose. */
    private static String filled(Provider provider, UrlTemplate template, Map<String, String> values) {
        String filled = template.fill(values);
        if (filled == null) {
            throw ProblemException.invalid("variables", "do not make an address together");
        }
        if (!template.isPath()) {
            Destination there = Destination.parse(filled).orNull();
            if (there == null || !provider.admits(there)) {
                throw ProblemException.invalid("variables", "lead to a host that is none of this provider's");
            }
        }
        return filled;
    }

    private static Destination parsed(String url) {
        return Objects.requireNonNull(Destination.parse(url).orNull(), "url");
    }

    private static Destination destination(String field, String url) {
        Destination.Parsed parsed = Destination.parse(url);
        if (parsed instanceof Destination.Invalid invalid) {
            throw ProblemException.invalid(field, invalid.message());
        }
        return Objects.requireNonNull(parsed.orNull(), field);
    }

    private static void requireAdmitted(String field, Provider provider, Destination there) {
        if (!provider.admits(there)) {
            throw ProblemException.invalid(field, "must be one of " + provider.name() + "'s own hosts: "
                    + String.join(", ", provider.hosts().stream().map(HostPattern::toString).toList()));
        }
    }
}
