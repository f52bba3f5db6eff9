package dev.latchkey.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.MediaType;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every body before an operation reads it. None counts as JSON, whatever its content type, since operations
 * whose body is optional would answer 415 to nothing; one that announces itself as too long is refused with a problem, where
 * the server's own limit closes without a word.
 */
@ApplicationScoped
class RequestRules {

    private static final int BEFORE_ROUTING = 800;

    private final Problems problems;
    private final long maxBodyBytes;

    RequestRules(Problems problems, @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize) {
        this.problems = problems;
        this.maxBodyBytes = maxBodySize.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(this::apply, BEFORE_ROUTING);
    }

    private void apply(RoutingContext request) {
        MultiMap headers = request.request().headers();
        long announced = length(headers.get(HttpHeaders.CONTENT_LENGTH));
        if (announced > maxBodyBytes) {
            // The rest of the body is not worth reading.
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            problems.end(request, ProblemMappers.ofStatus(413));
            return;
        }
        if (announced == 0 && !headers.contains(HttpHeaders.TRANSFER_ENCODING)) {
            headers.set(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON);
        }
        request.next();
    }

    private static long length(@Nullable String header) {
        try {
            return header == null ? 0 : Long.parseLong(header);
        } catch (NumberFormatException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
