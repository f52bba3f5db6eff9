package dev.latchkey.credential;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.credential.ProviderOAuth.ExpiryUnit;
import dev.latchkey.credential.ProviderOAuth.TokenAnswer;
import dev.latchkey.credential.RefreshOutcome.Code;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a token endpoint has answered, RFC 6749 section 5 and what real ones make of it: errors inside 200, forms instead
 * of JSON, tokens that stand deeper, refresh tokens that are left out, empty ones, expiries in many spellings
 * ({@link TokenExpiry}). Pure: the same answer is the same outcome.
 *
 * <p>
 * What matters is what may be believed of the refresh token: an error that is understood, a status below 500 and a connection
 * that did not come about say that it stands; of a success that cannot be read it has to be assumed that it is spent.
 */
final class TokenReading {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TokenAnswer STANDARD = new TokenAnswer("/access_token", "/refresh_token", "/expires_in",
            ExpiryUnit.SECONDS, null);
    /** Request timeout, conflict of two at once, locked, too early, too many: the same later may do. */
    private static final Set<Integer> LATER = Set.of(408, 409, 423, 425, 429);
    private static final int TOO_MANY = 429;
    /** Longer than that nobody is left alone, whatever he asks for. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(24);
    /** What could not be read back from its row is not taken. */
    private static final int LONGEST_TOKEN = Secret.MAX_CHARACTERS;
    private static final int LONGEST_SCOPE = 200;
    private static final int MOST_SCOPES = 100;
    private static final int DELETE = 0x7f;

    private TokenReading() {
    }

    /**
     * What it has come to.
     *
     * @param provider whose entry says where things stand; null: as the standard has it
     * @param asked the moment before the request was sent: lifetimes are counted from it, so that they are never too long
     */
    static RefreshOutcome read(OutboundOutcome outcome, @Nullable Provider provider, Instant asked) {
        OutboundAnswer answer = outcome.answer();
        return answer == null ? unanswered(outcome) : answered(answer, provider, asked);
    }

    private static RefreshOutcome unanswered(OutboundOutcome outcome) {
        String word = switch (outcome.code()) {
            // Not told apart: who may name any host would learn which names lead inside.
            case BLOCKED, UNRESOLVED, UNREACHABLE -> "unreachable";
            case TLS -> "tls";
            case TIMEOUT -> "timeout";
            case BROKEN, ANSWERED -> "connection-broken";
            case BUSY -> "busy";
        };
        return RefreshOutcome.failed(outcome.sent() ? Code.LOST : Code.UNREACHED, word, null);
    }

    private static RefreshOutcome answered(OutboundAnswer answer, @Nullable Provider provider, Instant asked) {
        int status = answer.status();
        ObjectNode body = body(answer);
        TokenErrors.Told told = body == null ? null : TokenErrors.of(body, provider);
        if (status >= 500 || LATER.contains(status)) {
            return RefreshOutcome.busy(told != null ? told.word() : status == TOO_MANY ? "rate-limited" : "provider-error",
                    status, retryAfter(answer, asked));
        }
        RefreshOutcome pair = body == null || status / 100 != 2 ? null : pair(answer.status(), body, provider, asked);
        if (pair != null) {
            return pair;
        }
        if (told != null) {
            return told.code() == Code.BUSY ? RefreshOutcome.busy(told.word(), status, retryAfter(answer, asked))
                    : RefreshOutcome.failed(told.code(), told.word(), status);
        }
        if (status / 100 == 2) {
            return body == null ? unreadable(answer)
                    : TokenErrors.isDenied(body) ? RefreshOutcome.failed(Code.REJECTED, TokenErrors.UNKNOWN, status)
                            : RefreshOutcome.failed(Code.WITHOUT_PAIR, "no-token", status);
        }
        return RefreshOutcome.failed(status == 401 ? Code.CLIENT_REFUSED : Code.REJECTED, "status-" + status, status);
    }

