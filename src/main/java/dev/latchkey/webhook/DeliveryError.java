package dev.latchkey.webhook;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

import dev.latchkey.net.OutboundOutcome;
import org.jspecify.annotations.Nullable;

/** What can go wrong with an attempt. The codes are part of the REST contract, and stand in the log of deliveries. */
enum DeliveryError {
    /** An answer beyond 200 to 299. */
    HTTP_STATUS("http-status"),
    /** An answer of 300 to 399, which is not followed. */
    REDIRECT("redirect"),
    /** The name leads to no address, or to one that is not called: nobody maps a network by asking us. */
    NAME_NOT_FOUND("name-not-found"),
    CONNECTION_REFUSED("connection-refused"),
    /** No TLS that we speak, or a certificate that is not valid yet. */
    TLS("tls"),
    CERTIFICATE_EXPIRED("certificate-expired"),
    CERTIFICATE_NAME_MISMATCH("certificate-name-mismatch"),
    CERTIFICATE_UNTRUSTED("certificate-untrusted"),
    TIMEOUT_DNS("timeout-dns"),
    TIMEOUT_CONNECT("timeout-connect"),
    TIMEOUT_TLS("timeout-tls"),
    /** The request was sent, and no answer began. */
    TIMEOUT_RESPONSE("timeout-response"),
    /** An answer began, and did not end. */
    TIMEOUT_BODY("timeout-body"),
    /** It was closed, or what came was no HTTP. */
    CONNECTION_BROKEN("connection-broken"),
    /** All connections to that address were ours, for others: nobody was asked. */
    BUSY("busy");

    /** What a code says by itself. */
    private static final Set<OutboundOutcome.Code> DETAILED = Set.of(OutboundOutcome.Code.TLS, OutboundOutcome.Code.BROKEN);

    private final String code;

    DeliveryError(String code) {
        this.code = code;
    }

    /** As the contract has it. */
    String code() {
        return code;
    }

    /** The error of that code; empty when there is none. */
    static Optional<DeliveryError> of(String code) {
        return Arrays.stream(values()).filter(error -> error.code.equals(code)).findFirst();
    }

    /** Of what was not answered. */
    static DeliveryError of(OutboundOutcome outcome) {
        return switch (outcome.code()) {
            case ANSWERED -> throw new IllegalArgumentException("it was answered");
            case BLOCKED, UNRESOLVED -> NAME_NOT_FOUND;
            case UNREACHABLE -> CONNECTION_REFUSED;
            case TLS -> ofTls(requireNonNull(outcome.detail(), "detail"));
            case TIMEOUT -> ofTimeout(requireNonNull(outcome.detail(), "detail"));
            case BROKEN -> CONNECTION_BROKEN;
            case BUSY -> BUSY;
        };
    }

    /** What narrows it; null where nothing does, or nothing may be told. */
    static @Nullable String detail(OutboundOutcome outcome) {
        return DETAILED.contains(outcome.code()) ? outcome.detail() : null;
    }

    private static DeliveryError ofTls(String detail) {
        return switch (detail) {
            case "certificate-expired" -> CERTIFICATE_EXPIRED;
            case "certificate-name" -> CERTIFICATE_NAME_MISMATCH;
            case "certificate-untrusted" -> CERTIFICATE_UNTRUSTED;
            default -> TLS;
        };
    }

    private static DeliveryError ofTimeout(String step) {
        return switch (step) {
            case "dns" -> TIMEOUT_DNS;
            case "connect" -> TIMEOUT_CONNECT;
            case "tls" -> TIMEOUT_TLS;
            case "head" -> TIMEOUT_RESPONSE;
            default -> TIMEOUT_BODY;
        };
    }
}
