package dev.latchkey.key;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Problems;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Leads every request of a gateway to {@link ForwardAuthResource}: whatever its HTTP method, and wherever the path behind
 * Envoy's prefix would lead. A gateway takes any 200 for a yes, so {@code /api/v1/auth/envoy/../../q/health} must never be
 * routed to a page that says 200.
 */
@ApplicationScoped
class ForwardAuthRoutes {

    static final String AUTH = "/api/v1/auth";
    static final String ENVOY = AUTH + "/envoy";
    private static final int BEFORE_ROUTING = 900;

    private final Problems problems;

    ForwardAuthRoutes(Problems problems) {
        this.problems = problems;
    }

    void guard(@Observes Filters filters) {
        filters.register(this::refuseEscapes, BEFORE_ROUTING);
    }

    private void refuseEscapes(RoutingContext request) {
        String raw = request.request().uri();
        if (isOf(raw, AUTH) && !isOf(Problems.normalizedPath(request), isOf(raw, ENVOY) ? ENVOY : AUTH)) {
            problems.end(request, new ProblemException(ProblemCode.METHOD_FORBIDDEN,
                    "The path cannot be normalized, or climbs out of its root."));
        } else {
            request.next();
        }
    }

    private static boolean isOf(String path, String root) {
        return path.startsWith(root) && (path.length() == root.length() || path.charAt(root.length()) == '/'
                || path.charAt(root.length()) == '?');
    }

    /** The method that a gateway uses is that of the request it holds; it selects nothing here. */
    @ServerRequestFilter(preMatching = true)
    void anyMethod(ContainerRequestContext request) {
        if (isOf(request.getUriInfo().getPath(), AUTH)) {
            request.setMethod(HttpMethod.GET);
        }
    }
}
