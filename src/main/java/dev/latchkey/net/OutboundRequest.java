package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * One request whose answer is wanted whole.
 *
 * @param headers as they are sent, each once for each time that it stands here; never one that is {@link Header#isReserved}
 * @param body none for null, which says nothing about a body; an empty one is told as such
 * @param repeatable whether it does no harm when the other side gets it twice. Then it may take a connection that is kept
 *        open, and is sent again on a new one when that turns out to have been closed meanwhile; otherwise it always takes a
 *        new one, so that an answer is lost only when it is
 */
public record OutboundRequest(HttpMethod method, Destination to, List<Header> headers, @Nullable Buffer body,
        OutboundLimits limits, boolean repeatable) {

    /** RFC 9110 section 9.2.2. */
    private static final Set<HttpMethod> IDEMPOTENT = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
            HttpMethod.PUT, HttpMethod.DELETE);

    /** @throws IllegalArgumentException when a header cannot be sent; its value is not repeated */
    public OutboundRequest {
        requireNonNull(method, "method");
        requireNonNull(to, "to");
        requireNonNull(limits, "limits");
        headers = List.copyOf(headers);
        for (var header : headers) {
            if (!header.isSendable()) {
                throw new IllegalArgumentException("a header cannot be sent: " + header.name().replaceAll("[^!-~]", "?"));
            }
        }
    }

    /** Repeatable when its method is idempotent. */
    public OutboundRequest(HttpMethod method, Destination to, List<Header> headers, @Nullable Buffer body,
            OutboundLimits limits) {
        this(method, to, headers, body, limits, IDEMPOTENT.contains(requireNonNull(method, "method")));
    }

    /** Without headers and body. */
    public static OutboundRequest get(Destination to, OutboundLimits limits) {
        return new OutboundRequest(HttpMethod.GET, to, List.of(), null, limits);
    }

    /** The same, which may be sent twice: for a receiver that knows repetitions, as those of webhooks do. */
    public OutboundRequest asRepeatable() {
        return new OutboundRequest(method, to, headers, body, limits, true);
    }

    /** Neither headers nor body, nor the query: each may hold a secret. */
    @Override
    public String toString() {
        return method + " " + to + " ***";
    }
}
