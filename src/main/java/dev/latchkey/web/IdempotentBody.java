package dev.latchkey.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;

import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;

import io.vertx.ext.web.RoutingContext;

/** Keeps the body of a request with an {@code Idempotency-Key} as it was received, to tell whether a repeat is one. */
@Provider
@Idempotent
public class IdempotentBody implements ReaderInterceptor {

    private static final String ATTRIBUTE = "latchkey.idempotent-body";

    private final RoutingContext request;

    IdempotentBody(RoutingContext request) {
        this.request = request;
    }

    /** Empty where there was none. */
    static byte[] of(RoutingContext request) {
        byte[] body = request.get(ATTRIBUTE);
        return body == null ? new byte[0] : body;
    }

    /** To be called by an operation that reads its body itself, before {@link Idempotency#once}. */
    public static void keep(RoutingContext request, byte[] body) {
        request.put(ATTRIBUTE, body);
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext read) throws IOException {
        if (request.request().headers().contains(Idempotency.HEADER)) {
            // In memory already: bodies are bounded, and buffered before anything reads them on an event loop.
            byte[] body = read.getInputStream().readAllBytes();
            if (body.length > 0) { // The reader knows an absent body by its stream.
                keep(request, body);
                read.setInputStream(new ByteArrayInputStream(body));
            }
        }
        return read.proceed();
    }
}
