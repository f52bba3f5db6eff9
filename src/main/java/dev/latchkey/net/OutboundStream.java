package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpClientRequest;

/**
 * A request whose connection stands.
 *
 * @param request nothing of it is sent yet
 * @param stoodBefore whether its connection is one that was kept, and may have been closed by the other side meanwhile
 */
public record OutboundStream(HttpClientRequest request, boolean stoodBefore) {

    public OutboundStream {
        requireNonNull(request, "request");
    }

    /** Whether the fault says no more than that a kept connection was closed just when it was used. */
    public boolean wasClosedMeanwhile(Throwable fault) {
        return stoodBefore && Faults.isClosed(fault);
    }
}
