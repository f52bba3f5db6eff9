package dev.latchkey.credential;

import java.io.IOException;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.credential.Provider.Check;
import dev.latchkey.credential.Provider.ErrorRule;
import dev.latchkey.net.OutboundAnswer;
import org.jspecify.annotations.Nullable;

/**
 * How the answer of a test is read. What the body says comes before what the status means here, and that before what a status
 * usually means: 401 is not 403 is not 429 is not 500.
 *
 * @param expect statuses of a good answer; none: any 2xx
 */
record ProbeRule(List<Integer> expect, @Nullable String contains, Map<Integer, ProbeReason> meanings,
        @Nullable ErrorRule error) {

    /** Any 2xx is a good answer, and everything else is what it usually is. */
    static final ProbeRule USUAL = new ProbeRule(List.of(), null, Map.of(), null);

    private static final ObjectMapper JSON = new ObjectMapper();

    static ProbeRule of(Check check) {
        return new ProbeRule(check.expect(), check.contains(), check.meanings(), check.error());
    }

    static ProbeRule of(ProbeTest test) {
        return new ProbeRule(test.expectStatus() == null ? List.of() : List.of(test.expectStatus()), test.bodyContains(),
                Map.of(), null);
    }

    /** What the answer says of the credentials. */
    ProbeSentence read(OutboundAnswer answer) {
        String code = error == null ? null : code(error, answer);
        ProbeReason said = error == null || code == null ? null : error.meaning(code);
        if (said != null) {
            return inBody(said);
        }
        ProbeReason meant = meanings.get(answer.status());
        if (meant != null) {
            return byStatus(meant);
        }
        if (isExpected(answer.status())) {
            return code != null ? ProbeSentence.SAYS_ERROR : content(answer);
        }
        return usual(answer.status());
    }

    private boolean isExpected(int status) {
        return expect.isEmpty() ? status / 100 == 2 : expect.contains(status);
    }

    private ProbeSentence content(OutboundAnswer answer) {
        if (contains == null || answer.body().toString().contains(contains)) {
            return ProbeSentence.ACCEPTED;
        }
        return answer.truncated() ? ProbeSentence.LACKS_TEXT_SO_FAR : ProbeSentence.LACKS_TEXT;
    }

    /** The error's code; null where there is none, or no JSON. */
    private static @Nullable String code(ErrorRule rule, OutboundAnswer answer) {
        JsonNode code = json(answer).at(JsonPointer.compile(rule.pointer()));
        return code.isMissingNode() || code.isNull() || rule.none().contains(code.asText()) ? null : code.asText();
    }

    /** The body; a missing node where it is no JSON. */
    static JsonNode json(OutboundAnswer answer) {
        try {
            JsonNode body = JSON.readTree(answer.body().getBytes());
            return body == null ? JSON.missingNode() : body;
        } catch (IOException noJson) {
            return JSON.missingNode();
        }
    }

    private static ProbeSentence inBody(ProbeReason said) {
        return switch (said) {
            case INVALID -> ProbeSentence.SAYS_INVALID;
            case LIMITED -> ProbeSentence.SAYS_LIMITED;
            case MISCONFIGURED -> ProbeSentence.SAYS_ERROR;
            case VALID, RATE_LIMITED, PROVIDER_ERROR, NOT_VERIFIABLE, EXPIRING, UNREACHABLE, TLS, TIMEOUT, BLOCKED_ADDRESS,
                    NOT_CONNECTED, REAUTHORIZATION_REQUIRED ->
                byStatus(said);
        };
    }

    private static ProbeSentence byStatus(ProbeReason meant) {
        return switch (meant) {
            case VALID -> ProbeSentence.ACCEPTED;
            case INVALID -> ProbeSentence.REFUSED;
            case LIMITED -> ProbeSentence.REFUSED_403;
            case RATE_LIMITED -> ProbeSentence.TOO_MANY;
            case PROVIDER_ERROR -> ProbeSentence.FAILING;
            case NOT_VERIFIABLE -> ProbeSentence.SAYS_NOTHING;
            // The others are no meanings that ProviderReader lets through.
            case MISCONFIGURED, EXPIRING, UNREACHABLE, TLS, TIMEOUT, BLOCKED_ADDRESS, NOT_CONNECTED,
                    REAUTHORIZATION_REQUIRED ->
                ProbeSentence.UNEXPECTED;
        };
    }

    private static ProbeSentence usual(int status) {
        if (status >= 500) {
            return ProbeSentence.FAILING;
        }
        return switch (status) {
            case 401 -> ProbeSentence.REFUSED;
            case 403 -> ProbeSentence.REFUSED_403;
            case 429 -> ProbeSentence.TOO_MANY;
            default -> status < 300 ? ProbeSentence.ANOTHER_STATUS
                    : status < 400 ? ProbeSentence.REDIRECTED
                            : ProbeSentence.UNEXPECTED;
        };
    }
}
