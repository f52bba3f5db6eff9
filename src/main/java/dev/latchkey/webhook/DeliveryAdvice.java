package dev.latchkey.webhook;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

import dev.latchkey.net.Destination;
import dev.latchkey.net.OutboundAnswer;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with an attempt and what to do about it, in one or two sentences for whoever keeps the endpoint. Nothing of
 * the answer is repeated in them but its status and, of a redirect, where it leads.
 */
final class DeliveryAdvice {

    private DeliveryAdvice() {
    }

    /**
     * What is known of an attempt that failed.
     *
     * @param detail a word that narrows the error; null for none
     * @param status of the answer; null where there was none
     * @param location where a redirect leads, as the answer says it; null where it does not
     */
    record Fault(DeliveryError error, @Nullable String detail, @Nullable Integer status, Duration took,
            @Nullable String location) {
    }

    /** Of an attempt to send to there; null where it was delivered. */
    static @Nullable String of(Destination to, Sent sent) {
        DeliveryOutcome outcome = sent.delivery();
        DeliveryError error = outcome.error();
        OutboundAnswer answer = sent.outcome().answer();
        return error == null ? null
                : of(to, new Fault(error, outcome.detail(), outcome.status(), sent.took(),
                        answer == null ? null : answer.header("Location").orElse(null)));
    }

    /** Of an attempt that stands in the log. */
    static String of(Destination to, Fault fault) {
        String host = to.host();
        long seconds = Math.max(1, Math.round(fault.took.toMillis() / 1000.0));
        return switch (fault.error) {
            case HTTP_STATUS -> status(requireNonNull(fault.status, "status"), to);
            case REDIRECT -> redirect(fault, to);
            case NAME_NOT_FOUND ->
                host + " leads to no public address. Check how it is spelled in the URL, and that its DNS has "
                        + "an A or AAAA record that leads to a public address.";
            case CONNECTION_REFUSED -> to.authority() + " refuses connections on port " + to.port()
                    + ". Check that the server runs, that the port is right, and that its firewall lets requests in.";
            case TLS -> tls(fault.detail, to);
            case CERTIFICATE_EXPIRED ->
                "The certificate of " + host + " has expired. Renew it there, and have the server load it.";
            case CERTIFICATE_NAME_MISMATCH ->
                "The certificate that " + to.authority() + " shows is for other names. Install one that "
                        + "names " + host + ", or write the URL with a name that the certificate has.";
            case CERTIFICATE_UNTRUSTED ->
                "The certificate of " + host + " is not signed by an authority that is trusted here. Install "
                        + "one of a public authority, together with its intermediate certificates.";
            case TIMEOUT_DNS, TIMEOUT_CONNECT, TIMEOUT_TLS, TIMEOUT_RESPONSE, TIMEOUT_BODY -> timeout(fault.error, to, seconds);
            case CONNECTION_BROKEN -> broken(fault.detail, to);
            case BUSY -> "All connections from here to " + to.authority() + " were taken by other requests for "
                    + seconds(seconds)
                    + ", so it was not asked. Try again in a moment; if this happens often, have the endpoint answer faster.";
        };
    }

    private static String status(int status, Destination to) {
        String said = to.authority() + " answered " + status + ": ";
        if (status >= 500) {
            return said
                    + "it failed at it. Look for this webhook-id in its log, and answer 2xx as soon as the event is stored.";
        }
        return said + switch (status) {
            case 400, 422 -> "it does not accept the body. Look at what the response says, and at what the endpoint expects.";
            case 401, 403 ->
                "it does not let the request in. Check that it verifies signatures with this webhook's secret, and "
                        + "whether it needs a header that the webhook does not set.";
            case 404, 405 -> "nothing takes POST requests there. Check the path of the URL.";
            case 410 ->
                "it wants nothing any more. A delivery that is answered like this switches the webhook off; check the URL.";
            case 413 -> "the body is too large for it. Have it take at least 300 KiB: an event weighs up to 256 KiB.";
            case 415 -> "it does not take JSON. Have it accept application/json.";
            case 429 -> "it gets too many requests. Deliveries are tried again after the Retry-After that it sends.";
            default -> "only 200 to 299 counts as delivered. Have it answer 2xx once the event is stored.";
        };
    }

    private static String redirect(Fault fault, Destination to) {
        String leads = Optional.ofNullable(fault.location).flatMap(location -> destination(location, to))
                .map(there -> " to " + there).orElse("");
        return to.authority() + " answered " + requireNonNull(fault.status, "status") + ", a redirect" + leads
                + ". Redirects are not followed: write the URL that it leads to in the end.";
    }

    /** Without its query, in which secrets may stand; empty where it is none that can be read. */
    private static Optional<Destination> destination(String location, Destination to) {
        boolean isPath = location.startsWith("/") && !location.startsWith("//");
        return Optional.ofNullable(Destination.parse(isPath ? to.origin() + location : location).orNull());
    }

    private static String tls(@Nullable String detail, Destination to) {
        if ("certificate-not-yet-valid".equals(detail)) {
            return "The certificate of " + to.host()
                    + " is not valid yet. Install one that is, or mend the clock of the machine "
                    + "that made it.";
        }
        if ("no-tls".equals(detail)) {
            return to.authority() + " does not speak TLS on port " + to.port() + ". Check the port, and that the server serves "
                    + "https on it.";
        }
        return to.authority()
                + " and Latchkey did not agree on TLS. Have the server offer TLS 1.2 or 1.3 with common ciphers, and "
                + "ask for no client certificate.";
    }

    private static String timeout(DeliveryError error, Destination to, long seconds) {
        String within = " within " + seconds(seconds);
        return switch (error) {
            case TIMEOUT_DNS -> "The name servers of " + to.host() + " did not answer" + within
                    + ". Check the DNS of the domain.";
            case TIMEOUT_CONNECT -> to.authority() + " did not take a connection" + within
                    + ". Check that the server runs, and that its firewall lets requests in rather than dropping them.";
            case TIMEOUT_TLS -> to.authority() + " took the connection, and did not finish the TLS handshake" + within
                    + ". Check that the server serves https on port " + to.port() + ", and is not overloaded.";
            case TIMEOUT_RESPONSE -> to.authority() + " got the request, and did not begin to answer" + within
                    + ". Have it store the event, answer 2xx, and do its work afterwards.";
            default -> to.authority() + " began to answer, and did not finish" + within
                    + ". Have it end its response: a short one, of a known length.";
        };
    }

    private static String broken(@Nullable String detail, Destination to) {
        return switch (requireNonNull(detail, "detail")) {
            case "closed" ->
                to.authority() + " closed the connection without an answer. Look for this webhook-id in the log of the "
                        + "server, and of what stands in front of it.";
            case "body" -> to.authority() + " closed the connection in the middle of its answer. Check that the length that it "
                    + "announces is the one that it sends.";
            case "head-too-long" ->
                to.authority() + " answered with more than 32 KiB of headers. Have it send fewer, or shorter "
                        + "cookies.";
            default -> to.authority() + " answered with something that is not HTTP/1.1. Check the port, and what serves it.";
        };
    }

    private static String seconds(long seconds) {
        return seconds == 1 ? "1 second" : seconds + " seconds";
    }
}
