package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.latchkey.credential.Provider.Variable;
import dev.latchkey.credential.ProviderOAuth.Account;
import dev.latchkey.crypto.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Whose tokens they are, as far as the provider tells: nobody shall connect another account by accident, and send a shop's
 * orders to the books of another.
 *
 * @param id what the provider calls the account
 * @param from which answer has told it
 * @param others of a list that was told, of which it is the first
 */
record ConnectedAccount(String id, From from, Set<String> others) {

    private static final int MAX_CHARACTERS = 300;
    private static final Pattern FIRST = Pattern.compile("(.*)/0((?:/.*)?)");

    ConnectedAccount {
        others = Set.copyOf(others);
    }

    /** One that was told alone, or is kept. */
    ConnectedAccount(String id, From from) {
        this(id, from, Set.of());
    }

    /** Which answer has told it. */
    enum From {
        CALLBACK("callback"),
        TOKEN("token"),
        TEST("test"),
        ID_TOKEN("id-token"),
        ACCESS_TOKEN("access-token");

        private final String text;

        From(String text) {
            this.text = text;
        }

        /** As rows and the activity log have it. */
        String text() {
            return text;
        }

        /** Of a row; null for none, or one that this version does not know. */
        static @Nullable From stored(@Nullable String text) {
            return Arrays.stream(values()).filter(from -> from.text.equals(text)).findFirst().orElse(null);
        }
    }

    /** Whether two are the same. */
    enum Likeness {
        SAME,
        OTHER,
        /** One of them is not known, or they were told by different answers. */
        UNKNOWN
    }

    /**
     * As the provider's entry says it; of others the subject of the ID token (OpenID Connect Core section 2), or of an access
     * token that is a JWT with one (RFC 9068).
     *
     * @param kept of the redirect
     * @param answer of the token endpoint
     * @param tested what the entry's test was answered; missing where it was none
     */
    static Optional<ConnectedAccount> of(@Nullable Provider provider, Map<String, String> kept, JsonNode answer,
            JsonNode tested, Secret accessToken) {
        ProviderOAuth oauth = provider == null ? null : provider.oauth2();
        Account told = oauth == null ? null : oauth.account();
        if (told != null) {
            return switch (told.from()) {
                case CALLBACK -> named(kept.get(told.at()), From.CALLBACK);
                case TOKEN -> named(answer, told.at(), From.TOKEN);
                case TEST -> named(tested, told.at(), From.TEST);
            };
        }
        Optional<ConnectedAccount> subject = named(subject(answer.path("id_token").asText("")), From.ID_TOKEN);
        return subject.isPresent() ? subject : named(subject(accessToken.reveal()), From.ACCESS_TOKEN);
    }

    /** Where it is the first of a list, whose order is nobody's promise, with the rest of that. */
    private static Optional<ConnectedAccount> named(JsonNode answer, String at, From from) {
        Matcher first = FIRST.matcher(at);
        if (!first.matches()) {
            return named(text(answer.at(JsonPointer.compile(at))), from);
        }
        List<String> ids = new ArrayList<>();
        for (JsonNode each : answer.at(JsonPointer.compile(first.group(1)))) {
            named(text(each.at(JsonPointer.compile(first.group(2)))), from).ifPresent(account -> ids.add(account.id()));
        }
        return ids.isEmpty() ? Optional.empty()
                : Optional.of(new ConnectedAccount(ids.get(0), from, Set.copyOf(ids.subList(1, ids.size()))));
    }

    private static Optional<ConnectedAccount> named(@Nullable String id, From from) {
        return id == null || id.isBlank() || id.length() > MAX_CHARACTERS || id.chars().anyMatch(Character::isISOControl)
                ? Optional.empty()
                : Optional.of(new ConnectedAccount(id, from));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asText() : null;
    }

    /** Of one issuer: a subject is one of its own only. Whether it is genuine, the connection to the token endpoint says. */
    private static @Nullable String subject(String jwt) {
        JsonNode claims = Jwt.claims(jwt);
        String subject = text(claims.path("sub"));
        String issuer = text(claims.path("iss"));
        return subject == null || issuer == null ? null : issuer + " " + subject;
    }

    /** Whether it is the same as one that was connected before; null: none was, or it was not told. */
    Likeness to(@Nullable ConnectedAccount before) {
        if (before == null || before.from != from && !(before.isSubject() && isSubject())) {
            return Likeness.UNKNOWN;
        }
        // A server may name a person to an API otherwise than to the client.
        return before.id.equals(id) || others.contains(before.id) ? Likeness.SAME
                : before.from == from ? Likeness.OTHER : Likeness.UNKNOWN;
    }

    private boolean isSubject() {
        return from == From.ID_TOKEN || from == From.ACCESS_TOKEN;
    }

    /**
     * Whether the redirect names another account than the credential's own variables: {@code realmId} is both. One that is
     * written in another way, as Shopify's whole host name, says nothing.
     */
    static boolean contradicts(@Nullable Provider provider, Variables variables, Map<String, String> kept) {
        List<Variable> known = provider == null ? List.of() : provider.variables();
        return known.stream().anyMatch(variable -> {
            String said = kept.get(variable.name());
            return said != null && variable.pattern().matcher(said).matches()
                    && !Objects.equals(said, variables.values().get(variable.name()));
        });
    }

    /** Whether two tokens are of one session of their server, which would end together (RFC 9068 has no word for it). */
    static boolean areOfOneSession(@Nullable Secret one, @Nullable Secret other) {
        String first = session(one);
        return first != null && first.equals(session(other));
    }

    private static @Nullable String session(@Nullable Secret token) {
        JsonNode claims = token == null ? MissingNode.getInstance() : Jwt.claims(token.reveal());
        String session = text(claims.path("sid"));
        return session == null ? text(claims.path("session_state")) : session;
    }
}
