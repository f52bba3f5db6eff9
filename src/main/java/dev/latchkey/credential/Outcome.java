package dev.latchkey.credential;

import java.time.Instant;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import org.jspecify.annotations.Nullable;

/**
 * What a test of a credential has come to, as it is written down.
 *
 * @param checkedAt null: not tested, or the test said nothing
 * @param keepsFormerStatus whether the test said nothing, and not even that nobody can be reached
 */
record Outcome(CredentialStatus status, ProbeReason reason, @Nullable Integer httpStatus, @Nullable Long durationMs,
        @Nullable Instant checkedAt, boolean keepsFormerStatus) {

    static Outcome of(ProbeResult result) {
        return new Outcome(result.status(), result.reason(), result.httpStatus(), result.durationMs(),
                result.keepsFormerStatus() ? null : result.checkedAt(), result.keepsFormerStatus());
    }

    /** Of what was stored without having been tested. */
    static Outcome untested(CredentialData data) {
        return untested(data instanceof OAuth2 oauth && oauth.grant() == Grant.AUTHORIZATION_CODE
                && oauth.accessToken() == null ? ProbeReason.NOT_CONNECTED : ProbeReason.NOT_VERIFIABLE, false);
    }

    /** Of what was stored once and does not open any more, by anybody. */
    static Outcome broken(Instant now) {
        ProbeReason reason = ProbeReason.MISCONFIGURED;
        return new Outcome(reason.status(), reason, null, null, now, false);
    }

    /** Of what does not open here and now. */
    static Outcome unopened() {
        return untested(ProbeReason.NOT_VERIFIABLE, true);
    }

    private static Outcome untested(ProbeReason reason, boolean keepsFormerStatus) {
        return new Outcome(reason.status(), reason, null, null, null, keepsFormerStatus);
    }

    /** Whether it says nothing of the credential itself, and is worth another test soon. */
    boolean isSilent() {
        return keepsFormerStatus || reason.isPassing();
    }
}
