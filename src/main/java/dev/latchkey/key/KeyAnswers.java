package dev.latchkey.key;

import java.util.UUID;

import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;

import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jboss.resteasy.reactive.RestResponse;

/** How one key is answered: as it stands, with its ETag, and never stored where it is shown with its token. */
@Singleton
class KeyAnswers {

    private final KeyQueries queries;

    KeyAnswers(KeyQueries queries) {
        this.queries = queries;
    }

    /** @throws ProblemException (404) if the organization has no such key */
    Uni<KeyView> find(Keys.Actor actor, UUID id) {
        return queries.find(actor.organization(), id).map(found -> found.orElseThrow(ProblemException::notFound));
    }

    /** With what has just been made of it, which is shown this once. */
    Uni<KeyView> shown(Keys.Actor actor, Keys.Issued issued) {
        return find(actor, issued.id()).map(view -> view.with(issued));
    }

    Uni<RestResponse<KeyView>> read(Keys.Actor actor, UUID id) {
        return find(actor, id).map(this::ok);
    }

    RestResponse<KeyView> ok(KeyView view) {
        return of(RestResponse.ResponseBuilder.<KeyView> ok(), view);
    }

    RestResponse<KeyView> of(RestResponse.ResponseBuilder<KeyView> answer, KeyView view) {
        if (view.key() != null || view.secret() != null) {
            answer.header(HttpHeaders.CACHE_CONTROL, "no-store");
        }
        return answer.header(HttpHeaders.ETAG, EntityTags.of(view.version())).entity(view).build();
    }
}
