package dev.latchkey.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import com.github.f4b6a3.uuid.UuidCreator;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Names every request, so that a problem that a person reports leads to its log lines. Always made here: an id from outside
 * could be chosen to collide or to forge log lines.
 */
@ApplicationScoped
public class RequestId {

    public static final String HEADER = "X-Request-Id";
    private static final String KEY = "latchkey.requestId";
    private static final int BEFORE_EVERYTHING = 1000;

    void register(@Observes Filters filters) {
        filters.register(RequestId::assign, BEFORE_EVERYTHING);
    }

    private static void assign(RoutingContext request) {
        ensure(request);
        request.next();
    }

    /** Names the request unless it has a name: some fail before anything else sees them. */
    static void ensure(RoutingContext request) {
        if (of(request) != null) {
            return;
        }
        String id = UuidCreator.getTimeOrderedEpochFast().toString();
        request.put(KEY, id);
        request.response().putHeader(HEADER, id);
        MDC.put("requestId", id);
    }

    /** The id of this request; null only where it failed before it could be named. */
    public static @Nullable String of(RoutingContext request) {
        return request.get(KEY);
    }
}
