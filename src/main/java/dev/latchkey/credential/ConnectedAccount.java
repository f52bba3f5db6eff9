package dev.latchkey.credential;

import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.latchkey.credential.Provider.Account;
import dev.latchkey.credential.Provider.OAuth;
import dev.latchkey.credential.Provider.Variable;
import dev.latchkey.crypto.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Whose tokens they are, as far as the provider tells: nobody shall connect another account by accident, and send a shop's
 * orders
 * to the books of another.
 *
 * @param id what the provider calls the account
 * @param from which answer has told it
 */
record ConnectedAccount(String id, From from) {

    private static final int MAX_CHARACTERS = 300;
    private static final int JWT_PARTS = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

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
        OAuth oauth = provider == null ? null : provider.oauth2();
        Account told = oauth == null ? null : oauth.account();
        if (told != null) {
            return switch (told.from()) {
                case CALLBACK -> named(kept.get(told.at()), From.CALLBACK);
                case TOKEN -> named(text(answer.at(JsonPointer.compile(told.at()))), From.TOKEN);
                case TEST -> named(text(tested.at(JsonPointer.compile(told.at()))), From.TEST);
            };
        }
        Optional<ConnectedAccount> subject = named(subject(answer.path("id_token").asText("")), From.ID_TOKEN);
        return subject.isPresent() ? subject : named(subject(accessToken.reveal()), From.ACCESS_TOKEN);
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
        JsonNode claims = claims(jwt);
        String subject = text(claims.path("sub"));
        String issuer = text(claims.path("iss"));
        return subject == null || issuer == null ? null : issuer + " " + subject;
    }

    /** The claims of a JWT; missing of what is none. */
    static JsonNode claims(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != JWT_PARTS || !token.startsWith("eyJ")) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
            return claims == null ? MissingNode.getInstance() : claims;
        } catch (IOException | IllegalArgumentException none) {
            return MissingNode.getInstance();
        }
    }

    /** Whether it is the same as one that was connected before; null: none was, or it was not told. */
    Likeness to(@Nullable ConnectedAccount before) {
        return before == null || before.from != from ? Likeness.UNKNOWN
                : before.id.equals(id) ? Likeness.SAME : Likeness.OTHER;
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
        JsonNode claims = token == null ? MissingNode.getInstance() : claims(token.reveal());
        String session = text(claims.path("sid"));
        return session == null ? text(claims.path("session_state")) : session;
    }
}
