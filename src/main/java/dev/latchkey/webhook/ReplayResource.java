package dev.latchkey.webhook;

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
import org.jboss.resteasy.reactive.server.Cancellable;

/** {@code /replays/{id}}: how far a replay has come, and to end it. */
@Path("/api/v1/replays")
@Tag(name = "Webhooks")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class ReplayResource {

    private final ReplayQueries queries;
    private final Replays replays;
    private final SecurityIdentity identity;

    ReplayResource(ReplayQueries queries, Replays replays, SecurityIdentity identity) {
        this.queries = queries;
        this.replays = replays;
        this.identity = identity;
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "getReplay", summary = "One replay, and how far it has come")
    @APIResponse(responseCode = "200", description = "The replay", content = @Content(schema = @Schema(implementation = ReplayView.class)))
    public Uni<ReplayView> get(@PathParam("id") Id id) {
        return queries.existing(caller(), id.value());
    }

    @POST
    @Path("/{id}/cancel")
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "cancelReplay", summary = "End a replay", description = "What it has put back into the queue is sent all the same. 409 where it is done.")
    @APIResponse(responseCode = "200", description = "The replay as it stands now", content = @Content(schema = @Schema(implementation = ReplayView.class)))
    public Uni<ReplayView> cancel(@PathParam("id") Id id) {
        Caller caller = caller();
        return queries.existing(caller, id.value()).flatMap(replay -> replays.cancel(caller, replay))
                .chain(() -> queries.existing(caller, id.value()));
    }

    private Caller caller() {
        Caller caller = Caller.of(identity);
        caller.tenant();
        return caller;
    }
}
