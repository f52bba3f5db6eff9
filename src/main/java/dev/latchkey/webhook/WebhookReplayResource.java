package dev.latchkey.webhook;

import java.net.URI;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.Page;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /webhooks/{id}/replay}: to send again what a span of time holds. */
@Path("/api/v1/webhooks")
@Tag(name = "Webhooks")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class WebhookReplayResource {

    private final WebhookQueries webhooks;
    private final ReplayQueries queries;
    private final Replays replays;
    private final Cursors cursors;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    WebhookReplayResource(WebhookQueries webhooks, ReplayQueries queries, Replays replays, Cursors cursors,
            Idempotency idempotency, SecurityIdentity identity) {
        this.webhooks = webhooks;
        this.queries = queries;
        this.replays = replays;
        this.cursors = cursors;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @POST
    @Path("/{id}/replay")
    @Idempotent
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "replayWebhook", summary = "Send again what was published within a span of time", description = "A job that goes on by itself, batch by batch and never faster than the receiver keeps up; one at a time for a webhook. By default it takes what was given up (`exhausted`). Receivers know what they had by its webhook-id. 409 where the webhook is switched off, or a replay of it is running.")
    @RequestBody(content = @Content(schema = @Schema(implementation = ReplayView.Form.class), examples = {
            @ExampleObject(name = "what was given up", value = "{\"from\": \"2026-11-20T00:00:00Z\"}"),
            @ExampleObject(name = "a day, all of it", value = "{\"from\": \"2026-11-20T00:00:00Z\", \"to\": \"2026-11-21T00:00:00Z\", \"state\": \"all\"}") }))
    @APIResponse(responseCode = "202", description = "The replay, its address in Location", content = @Content(schema = @Schema(implementation = ReplayView.class)))
    public Uni<RestResponse<Object>> replay(@PathParam("id") Id id, @NotNull @Valid ReplayView.Form wanted) {
        Caller caller = caller();
        return idempotency
                .once(() -> webhooks.existing(caller, id.value()), webhook -> replays.start(caller, webhook, wanted),
                        started -> started,
                        started -> webhooks.stillSeen(caller, id.value()))
                .flatMap(done -> done.answer(started -> queries.existing(caller, started)
                        .map(view -> RestResponse.ResponseBuilder.<ReplayView> create(RestResponse.Status.ACCEPTED)
                                .location(URI.create("/api/v1/replays/" + view.id())).entity(view).build())));
    }

    @GET
    @Path("/{id}/replays")
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "listReplays", summary = "Replays of a webhook, newest first")
    public Uni<Page<ReplayView>> list(@PathParam("id") Id id,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Caller caller = caller();
        Cursors.Scope scope = cursors.scope("replays", caller.tenant().id(), id.value());
        UUID after = scope.decode(cursor);
        return webhooks.existing(caller, id.value()).flatMap(webhook -> queries.list(webhook.id(), after, limit.rows()))
                .map(rows -> Page.of(rows, limit, ReplayView::id, view -> view, scope));
    }

    private Caller caller() {
        Caller caller = Caller.of(identity);
        caller.tenant();
        return caller;
    }
}
