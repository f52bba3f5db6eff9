package dev.latchkey.catalog;

import java.time.Duration;
import java.util.concurrent.Semaphore;

import jakarta.inject.Singleton;

import dev.latchkey.web.BodyLimit;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.StreamedBody;
import dev.latchkey.web.WebConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;

/** Takes documents in, of those who may replace the catalogue: nobody else has a byte of his read. */
@Singleton
class CatalogDocuments {

    /** That are held at once. */
    private static final int MOST = 4;

    private final Semaphore places = new Semaphore(MOST);
    private final Duration patience;

    CatalogDocuments(WebConfig config) {
        this.patience = config.bodyPatience();
    }

    @jakarta.enterprise.inject.Produces
    @Singleton
    static BodyLimit limit() {
        return new BodyLimit(HttpMethod.PUT, CatalogResource.PATH, DocumentText.MAX_BYTES);
    }

    /** @throws ProblemException 413, 408; 503 where too many come at once */
    Uni<byte[]> next(RoutingContext request) {
        if (!places.tryAcquire()) {
            return Uni.createFrom().failure(new ProblemException(ProblemCode.UNAVAILABLE,
                    "Other documents are being read; try again in a moment.").with("Retry-After", "1"));
        }
        return StreamedBody.of(request, patience).whole(DocumentText.MAX_BYTES).map(Buffer::getBytes).onTermination()
                .invoke(places::release);
    }
}
