package dev.latchkey.credential;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a test of a credential has shown. Nothing in it comes from the provider's answer but its status and, of OAuth 2, the
 * code of its error: answers repeat what they were asked with.
 *
 * @param status the colour
 * @param reason why
 * @param detail what happened, as a sentence in the language that was asked for
 * @param httpStatus what the provider answered; null where it did not, or was not asked
 * @param durationMs of the test, in milliseconds; 0 where the provider cannot be reached, which says no more than that
 * @param checkedAt when it ended, cut to what the database keeps: who asks for it later is told the same
 * @param nextStep what to do, as a sentence in the same language
 * @param keepsFormerStatus whether the test says nothing, so that a stored credential keeps the status and reason that it had
 */
@Schema(name = "CredentialTestResult", examples = """
        {"status": "red", "reason": "invalid", "detail": "api.stripe.com answered 401: it does not accept these credentials.",
        "httpStatus": 401, "durationMs": 182, "checkedAt": "2026-11-22T09:30:00Z",
        "nextStep": "Copy the credentials from the provider again: they are mistyped, expired or withdrawn."}""")
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ProbeResult(CredentialStatus status, ProbeReason reason, String detail,
        @Schema(examples = "401") @Nullable Integer httpStatus, @Schema(examples = "182") long durationMs, Instant checkedAt,
        String nextStep, @JsonIgnore boolean keepsFormerStatus) {

    public ProbeResult {
        checkedAt = checkedAt.truncatedTo(ChronoUnit.MICROS);
    }
}
