package dev.latchkey.credential;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.credential.Provider.ErrorRule;
import dev.latchkey.credential.RefreshOutcome.Code;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of token endpoints mean: those of RFC 6749 section 5.2 and of RFC 6749 section 4.1.2.1, which some answer
 * here too, those that well-known services have instead, and those that a provider's entry explains for its test.
 */
final class TokenErrors {

    /** How an error is called where the endpoint's own word is none that is known: it may hold anything. */
    static final String UNKNOWN = "unknown-error";

    private static final Set<String> OF_THE_GRANT = Set.of("invalid_grant", "invalid_refresh_token", "bad_refresh_token",
            "refresh_token_expired", "refresh_token_revoked", "expired_refresh_token", "token_revoked", "token_expired",
            "expired_token", "invalid_token", "account_inactive", "consent_required", "interaction_required",
            "login_required");
    private static final Set<String> OF_THE_CLIENT = Set.of("invalid_client", "unauthorized_client", "invalid_client_id",
            "invalid_client_secret", "bad_client_id", "bad_client_secret", "incorrect_client_credentials", "client_not_found");
    private static final Set<String> OF_THE_MOMENT = Set.of("temporarily_unavailable", "server_error", "slow_down",
            "rate_limited", "ratelimited", "rate_limit_exceeded", "too_many_requests", "internal_error", "fatal_error",
            "service_unavailable");
    private static final Set<String> OF_THE_REQUEST = Set.of("invalid_request", "unsupported_grant_type", "invalid_scope",
            "unsupported_response_type", "access_denied", "invalid_target", "redirect_uri_mismatch");
    private static final Map<Code, Set<String>> CODES = Map.of(Code.GRANT_REFUSED, OF_THE_GRANT, Code.CLIENT_REFUSED,
            OF_THE_CLIENT, Code.BUSY, OF_THE_MOMENT, Code.REJECTED, OF_THE_REQUEST);
    /** Where an error stands that is no text itself, as at Meta and Google's other services, or that stands alone. */
    private static final List<String> WITHIN = List.of("code", "type", "status", "error", "name");

    private TokenErrors() {
    }

    /**
     * An error that an answer tells.
     *
     * @param word one that is known, or {@link #UNKNOWN}
     */
    record Told(Code code, String word) {
    }

    /** Null where the body tells none. */
    static @Nullable Told of(JsonNode body, @Nullable Provider provider) {
        Told explained = explained(body, provider);
        if (explained != null) {
            return explained;
        }
        for (String member : List.of("error", "errorCode", "error_code")) {
            JsonNode error = body.path(member);
            Told known = error.isObject() ? within(error) : known(error);
            if (known != null) {
                return known;
            }
            if (error.isObject() || error.isTextual() && !error.asText().isBlank()) {
                return new Told(Code.REJECTED, UNKNOWN);
            }
        }
        return within(body);
    }

    /** Whether a success says of itself that it is none, as at HubSpot, and no more than that. */
    static boolean isDenied(JsonNode body) {
        return body.path("status").asText().strip().equalsIgnoreCase("error");
    }

    private static @Nullable Told within(JsonNode error) {
        return WITHIN.stream().map(member -> known(error.path(member))).filter(told -> told != null).findFirst().orElse(null);
    }

    private static @Nullable Told known(JsonNode error) {
        String word = error.isTextual() ? error.asText().strip().toLowerCase(Locale.ROOT) : "";
        return CODES.entrySet().stream().filter(code -> code.getValue().contains(word)).findFirst()
                .map(code -> new Told(code.getKey(), word)).orElse(null);
    }

    private static @Nullable Told explained(JsonNode body, @Nullable Provider provider) {
        Check check = provider == null ? null : provider.test(CredentialType.OAUTH2);
        ErrorRule rule = check == null ? null : check.error();
        JsonNode found = rule == null ? null : body.at(JsonPointer.compile(rule.pointer()));
        if (rule == null || found == null || !found.isValueNode() || found.isNull()) {
            return null;
        }
        String code = found.asText();
        ProbeReason meaning = rule.none().contains(code) ? null : rule.meaning(code);
        return meaning == null ? null : new Told(meaning(meaning), "says-" + meaning.text());
    }

    /** What a test would make of it says what to make of it here. */
    private static Code meaning(ProbeReason reason) {
        return switch (reason) {
            case INVALID, REAUTHORIZATION_REQUIRED, NOT_CONNECTED -> Code.GRANT_REFUSED;
            case RATE_LIMITED, PROVIDER_ERROR, UNREACHABLE, TIMEOUT, TLS -> Code.BUSY;
            case VALID, EXPIRING, LIMITED, BLOCKED_ADDRESS, MISCONFIGURED, NOT_VERIFIABLE -> Code.REJECTED;
        };
    }
}
