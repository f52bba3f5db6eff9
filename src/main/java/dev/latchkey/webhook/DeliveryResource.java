package dev.latchkey.webhook;

import java.util.UUID;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;

/** {@code /deliveries/{id}}: what became of one delivery, and to send it again. */
@Path("/api/v1/deliveries")
@Tag(name = "Webhooks")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class DeliveryResource {

    private final DeliveryQueries queries;
    private final Deliveries deliveries;
    private final LaneNudge lanes;
    private final Dispatcher dispatcher;
    private final SecurityIdentity identity;

    DeliveryResource(DeliveryQueries queries, Deliveries deliveries, LaneNudge lanes, Dispatcher dispatcher,
            SecurityIdentity identity) {
        this.queries = queries;
        this.deliveries = deliveries;
        this.lanes = lanes;
        this.dispatcher = dispatcher;
        this.identity = identity;
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "getDelivery", summary = "One delivery with every attempt", description = "Also of a webhook that was deleted, for as long as it is kept.")
    @APIResponse(responseCode = "200", description = "The delivery", content = @Content(schema = @Schema(implementation = DeliveryView.Detail.class)))
    public Uni<DeliveryView.Detail> get(@PathParam("id") Id id) {
        return queries.existing(caller(), id.value());
    }

    @POST
    @Path("/{id}/retry")
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "retryDelivery", summary = "Send a delivery again, now", description = "Whatever became of it: it is pending again, and its schedule begins anew. One that waits for its next attempt is sent at once; one that is being sent goes on. 409 where the webhook is deleted or switched off. The receiver knows it by its webhook-id.")
    @APIResponse(responseCode = "202", description = "It is in the queue", content = @Content(schema = @Schema(implementation = DeliveryView.Detail.class)))
    public Uni<RestResponse<DeliveryView.Detail>> retry(@PathParam("id") Id id) {
        Caller caller = caller();
        UUID delivery = id.value();
        return queries.standing(caller, delivery)
                .invoke(Deliveries::requireOpen)
                .call(standing -> lanes.open(standing.webhook()))
                .call(standing -> deliveries.retry(caller, standing))
                .invoke(standing -> dispatcher.due(standing.webhook(), caller.tenant().id()))
                .flatMap(done -> queries.existing(caller, delivery))
                .map(view -> RestResponse.ResponseBuilder.<DeliveryView.Detail> create(RestResponse.Status.ACCEPTED)
                        .entity(view)
                        .build());
    }

    private Caller caller() {
        Caller caller = Caller.of(identity);
        caller.tenant();
        return caller;
    }
}
