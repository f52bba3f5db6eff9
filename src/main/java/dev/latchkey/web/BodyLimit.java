package dev.latchkey.web;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * An operation that takes longer bodies than others, a bean for each. It reads them itself, as they come
 * ({@link StreamedBody}), and thus only when its caller is known. The server itself refuses what announces to be longer than
 * {@code quarkus.http.limits.max-body-size}, unless the body has no bound at all.
 *
 * @param method of the operation; null: any
 * @param path without parameters
 * @param bytes how long its bodies may be
 * @param isForwarded whether the operation is all that lies below the path, and its bodies are somebody else's to read:
 *        then nothing is said about their form, either
 */
public record BodyLimit(@Nullable HttpMethod method, String path, long bytes, boolean isForwarded) {

    public BodyLimit {
        requireNonNull(path, "path");
    }

    public BodyLimit(HttpMethod method, String path, long bytes) {
        this(requireNonNull(method, "method"), path, bytes, false);
    }

    /** An operation whose bodies have no bound. */
    public static BodyLimit unbounded(HttpMethod method, String path) {
        return new BodyLimit(method, path, Long.MAX_VALUE);
    }

    /** Operations below a path whose bodies are sent on to somebody else. */
    public static BodyLimit forwarded(String path) {
        return new BodyLimit(null, path, Long.MAX_VALUE, true);
    }

    boolean isUnbounded() {
        return bytes == Long.MAX_VALUE;
    }

    boolean isOf(HttpServerRequest request) {
        return isForwarded ? request.path() != null && request.path().startsWith(path + "/")
                : request.method().equals(method) && path.equals(request.path());
    }
}
