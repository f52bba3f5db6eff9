package dev.latchkey.web;

/** What can go wrong with a request, as the {@code code} of a problem. The names are part of the REST contract. */
public enum ProblemCode {
    MALFORMED_REQUEST(400, "malformed-request", "Malformed request"),
    ORGANIZATION_REQUIRED(400, "organization-required", "Organization required"),
    INVALID_CURSOR(400, "invalid-cursor", "Invalid cursor"),
    UNAUTHENTICATED(401, "unauthenticated", "Authentication required"),
    INVALID_TOKEN(401, "invalid-token", "Invalid token"),
    INVALID_KEY(401, "invalid-key", "Invalid API key"),
    KEY_REVOKED(401, "key-revoked", "API key revoked"),
    KEY_INACTIVE(401, "key-inactive", "API key inactive"),
    KEY_EXPIRED(401, "key-expired", "API key expired"),
    SESSION_ENDED(401, "session-ended", "Session ended"),
    INVALID_LINK(401, "invalid-link", "Invalid sign-in link"),
    FORBIDDEN(403, "forbidden", "Forbidden"),
    ESCALATION(403, "escalation", "More than the caller holds"),
    NETWORK_FORBIDDEN(403, "network-forbidden", "Network not allowed"),
    STORE_FORBIDDEN(403, "store-forbidden", "Store not allowed"),
    METHOD_FORBIDDEN(403, "method-forbidden", "Operation not allowed"),
    NOT_BOUND(403, "not-bound", "Credential not bound"),
    SCOPE_MISSING(403, "scope-missing", "Scope missing"),
    ORGANIZATION_DELETING(403, "organization-deleting", "Organization being deleted"),
    CSRF(403, "csrf", "Not from the panel"),
    GATEWAY_FORBIDDEN(403, "gateway-forbidden", "Not a gateway"),
    NOT_FOUND(404, "not-found", "Not found"),
    METHOD_NOT_ALLOWED(405, "method-not-allowed", "Method not allowed"),
    NOT_ACCEPTABLE(406, "not-acceptable", "Not acceptable"),
    REQUEST_TIMEOUT(408, "request-timeout", "Request not sent in time"),
    CONFLICT(409, "conflict", "Conflict"),
    CREDENTIAL_UNUSABLE(409, "credential-unusable", "Credential cannot be used"),
    IDEMPOTENCY_RUNNING(409, "idempotency-running", "Still running"),
    IDEMPOTENCY_ANSWER_GONE(409, "idempotency-answer-gone", "Carried out before"),
    PRECONDITION_FAILED(412, "precondition-failed", "Changed in the meantime"),
    TOO_LARGE(413, "too-large", "Too large"),
    URI_TOO_LONG(414, "uri-too-long", "Address too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "Unsupported media type"),
    INVALID(422, "invalid", "Invalid input"),
    TEST_FAILED(422, "test-failed", "Test failed"),
    IDEMPOTENCY_MISMATCH(422, "idempotency-mismatch", "Another request's Idempotency-Key"),
    RATE_LIMITED(429, "rate-limited", "Rate limit exceeded"),
    HEADERS_TOO_LARGE(431, "headers-too-large", "Headers too large"),
    INTERNAL(500, "internal", "Internal error"),
    PROVIDER_UNREACHABLE(502, "provider-unreachable", "Provider cannot be reached"),
    UNAVAILABLE(503, "unavailable", "Temporarily unavailable"),
    PROVIDER_TIMEOUT(504, "provider-timeout", "Provider did not answer in time");

    private final int status;
    private final String code;
    private final String title;

    ProblemCode(int status, String code, String title) {
        this.status = status;
        this.code = code;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String title() {
        return title;
    }
}
