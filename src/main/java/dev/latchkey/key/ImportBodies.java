package dev.latchkey.key;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import dev.latchkey.web.BodyLimit;
import io.vertx.core.http.HttpMethod;

/** Says that what is imported has no bound: {@link ImportResource} reads it as it comes. */
@Singleton
class ImportBodies {

    @Produces
    @Singleton
    static BodyLimit imports() {
        return BodyLimit.unbounded(HttpMethod.POST, "/api/v1/keys/import");
    }
}
