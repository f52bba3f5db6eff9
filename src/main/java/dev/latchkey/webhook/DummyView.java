package dev.latchkey.webhook;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.Phases;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What became of a dummy, and all that helps to find out why.
 *
 * @param response null where none came
 * @param error null where it was delivered
 * @param durationMs from the look-up of the name to the last byte of the answer; 0 where the name leads to no public address
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "WebhookTest", examples = DummyView.EXAMPLE)
record DummyView(Request request, @Nullable Response response, @Nullable Error error,
        @Schema(examples = "87", description = "From the look-up of the name to the last byte of the answer; 0 where the name leads to no public address") long durationMs,
        Steps phases) {

    static final String EXAMPLE = """
            {"request": {"url": "https://erp.example/hooks/orders", "headers": {"Content-Type": "application/json",
            "webhook-id": "01890a5d-ac96-774b-bcce-b302099a8057", "webhook-timestamp": "1795339800",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "webhook-test": "true",
            "User-Agent": "Latchkey/1.0", "X-Tenant": "***"}, "body": {"id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "type": "order.cancel", "timestamp": "2026-11-22T09:30:00Z",
            "store": {"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "key": "madrid"},
            "data": {"id": "100045", "number": "#100045", "status": "cancelled", "reason": "customer"}}},
            "response": {"statusCode": 404, "headers": {"Content-Type": "text/plain"}, "body": "Not found", "truncated": false},
            "error": {"code": "http-status",
            "message": "erp.example answered 404: nothing takes POST requests there. Check the path of the URL."},
            "durationMs": 87, "phases": {"dnsMs": 4.1, "connectMs": 18.2, "tlsMs": 31.7, "firstByteMs": 32.4}}""";

    private static final String MASK = "***";

    /** Of what was sent there. */
    static DummyView of(Target target, Message message, Sent sent) {
        Set<String> own = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        target.headers().forEach(header -> own.add(header.name()));
        Request request = new Request(target.to().url(),
                byName(sent.headers().stream().map(each -> own.contains(each.name()) ? new Header(each.name(), MASK) : each)
                        .toList()),
                message.body().toString());
        OutboundAnswer answer = sent.outcome().answer();
        DeliveryError error = sent.delivery().error();
        return new DummyView(request, answer == null ? null : Response.of(answer, target.headers()),
                error == null ? null
                        : new Error(error.code(), requireNonNull(DeliveryAdvice.of(target.to(), sent), "advice")),
                sent.took().toMillis(), Steps.of(sent.outcome().phases()));
    }

    /**
     * What was sent.
     *
     * @param headers of which those that the webhook sets are not told
     */
    @RegisterForReflection
    @Schema(name = "WebhookTestRequest")
    record Request(String url,
            @Schema(description = "As they were sent, but the values of the webhook's own: ***") Map<String, String> headers,
            @Schema(implementation = Object.class) @JsonRawValue String body) {
    }

    /**
     * What came back.
     *
     * @param headers by name; several of one name in one value, parted by commas
     * @param body up to 16 KiB of it, as text
     * @param truncated whether there was more
     */
    @RegisterForReflection
    @Schema(name = "WebhookTestResponse")
    record Response(int statusCode,
            @Schema(description = "Several of one name stand in one value, parted by commas; cookies and tokens are not told") Map<String, String> headers,
            @Schema(description = "Up to 16 KiB, as text") String body, boolean truncated) {

        static Response of(OutboundAnswer answer, List<Header> asked) {
            AnswerExcerpt kept = AnswerExcerpt.of(answer, Sender.MAX_ANSWER_BYTES, asked);
            return new Response(kept.status(), byName(kept.headers()), kept.body(), kept.truncated());
        }
    }

    /**
     * What went wrong.
     *
     * @param code as in the log of deliveries
     * @param message for a person: what happened, and what to do
     */
    @RegisterForReflection
    @Schema(name = "DeliveryError")
    record Error(@Schema(examples = "http-status", enumeration = {
            "http-status", "redirect", "name-not-found",
            "connection-refused", "tls", "certificate-expired", "certificate-name-mismatch", "certificate-untrusted",
            "timeout-dns", "timeout-connect", "timeout-tls", "timeout-response", "timeout-body", "connection-broken",
            "busy" }) String code,
            String message) {
    }

    /** How long each step took, in milliseconds; null for one that was not reached, or not needed. */
    @RegisterForReflection
    @Schema(name = "DeliveryPhases")
    record Steps(@Nullable Double dnsMs, @Nullable Double connectMs, @Nullable Double tlsMs, @Nullable Double firstByteMs) {

        static Steps of(Phases phases) {
            return new Steps(rounded(phases.dnsMs()), rounded(phases.connectMs()), rounded(phases.tlsMs()),
                    rounded(phases.firstByteMs()));
        }

        /** To a hundredth. */
        private static @Nullable Double rounded(@Nullable Double millis) {
            return millis == null ? null : Math.round(millis * 100) / 100.0;
        }
    }

    private static Map<String, String> byName(List<Header> headers) {
        Map<String, String> byName = new LinkedHashMap<>();
        headers.forEach(header -> byName.merge(header.name(), header.value(), (one, other) -> one + ", " + other));
        return byName;
    }
}
