package dev.latchkey.net;

import java.util.Optional;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;

/** The only way out. */
@Singleton
public class Outbound {

    /** Sends it and reads its answer. Never fails: whatever can happen is an outcome. */
    public Uni<OutboundOutcome> send(OutboundRequest request) {
        throw new UnsupportedOperationException();
    }

    /** What can be said against a destination without asking anyone: a blocked literal address, plain http. */
    public Optional<Refusal> refusalAtSight(Destination to) {
        throw new UnsupportedOperationException();
    }

    /** The check when a destination is written down: looks up the name and checks every address, dials nothing. */
    public Uni<Optional<Refusal>> refusal(Destination to) {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a request to that host on a checked address, for streaming; target, method and time limits are those of the
     * options, whose host, port, server and scheme are not looked at. Fails with {@link OutboundException}.
     */
    public Future<HttpClientRequest> open(Destination to, RequestOptions options) {
        throw new UnsupportedOperationException();
    }
}
