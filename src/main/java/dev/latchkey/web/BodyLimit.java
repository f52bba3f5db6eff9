package dev.latchkey.web;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/**
 * An operation that takes longer bodies than others, a bean for each. It reads them itself, as they come
 * ({@link StreamedBody}), and thus only when its caller is known. The server itself refuses what announces to be longer than
 * {@code quarkus.http.limits.max-body-size}, unless the body has no bound at all.
 *
 * @param method of the operation
 * @param path without parameters
 * @param bytes how long its bodies may be
 */
public record BodyLimit(HttpMethod method, String path, long bytes) {

    public BodyLimit {
        requireNonNull(method, "method");
        requireNonNull(path, "path");
    }

    /** An operation whose bodies have no bound. */
    public static BodyLimit unbounded(HttpMethod method, String path) {
        return new BodyLimit(method, path, Long.MAX_VALUE);
    }

    boolean isUnbounded() {
        return bytes == Long.MAX_VALUE;
    }

    boolean isOf(HttpServerRequest request) {
        return method.equals(request.method()) && path.equals(request.path());
    }
}