    /** A page for people is no token endpoint's, and spends nothing; half of an answer may have been one. */
    private static RefreshOutcome unreadable(OutboundAnswer answer) {
        int status = answer.status();
        return isPage(answer) ? RefreshOutcome.busy("no-token-answer", status, null)
                : RefreshOutcome.failed(Code.LOST, "unreadable-answer", status);
    }

    /** Whatever else it says: a token is what was asked for. Null where there is none. */
    private static @Nullable RefreshOutcome pair(int status, ObjectNode body, @Nullable Provider provider, Instant asked) {
        TokenAnswer rule = provider == null || provider.oauth2() == null ? STANDARD : provider.oauth2().answer();
        String access = token(body, rule.accessTokenAt(), STANDARD.accessTokenAt());
        String refresh = token(body, rule.refreshTokenAt(), STANDARD.refreshTokenAt());
        if (access == null) {
            return null;
        }
        if (access.length() > LONGEST_TOKEN || refresh != null && refresh.length() > LONGEST_TOKEN) {
            return RefreshOutcome.failed(Code.WITHOUT_PAIR, "token-too-long", status);
        }
        return RefreshOutcome.of(new Granted(Secret.of(access), refresh == null ? null : Secret.of(refresh),
                TokenExpiry.of(body, access, rule, asked), TokenExpiry.ofRefreshToken(body, asked), scopes(body)), status);
    }

    private static @Nullable String token(JsonNode body, String at, String standard) {
        JsonNode token = body.at(JsonPointer.compile(at));
        String text = (token.isTextual() ? token : body.at(JsonPointer.compile(standard))).asText("").strip();
        return text.isEmpty() ? null : text;
    }

    /** Between blanks as in RFC 6749, between commas as at Shopify, or as a list. */
    private static List<String> scopes(JsonNode body) {
        JsonNode scope = body.has("scope") ? body.path("scope") : body.path("scopes");
        List<String> scopes = new ArrayList<>();
        if (scope.isArray()) {
            scope.forEach(each -> scopes.add(each.asText("")));
        } else if (scope.isTextual()) {
            scopes.addAll(List.of(scope.asText().split("[\\s,]+")));
        }
        scopes.removeIf(
                each -> each.isEmpty() || each.length() > LONGEST_SCOPE || !each.chars().allMatch(TokenReading::isOfScope));
        return scopes.stream().distinct().limit(MOST_SCOPES).toList();
    }

    /** RFC 6749 section 3.3, but for quotes, which do no harm: what else there is may not fit into a column, or end a row. */
    private static boolean isOfScope(int character) {
        return character > ' ' && character < DELETE;
    }

    /** Null where it is neither an object of JSON nor a form with a token or an error in it. */
    private static @Nullable ObjectNode body(OutboundAnswer answer) {
        String text = answer.body().toString(StandardCharsets.UTF_8).strip();
        if (text.startsWith("{")) {
            try {
                return !answer.truncated() && JSON.readTree(text) instanceof ObjectNode object ? object : null;
            } catch (JsonProcessingException half) {
                return null;
            }
        }
        boolean isForm = !answer.truncated() && text.indexOf('=') > 0 && text.indexOf('<') < 0 && text.indexOf('\n') < 0;
        return isForm ? form(text) : null;
    }

    private static @Nullable ObjectNode form(String text) {
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        for (String pair : text.split("&")) {
            int mark = pair.indexOf('=');
            if (mark > 0) {
                try {
                    form.put(decoded(pair.substring(0, mark)), decoded(pair.substring(mark + 1)));
                } catch (IllegalArgumentException noEscape) {
                    return null;
                }
            }
        }
        return form.has("access_token") || form.has("error") ? form : null;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static boolean isPage(OutboundAnswer answer) {
        return answer.header("Content-Type").map(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html")).orElse(false)
                || answer.body().toString(StandardCharsets.UTF_8).stripLeading().startsWith("<");
    }

    private static @Nullable Duration retryAfter(OutboundAnswer answer, Instant now) {
        return answer.retryAfter(now).map(wait -> wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait).orElse(null);
    }
}
