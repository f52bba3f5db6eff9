package dev.latchkey.credential;

/**
 * What a test can say in particular, each a sentence of {@link ProbeTexts}. {@code {host}} is who was asked, {@code {status}}
 * what he answered.
 */
enum ProbeSentence {
    ACCEPTED("accepted", ProbeReason.VALID),
    TOKEN_GIVEN("token-given", ProbeReason.VALID),
    /** {@code {date}}. */
    ENDS_SOON("ends-soon", ProbeReason.EXPIRING),
    REFUSED_403("limited", ProbeReason.LIMITED),
    SAYS_LIMITED("says-limited", ProbeReason.LIMITED),
    REFUSED("refused", ProbeReason.INVALID),
    SAYS_INVALID("says-invalid", ProbeReason.INVALID),
    /** The rule of the merchant's own test. */
    LACKS_TEXT("lacks-text", ProbeReason.INVALID),
    LACKS_TEXT_SO_FAR("lacks-text-so-far", ProbeReason.INVALID),
    /** {@code {error}} of RFC 6749 section 5.2. */
    CLIENT_REFUSED("client-refused", ProbeReason.INVALID),
    /** The same, of {@code invalid_grant} where a refresh token was pasted. */
    REFRESH_REFUSED("refresh-refused", ProbeReason.INVALID),
    UNREACHABLE("unreachable", ProbeReason.UNREACHABLE),
    BROKEN("broken", ProbeReason.UNREACHABLE),
    FAILING("failing", ProbeReason.PROVIDER_ERROR),
    TLS("tls", ProbeReason.TLS),
    TIMEOUT("timeout", ProbeReason.TIMEOUT),
    TOO_MANY("too-many", ProbeReason.RATE_LIMITED),
    /** Nobody was asked. */
    BUSY("busy", ProbeReason.NOT_VERIFIABLE),
    BLOCKED("blocked", ProbeReason.BLOCKED_ADDRESS),
    REDIRECTED("redirected", ProbeReason.MISCONFIGURED),
    UNEXPECTED("unexpected", ProbeReason.MISCONFIGURED),
    /** {@code {expected}}. */
    ANOTHER_STATUS("another-status", ProbeReason.MISCONFIGURED),
    SAYS_ERROR("says-error", ProbeReason.MISCONFIGURED),
    NO_TOKEN("no-token", ProbeReason.MISCONFIGURED),
    /** {@code {error}} of RFC 6749 section 5.2. */
    GRANT_REFUSED("grant-refused", ProbeReason.MISCONFIGURED),
    NO_ADDRESS("no-address", ProbeReason.MISCONFIGURED),
    UNSENDABLE("unsendable", ProbeReason.MISCONFIGURED),
    NOT_CONNECTED("not-connected", ProbeReason.NOT_CONNECTED),
    TOKEN_ENDED("token-ended", ProbeReason.REAUTHORIZATION_REQUIRED),
    TOKEN_REFUSED("token-refused", ProbeReason.REAUTHORIZATION_REQUIRED),
    WOULD_SPEND("would-spend", ProbeReason.NOT_VERIFIABLE),
    TO_BE_RENEWED("to-be-renewed", ProbeReason.NOT_VERIFIABLE),
    NO_TEST("no-test", ProbeReason.NOT_VERIFIABLE),
    ANSWERS_ANYONE("answers-anyone", ProbeReason.NOT_VERIFIABLE),
    SAYS_NOTHING("says-nothing", ProbeReason.NOT_VERIFIABLE),
    /** It was not answered to whoever has no credentials: too many requests, or too little time. */
    UNCOMPARED("uncompared", ProbeReason.NOT_VERIFIABLE);

    private final String key;
    private final ProbeReason reason;

    ProbeSentence(String key, ProbeReason reason) {
        this.key = key;
        this.reason = reason;
    }

    String key() {
        return key;
    }

    ProbeReason reason() {
        return reason;
    }
}
