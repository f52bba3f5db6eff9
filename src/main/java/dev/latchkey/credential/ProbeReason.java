package dev.latchkey.credential;

import static dev.latchkey.credential.CredentialStatus.GREEN;
import static dev.latchkey.credential.CredentialStatus.RED;
import static dev.latchkey.credential.CredentialStatus.UNKNOWN;
import static dev.latchkey.credential.CredentialStatus.YELLOW;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Why a credential has its colour. Each reason has one colour and one advice, so that a stored reason can be told again in any
 * language.
 */
@Schema(name = "CredentialReason")
public enum ProbeReason {
    @JsonProperty("valid")
    VALID("valid", GREEN),
    /** It works, and ends soon with nothing to renew it by. */
    @JsonProperty("expiring")
    EXPIRING("expiring", YELLOW),
    /** The provider knows it, and refuses what was asked (403). */
    @JsonProperty("limited")
    LIMITED("limited", YELLOW),
    @JsonProperty("invalid")
    INVALID("invalid", RED),
    @JsonProperty("unreachable")
    UNREACHABLE("unreachable", RED),
    /** 5xx: nothing is said about the credential, but it is of no use as long as that lasts. */
    @JsonProperty("provider-error")
    PROVIDER_ERROR("provider-error", RED),
    @JsonProperty("tls")
    TLS("tls", RED),
    @JsonProperty("timeout")
    TIMEOUT("timeout", RED),
    /** 429: nothing is said about the credential; a stored one keeps the colour that it had. */
    @JsonProperty("rate-limited")
    RATE_LIMITED("rate-limited", UNKNOWN),
    @JsonProperty("blocked-address")
    BLOCKED_ADDRESS("blocked-address", RED),
    /** The answer is none that the test expects: a wrong address, a wrong rule. */
    @JsonProperty("misconfigured")
    MISCONFIGURED("misconfigured", RED),
    @JsonProperty("not-connected")
    NOT_CONNECTED("not-connected", UNKNOWN),
    @JsonProperty("reauthorization-required")
    REAUTHORIZATION_REQUIRED("reauthorization-required", RED),
    /** There is no request that would tell, or none that costs nothing. */
    @JsonProperty("not-verifiable")
    NOT_VERIFIABLE("not-verifiable", UNKNOWN);

    private final String text;
    private final CredentialStatus status;

    ProbeReason(String text, CredentialStatus status) {
        this.text = text;
        this.status = status;
    }

    /** As the contract has it. */
    public String text() {
        return text;
    }

    /** The colour that goes with it. */
    public CredentialStatus status() {
        return status;
    }

    /**
     * Whether it says nothing of the credential, and may pass by itself: nobody answered, or nobody had the time.
     */
    boolean isPassing() {
        return switch (this) {
            case UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED -> true;
            case VALID, EXPIRING, LIMITED, INVALID, BLOCKED_ADDRESS, MISCONFIGURED, NOT_CONNECTED, REAUTHORIZATION_REQUIRED,
                    NOT_VERIFIABLE ->
                false;
        };
    }

    /** What to do about it. */
    public String nextStep(Locale locale) {
        return ProbeTexts.in(locale).nextStep(this);
    }

    /** What it means, for a reason that was stored: without the particulars that only the test itself knew. */
    public String detail(Locale locale) {
        return ProbeTexts.in(locale).detail(this);
    }

    /** The reason of that name; empty when there is none. */
    public static Optional<ProbeReason> of(String text) {
        return Arrays.stream(values()).filter(reason -> reason.text.equals(text)).findFirst();
    }

    /** Of a row, which has no other ones. */
    static ProbeReason stored(String text) {
        return of(text).orElseThrow(() -> new IllegalStateException("a credential has the reason " + text));
    }
}
