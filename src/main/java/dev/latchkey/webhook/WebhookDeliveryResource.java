package dev.latchkey.webhook;

import java.util.UUID;

import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.event.EventTypes;
import dev.latchkey.event.Events;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Id;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Span;
import dev.latchkey.webhook.DeliveryQueries.Filter;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code /webhooks/{id}/deliveries}: the log of a webhook. */
@Path("/api/v1/webhooks")
@Tag(name = "Webhooks")
@Produces(MediaType.APPLICATION_JSON)
class WebhookDeliveryResource {

    private final WebhookQueries webhooks;
    private final DeliveryQueries queries;
    private final EventTypes types;
    private final Cursors cursors;
    private final SecurityIdentity identity;

    WebhookDeliveryResource(WebhookQueries webhooks, DeliveryQueries queries, EventTypes types, Cursors cursors,
            SecurityIdentity identity) {
        this.webhooks = webhooks;
        this.queries = queries;
        this.types = types;
        this.cursors = cursors;
        this.identity = identity;
    }

    @GET
    @Path("/{id}/deliveries")
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "listDeliveries", summary = "What became of the deliveries to a webhook, newest first")
    public Uni<Page<DeliveryView>> list(@PathParam("id") Id id,
            @Parameter(description = "Those in this state") @QueryParam("state") @Nullable DeliveryState state,
            @Parameter(description = "Id of an event, as receivers know it: what became of it here", example = "order-10245-created") @QueryParam("event") @Size(min = 1, max = 100) @Nullable String event,
            @Parameter(description = "Of events of this type, one of GET /event-types", example = "order.create") @QueryParam("type") @Size(min = 1, max = 100) @Nullable String type,
            @Parameter(description = "Of events that were published not before", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("from") @Nullable String from,
            @Parameter(description = "Of events that were published before", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("to") @Nullable String to,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Caller caller = Caller.of(identity);
        caller.tenant();
        if (event != null && !Events.isId(event)) {
            throw ProblemException.invalid("event", "must be the id of an event");
        }
        Filter filter = new Filter(state, event, type, Span.parse(from, to));
        Cursors.Scope scope = cursors.scope("deliveries", caller.tenant().id(), id.value(), state, event, type, filter.span());
        UUID after = scope.decode(cursor);
        return webhooks.existing(caller, id.value()).invoke(webhook -> {
            // What it has asked for may be no type any more, and its deliveries are kept.
            if (!webhook.events().contains(type)) {
                types.requireKnown(type);
            }
        })
                .flatMap(webhook -> queries.list(caller, webhook.id(), filter, after, limit.rows()))
                .map(rows -> Page.of(rows, limit, DeliveryView::id, view -> view, scope));
    }
}
