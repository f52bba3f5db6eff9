package dev.latchkey.event;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Span;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code /events}: what happened, as receivers are told. */
@Path("/api/v1/events")
@Tag(name = "Events", description = "What happened: this service's own events and the platform's")
@Produces(MediaType.APPLICATION_JSON)
class EventResource {

    private final EventQueries queries;
    private final EventFates fates;
    private final EventTypes types;
    private final Cursors cursors;
    private final SecurityIdentity identity;

    EventResource(EventQueries queries, EventFates fates, EventTypes types, Cursors cursors, SecurityIdentity identity) {
        this.queries = queries;
        this.fates = fates;
        this.types = types;
        this.cursors = cursors;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "listEvents", summary = "What happened, newest first; to a key that is limited to stores, in these stores")
    public Uni<Page<View>> list(
            @Parameter(description = "One of GET /event-types", example = "key.revoked") @QueryParam("type") @Size(min = 1, max = 100) @Nullable String type,
            @Parameter(description = "Id or key of a store: what happened there") @QueryParam("store") @Size(min = 1, max = 63) @Nullable String store,
            @Parameter(description = "Not before", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("from") @Nullable String from,
            @Parameter(description = "Before", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("to") @Nullable String to,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Caller caller = Caller.of(identity);
        UUID organization = caller.tenant().id();
        types.requireKnown(type);
        Span span = Span.parse(from, to);
        Cursors.Scope scope = cursors.scope("events", organization, type, store, span);
        UUID after = scope.decode(cursor);
        return queries.store(caller, store)
                .flatMap(storeId -> queries.list(caller, type, storeId.orElse(null), span, after, limit.rows()))
                .map(rows -> Page.of(rows, limit, EventQueries.Stored::id, View::of, scope));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "getEvent", summary = "One event, by the id that receivers know it by, and what became of it", description = "`deliveries` has an entry for each webhook that asked for it when it was fanned out, moments after it was published: with `fannedOut` true and no entries, none did. To a key that is limited to stores those of webhooks within its stores.")
    @APIResponse(responseCode = "200", description = "The event with the fate of each delivery", content = @Content(schema = @Schema(implementation = Detail.class)))
    public Uni<Detail> get(@PathParam("id") String id) {
        Caller caller = Caller.of(identity);
        caller.tenant();
        if (!Events.isId(id)) {
            throw ProblemException.notFound();
        }
        return queries.find(caller, id).map(found -> found.orElseThrow(ProblemException::notFound))
                .flatMap(event -> fates.of(caller, event).map(fate -> Detail.of(event, fate)));
    }

    /**
     * An event as a receiver gets it.
     *
     * @param data as it was published
     */
    @Schema(name = "Event", examples = """
            {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "type": "key.revoked", "timestamp": "2026-11-22T09:30:00Z",
            "store": null, "data": {"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "name": "ERP order sync",
            "environment": "live", "actor": {"type": "person", "id": "f2c1a8d0", "name": "ana@example.com"},
            "reason": "Left the project"}}""")
    record View(@Schema(description = "As receivers know it, in webhook-id") String id,
            @Schema(examples = "key.revoked") String type, Instant timestamp, @Nullable StoreView store,
            @Schema(implementation = Object.class) @JsonRawValue String data) {

        static View of(EventQueries.Stored event) {
            return new View(event.publicId(), event.type(), event.at(),
                    event.storeId() == null ? null : new StoreView(event.storeId(), event.storeKey()), event.data());
        }
    }

    /**
     * An event, and what became of it.
     *
     * @param fannedOut whether it was handed to the webhooks that ask for it; before, it waits in the outbox
     * @param deliveries one for each of these
     */
    @Schema(name = "EventDetail", examples = """
            {"id": "order-10245-created", "type": "order.create", "timestamp": "2026-11-22T09:30:00Z",
            "store": {"id": "01890a5d-ac96-7b14-9d4e-5f0b8c6a2e31", "key": "madrid"}, "data": {"id": "10245", "total": "59.90"},
            "fannedOut": true, "deliveries": [{"id": "01890a5d-ac96-7d2f-8a41-3c5e7b9d1f60",
            "webhookId": "01890a5d-ac96-7e8b-b1c2-9f4d6a8e0c37", "url": "https://erp.example/hooks/orders", "state": "pending",
            "reason": null, "attempts": 1, "lastStatus": 503, "lastError": "http-status",
            "nextAttemptAt": "2026-11-22T09:35:06Z", "finishedAt": null}]}""")
    record Detail(@Schema(description = "As receivers know it, in webhook-id") String id,
            @Schema(examples = "order.create") String type, Instant timestamp, @Nullable StoreView store,
            @Schema(implementation = Object.class) @JsonRawValue String data,
            @Schema(description = "Whether it was handed to the webhooks that ask for it") boolean fannedOut,
            List<EventFates.Fate> deliveries) {

        static Detail of(EventQueries.Stored event, EventFates.Fates fates) {
            View view = View.of(event);
            return new Detail(view.id, view.type, view.timestamp, view.store, view.data, fates.fannedOut(), fates.deliveries());
        }
    }

    /** Where it happened. */
    @Schema(name = "EventStore")
    record StoreView(UUID id,
            @Schema(examples = "madrid", description = "As it was when the event was published") @Nullable String key) {
    }
}
