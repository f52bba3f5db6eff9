package dev.latchkey.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** A body that was read before the request reached its operation, which finds it here. */
public final class RequestBody {

    private static final String KEY = "latchkey.body";

    private RequestBody() {
    }

    /** Null where nobody has read it. */
    public static @Nullable Buffer of(RoutingContext request) {
        return request.get(KEY);
    }

    /** To be called by whoever reads it to its end and does not answer. */
    public static void keep(RoutingContext request, Buffer body) {
        request.put(KEY, body);
    }
}
