package dev.latchkey.proxy;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import dev.latchkey.web.BodyLimit;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Problems;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;

/**
 * Keeps addresses below the proxy there: bodies that are sent there have no bound, and no rule but the provider's, so none may
 * be routed to another operation by climbing out.
 */
@ApplicationScoped
class ProxyRoutes {

    private static final int BEFORE_ROUTING = 900;

    private final Problems problems;

    ProxyRoutes(Problems problems) {
        this.problems = problems;
    }

    @Produces
    @Singleton
    static BodyLimit limit() {
        return BodyLimit.forwarded(ProxyTarget.ROOT);
    }

    void guard(@Observes Filters filters) {
        filters.register(this::refuseEscapes, BEFORE_ROUTING);
    }

    private void refuseEscapes(RoutingContext request) {
        String path = request.request().path();
        if (path != null && path.startsWith(ProxyTarget.ROOT + "/")
                && !Problems.normalizedPath(request).startsWith(ProxyTarget.ROOT + "/")) {
            problems.end(request, new ProblemException(ProblemCode.MALFORMED_REQUEST,
                    "The path cannot be normalized, or climbs out of its root."));
        } else {
            request.next();
        }
    }
}
