package dev.latchkey.key;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.Languages;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** {@code /keys/review}: which keys are worth a look, and what to do about each. */
@Path("/api/v1/keys")
@Tag(name = "Keys", description = "API keys: create, edit, replace, revoke")
@Produces(MediaType.APPLICATION_JSON)
class ReviewResource {

    private final Review review;
    private final KeyQueries queries;
    private final SecurityIdentity identity;
    private final RoutingContext request;

    ReviewResource(Review review, KeyQueries queries, SecurityIdentity identity, RoutingContext request) {
        this.review = review;
        this.queries = queries;
        this.identity = identity;
        this.request = request;
    }

    @GET
    @Path("/review")
    @PermissionsAllowed(Names.KEYS_READ)
    @Operation(operationId = "reviewKeys", summary = "Active keys that are worth a look, each with the call that mends it", description = "In the order of keys, newest first, and of one key the most urgent finding first; texts in English or Spanish by Accept-Language. 2,000 keys are looked at for a page: where hardly any has a finding, a page may hold fewer items than were asked for, or none, and still have a `nextCursor`. What keys use is at most six hours behind.")
    public Uni<RestResponse<Page<Item>>> review(
            @Parameter(description = "One reason; default all") @QueryParam("reason") @Nullable ReviewReason reason,
            @Parameter(description = "Id of one key; default all", schema = @Schema(type = SchemaType.STRING, format = "uuid")) @QueryParam("key") @Size(max = 36) @Nullable String key,
            @Parameter(description = "Id or key of a store: the keys that reach it") @QueryParam("store") @Size(max = 63) @Nullable String store,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor, @Context HttpHeaders headers) {
        Keys.Actor actor = actor();
        UUID id = id(key);
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return queries.storeId(actor.organization(), store)
                .flatMap(storeId -> review.page(actor, new ReviewQuery.Filter(reason, id, storeId.orElse(null)), limit, cursor,
                        locale))
                .map(page -> RestResponse.ResponseBuilder.ok(page)
                        .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build());
    }

    private static @Nullable UUID id(@Nullable String text) {
        UUID id = text == null ? null : Id.parse(text);
        if (text != null && id == null) {
            throw ProblemException.invalid("key", "must be the id of a key");
        }
        return id;
    }

    /** What keys were used for names any store: a key that is limited to some would read of all. */
    private Keys.Actor actor() {
        Keys.Actor actor = KeyAuthentication.actor(identity, request);
        if (!actor.caller().reachesAllStores()) {
            throw new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "A key that is limited to stores cannot read what keys are used for.");
        }
        return actor;
    }

    /**
     * A finding.
     *
     * @param key about which
     * @param reason what was found, for programs
     * @param detail the same, for people
     * @param action what mends it
     */
    @Schema(name = "KeyReviewItem", examples = """
            {"key": {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync", "start": "lk_live_4fTz",
            "createdAt": "2026-05-02T09:30:00Z", "expiresAt": "2027-12-31T23:59:59Z", "lastUsedAt": "2026-11-22T10:15:00Z"},
            "reason": "unused-scopes", "detail": "Has scopes that it did not use in the last 90 days: orders:write.",
            "action": {"method": "PATCH", "path": "/api/v1/keys/01890a5d-ac96-774b-bcce-b302099a8057",
            "body": {"scopes": ["orders:read"]}, "description": "Leave it the scopes that it uses.", "allowed": true}}""")
    record Item(Reviewed key, ReviewReason reason, String detail, Action action) {

        static Item of(ReviewFinding finding, Locale locale, boolean allowed) {
            ReviewedKey.About about = finding.key().about();
            ReviewFinding.Call call = finding.call();
            return new Item(
                    new Reviewed(about.id(), about.name(), about.start(), about.createdAt(), about.expiresAt(),
                            about.lastUsedAt()),
                    finding.reason(), finding.detail(locale),
                    new Action(call.method(), call.path(), call.body(), finding.advice(locale), allowed));
        }
    }

    /** @param start the first characters, for recognition */
    @Schema(name = "KeyReviewed")
    record Reviewed(UUID id, String name, @Schema(examples = "lk_live_4fTz") String start, Instant createdAt,
            @Nullable Instant expiresAt, @Nullable Instant lastUsedAt) {
    }

    /**
     * A call of this API.
     *
     * @param body as it is to be sent
     * @param description what it does
     * @param allowed whether this caller may make it
     */
    @Schema(name = "KeyReviewAction")
    record Action(@Schema(examples = "PATCH") String method, String path,
            @Schema(description = "What to send, as JSON") Map<String, Object> body, String description,
            @Schema(description = "Whether this caller may make the call") boolean allowed) {
    }
}
