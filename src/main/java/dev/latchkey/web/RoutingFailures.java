package dev.latchkey.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that fail before a resource is reached or after one has answered: an address with a broken escape, no Host
 * header, a filter that throws. The answers of Quarkus itself would be pages, with a stack trace in development.
 *
 * <p>
 * Only what is no HTTP at all (an unreadable head, one beyond the server's hard limits) never comes here: it is refused while
 * it is parsed, with its status and no body.
 */
@ApplicationScoped
class RoutingFailures {

    /** Behind Quarkus's own routes, before its error page. */
    private static final int LAST_BUT_ONE = 20_000;
    private static final int BAD_REQUEST = 400;

    private final Problems problems;

    RoutingFailures(Problems problems) {
        this.problems = problems;
    }

    void register(@Observes Router router) {
        router.route().order(LAST_BUT_ONE).failureHandler(this::answer);
        // What cannot be routed for its path finds no failure handler by its path, either.
        router.errorHandler(BAD_REQUEST, request -> refuse(request, ProblemMappers.ofStatus(BAD_REQUEST)));
    }

    private void answer(RoutingContext request) {
        @Nullable
        Throwable fault = request.failure();
        int status = request.statusCode();
        if (status >= BAD_REQUEST && status < 500) {
            refuse(request, ProblemMappers.ofStatus(status));
        } else if (fault instanceof SecurityException || fault == null) {
            request.next(); // Quarkus knows the challenge.
        } else {
            refuse(request, ProblemMappers.refusal(fault, request));
        }
    }

    private void refuse(RoutingContext request, ProblemException refusal) {
        if (!request.response().headWritten()) {
            RequestId.ensure(request);
            problems.end(request, refusal);
        }
    }
}
