package dev.latchkey.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;

/** What every answer must be, whatever was asked. */
final class Oracle {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> MEMBERS = List.of("type", "title", "status", "detail", "instance", "code", "requestId");
    /** What any request may be refused with before it is seen which operation it is for. */
    private static final Set<Integer> BEFORE_ANY_OPERATION = Set.of(400, 406, 413, 415, 431);
    private static final Pattern INNARDS = Pattern.compile(
            "(?i)exception|stack ?trace|\\bat [a-z]+(\\.[\\w$]+)+\\(|\\bjava\\.|io\\.quarkus|io\\.vertx|org\\.hibernate|com\\.fasterxml"
                    + "|dev\\.latchkey\\.|\\bselect .* from |insert into |update .* set |sqlstate|syntax error");

    private Oracle() {
    }

    /**
     * @param request its target and body
     * @param operation null where the request was bent so that it need not reach the one that it was drawn for
     * @return what is wrong; null: nothing
     */
    static @Nullable String complaint(Contract.@Nullable Operation operation, Wire.Answer answer, boolean isHead,
            String request, Set<String> secrets) {
        int status = answer.status();
        if (status >= 500 || status < 200) {
            return "answered " + status;
        }
        if (operation != null && !operation.statuses().contains(status) && !BEFORE_ANY_OPERATION.contains(status)) {
            return "answered " + status + ", which is not documented";
        }
        // What a provider answered through the proxy is its own business.
        if (status < 400 || isHead || !answer.header("X-Proxied").isEmpty()) {
            return null;
        }
        String shown = answer.body() + answer.headers();
        if (secrets.stream().anyMatch(secret -> secret.length() > 15 && shown.contains(secret))) {
            return "repeats a secret";
        }
        return problem(answer, request);
    }

    private static @Nullable String problem(Wire.Answer answer, String request) {
        if (!answer.header("Content-Type").startsWith("application/problem+json")) {
            return "is " + answer.status() + " without a problem: " + answer.header("Content-Type");
        }
        JsonNode problem;
        try {
            problem = JSON.readTree(answer.body());
        } catch (IOException e) {
            return "is no JSON";
        }
        for (String member : MEMBERS) {
            if (problem.path(member).asText().isEmpty()) {
                return "is a problem without " + member;
            }
        }
        // A 429 travels as 403 through nginx; its problem tells the truth.
        if (problem.path("status").asInt() != answer.status() && answer.header("X-Auth-Status").isEmpty()) {
            return "has another status than its problem";
        }
        if (!problem.path("requestId").asText().equals(answer.header("X-Request-Id"))) {
            return "has another request id than its problem";
        }
        // Which parameter held the NUL, only the database would know.
        // What a credential's own provider refuses is told by the result of its test.
        if (answer.status() == 422 && problem.path("errors").isEmpty() && !problem.has("test") && !request.contains("%00")) {
            return "is 422 and names no field";
        }
        var innards = INNARDS.matcher(answer.body());
        return innards.find() && !request.contains(innards.group()) ? "shows its innards: " + innards.group() : null;
    }
}
