package dev.latchkey.web;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What every refusal looks like (RFC 9457, {@code application/problem+json}). Never a stack trace, never a secret.
 *
 * @param type {@code urn:latchkey:problem:} and the code: an identifier, not an address
 * @param title the same for every problem of this code
 * @param status the HTTP status
 * @param detail what happened this time and what to do about it
 * @param instance the path of the request
 * @param code for programs to tell problems apart
 * @param requestId also in the {@code X-Request-Id} header and in the logs
 * @param errors for bad input: what is wrong with which field
 * @param members what this kind of problem tells besides, as members of its own
 */
@Schema(description = "RFC 9457 problem details")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonPropertyOrder({ "type", "title", "status", "detail", "instance", "code", "requestId", "errors" })
public record Problem(
        @Schema(examples = "urn:latchkey:problem:not-found") String type,
        @Schema(examples = "Not found") String title,
        @Schema(examples = "404") int status,
        @Schema(examples = "There is nothing at this address, or it is not yours.") String detail,
        @Schema(examples = "/api/v1/keys/01890a5d-ac96-774b-bcce-b302099a8057") String instance,
        @Schema(examples = "not-found") String code,
        @Schema(examples = "01890a5d-ac96-774b-bcce-b302099a8057") @Nullable String requestId,
        List<FieldError> errors,
        @JsonIgnore @Schema(hidden = true) Map<String, Object> members) {

    public static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(ProblemException refusal, String instance, @Nullable String requestId) {
        ProblemCode code = refusal.code();
        return new Problem("urn:latchkey:problem:" + code.code(), code.title(), code.status(),
                LikelySecret.leftOutOfText(Problems.masked(refusal.detail())), instance, code.code(), requestId,
                refusal.errors(), refusal.members());
    }

    /** What problems of some codes tell besides (RFC 9457 section 3.2). */
    @JsonAnyGetter
    @Schema(hidden = true)
    Map<String, Object> told() {
        return members;
    }

    /**
     * @param field the path of the field in the request, such as {@code access.stores[0]}
     * @param message what is wrong with it, as a sentence fragment
     */
    public record FieldError(String field, String message) {

        private static final int MAX_FIELD_CHARACTERS = 200;

        /** An unknown field has the name that the caller gave it: as long as he likes, and perhaps a key that slipped. */
        public FieldError {
            field = LikelySecret.leftOutOfText(Problems
                    .masked(field.length() > MAX_FIELD_CHARACTERS ? field.substring(0, MAX_FIELD_CHARACTERS) + "…" : field));
        }
    }
}
