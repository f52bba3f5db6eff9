package dev.latchkey.web;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/**
 * An operation that takes longer bodies than others; a bean for each. The server itself refuses what is longer than
 * {@code quarkus.http.limits.max-body-size}, whatever stands here.
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

    boolean isOf(HttpServerRequest request) {
        return method.equals(request.method()) && path.equals(request.path());
    }
}
