package dev.latchkey.credential;

import java.time.Instant;
import java.util.Locale;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What came of renewing a credential when somebody asked for it.
 *
 * @param renewed whether there is a new token
 * @param error why there is none, in a word
 */
@Schema(name = "RenewalResult", examples = RenewalResult.EXAMPLE)
record RenewalResult(@Schema(description = "Whether there is a new token") boolean renewed, CredentialStatus status,
        ProbeReason reason, @Schema(description = "What the reason means") String detail,
        @Schema(description = "Why there is no new token, in a word: invalid_grant, invalid_client, timeout, …; null: there is one") @Nullable String error,
        @Schema(description = "What the token endpoint answered, where it gave no token") @Nullable Integer httpStatus,
        @Schema(description = "What to do about it") String nextStep,
        @Schema(description = "When the access token ends, as far as that is known") @Nullable Instant expiresAt,
        @Nullable Instant lastRenewedAt,
        @Schema(description = "When it is renewed next by itself; null: it is not") @Nullable Instant nextAttemptAt) {

    static final String EXAMPLE = """
            {"renewed": true, "status": "green", "reason": "valid", "detail": "The provider accepts these credentials.",
            "error": null, "httpStatus": null, "nextStep": "Nothing.", "expiresAt": "2026-11-22T11:30:00Z",
            "lastRenewedAt": "2026-11-22T10:30:00Z", "nextAttemptAt": "2026-11-22T11:15:41Z"}""";

    static RenewalResult of(RenewalQueries.Shown shown, boolean renewed, Locale locale) {
        return new RenewalResult(renewed, shown.status(), shown.reason(), shown.reason().detail(locale), shown.error(),
                shown.httpStatus(), shown.reason().nextStep(locale), shown.expiresAt(), shown.lastRenewedAt(),
                shown.nextAttemptAt());
    }
}
