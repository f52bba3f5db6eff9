package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import dev.latchkey.credential.CredentialData.ApiKey;
import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.CustomHeaders;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.Provider.Placement;
import dev.latchkey.credential.Provider.Use;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * What signs one request in: the one place where it is decided, for tests, leases and the proxy alike. Never a refresh
 * token, and a client's secret only for vendors that want it on every request, whose credentials are not leased.
 * <p>
 * Credentials are checked when they are written, but tokens come from token endpoints, and an entry's headers from an operator:
 * hence every name and value is looked at once more, and none that could end its line, and begin another one, gets through.
 *
 * @param headers to set, by name, in place of the caller's own
 * @param query to add, by name, not yet encoded
 * @param constants names, in lower case, of those headers that the provider's entry says in the open, such as a version
 * @param secrets what must not be told to whoever sends the request: as the merchant entered it, and what is made of it
 */
public record Authentication(Map<String, Secret> headers, Map<String, Secret> query, Set<String> constants,
        Collection<Secret> secrets) {

    private static final String AUTHORIZATION = "Authorization";
    private static final Set<String> SECRET_PLACES = Set.of(TextTemplate.CLIENT_SECRET, TextTemplate.ACCESS_TOKEN);

    /** @throws ProblemException 409 for what no request can carry */
    public Authentication {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
        constants = Set.copyOf(constants);
        secrets = List.copyOf(secrets);
        headers.forEach((name, value) -> {
            if (!Header.isName(name) || Header.isReserved(name) || !Header.isValue(value.reveal())
                    || value.reveal().isEmpty()) {
                throw ProblemException.conflict(
                        "The credential is empty, or holds a character that no header can carry. Enter its secret fields again.");
            }
        });
    }

    /**
     * Puts it together.
     *
     * @param provider whose entry says where keys and tokens go; null: the data says
     * @return empty where there is nothing to sign in with yet: OAuth 2 without an access token
     * @throws ProblemException 409 for what no request can carry
     */
    public static Optional<Authentication> of(CredentialData data, @Nullable Provider provider, Variables variables) {
        Use use = provider == null ? null : provider.use(data.type()).orElse(null);
        Placement placement = use == null ? null : use.placement();
        Map<String, Secret> headers = new LinkedHashMap<>();
        Map<String, Secret> query = new LinkedHashMap<>();
        Map<String, String> values = new HashMap<>(variables.values());
        if (data instanceof ApiKey key) {
            place(placement != null ? placement : of(key), key.key(), key.secret(), headers, query);
        } else if (data instanceof Bearer bearer) {
            place(placement != null ? placement : bearer(), bearer.token(), null, headers, query);
        } else if (data instanceof Basic basic) {
            headers.put(AUTHORIZATION, basic(basic.username().reveal(), basic.password().reveal()));
        } else if (data instanceof CustomHeaders custom) {
            headers.putAll(custom.headers());
        } else if (data instanceof OAuth2 oauth) {
            Secret token = oauth.accessToken();
            if (token == null) {
                return Optional.empty();
            }
            values.put(TextTemplate.CLIENT_ID, oauth.clientId());
            if (oauth.clientSecret() != null) {
                values.put(TextTemplate.CLIENT_SECRET, oauth.clientSecret().reveal());
            } else if (use != null && use.presentsClientSecret()) {
                throw ProblemException
                        .conflict("The credential lacks the client secret, which its provider wants on every request.");
            }
            place(placement != null ? placement : bearer(), token, null, headers, query);
        }
        Set<String> constants = new TreeSet<>();
        if (use != null) {
            use.headers().forEach((name, value) -> {
                String filled = value.fill(values);
                // A variable that was left empty; an empty key is a fault, and must not make a request of nobody's.
                if (!filled.isEmpty() && headers.putIfAbsent(name, Secret.of(filled)) == null
                        && value.places().stream().noneMatch(SECRET_PLACES::contains)) {
                    constants.add(name.toLowerCase(Locale.ROOT));
                }
            });
        }
        return Optional.of(new Authentication(headers, query, constants, secrets(
                CredentialFields.sealed(data, CredentialFields.secretNames(provider, data.type())), headers, query,
                constants)));
    }

    /** With each header as a whole, and what stands in it behind its scheme: of a user and a password it is made of both. */
    private static Collection<Secret> secrets(Map<String, Secret> sealed, Map<String, Secret> headers,
            Map<String, Secret> query, Set<String> constants) {
        Set<Secret> secrets = new LinkedHashSet<>(sealed.values());
        secrets.addAll(query.values());
        headers.forEach((name, value) -> {
            if (!constants.contains(name.toLowerCase(Locale.ROOT))) {
                secrets.add(value);
                secrets.add(Secret.of(value.reveal().substring(value.reveal().lastIndexOf(' ') + 1)));
            }
        });
        return secrets;
    }

    private static Placement of(ApiKey key) {
        return new Placement(switch (key.placement()) {
            case HEADER -> Placement.In.HEADER;
            case QUERY -> Placement.In.QUERY;
        }, key.name(), key.prefix() == null ? "" : key.prefix(), null);
    }

    private static Placement bearer() {
        return new Placement(Placement.In.HEADER, AUTHORIZATION, "Bearer", null);
    }

    private static void place(Placement placement, Secret key, @Nullable Secret secret, Map<String, Secret> headers,
            Map<String, Secret> query) {
        Secret second = placement.secretName() == null ? null : secret;
        switch (placement.in()) {
            case HEADER -> {
                headers.put(placement.name(), Secret.of(prefixed(placement.prefix(), key.reveal())));
                if (second != null) {
                    headers.put(requireNonNull(placement.secretName(), "secretName"), second);
                }
            }
            case QUERY -> {
                query.put(placement.name(), Secret.of(placement.prefix() + key.reveal()));
                if (second != null) {
                    query.put(requireNonNull(placement.secretName(), "secretName"), second);
                }
            }
            case BASIC -> headers.put(AUTHORIZATION, basic(key.reveal(), secret == null ? "" : secret.reveal()));
        }
    }

    /** A scheme is followed by a blank, RFC 9110 section 11.4; {@code Token token=} is not. */
    private static String prefixed(String prefix, String key) {
        String scheme = prefix.strip();
        return scheme.isEmpty() ? key
                : Character.isLetterOrDigit(scheme.charAt(scheme.length() - 1)) ? scheme + " " + key : scheme + key;
    }

    /** RFC 7617, in UTF-8. */
    private static Secret basic(String username, String password) {
        return Secret.of("Basic " + Base64.getEncoder()
                .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    /** The headers, as they are sent. */
    public List<Header> sent() {
        return headers.entrySet().stream().map(header -> new Header(header.getKey(), header.getValue().reveal())).toList();
    }

    /**
     * The target of a request with the query added. Parameters of the same names that stand there, however they are spelled,
     * are cut out, each with what parts it from the one before: of two, a server may take either. The rest stays as it is,
     * byte by byte.
     *
     * @param target path and query, as in the request line
     */
    public String addedTo(String target) {
        if (query.isEmpty()) {
            return target;
        }
        int mark = target.indexOf('?');
        StringBuilder added = new StringBuilder(mark < 0 ? "" : others(target.substring(mark + 1)));
        query.forEach((name, value) -> added.append(added.isEmpty() ? "" : "&").append(UrlTemplate.encoded(name)).append('=')
                .append(UrlTemplate.encoded(value.reveal())));
        return added.insert(0, '?').insert(0, mark < 0 ? target : target.substring(0, mark)).toString();
    }

    private String others(String asked) {
        StringBuilder others = new StringBuilder(asked.length());
        boolean isFirst = true;
        int from = 0;
        while (from <= asked.length()) {
            int end = from;
            while (end < asked.length() && asked.charAt(end) != '&' && asked.charAt(end) != ';') {
                end++;
            }
            String parameter = asked.substring(from, end);
            if (!query.containsKey(decoded(parameter.split("=", 2)[0]))) {
                others.append(isFirst ? "" : asked.charAt(from - 1)).append(parameter);
                isFirst = false;
            }
            from = end + 1;
        }
        return others.toString();
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noEscape) {
            return name;
        }
    }
}
