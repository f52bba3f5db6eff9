package dev.latchkey.webhook;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
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
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /webhooks/{id}/test}: sends a dummy, and answers with what came of it. */
@Path("/api/v1/webhooks")
@Tag(name = "Webhooks")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class WebhookTestResource {

    private final Dummies dummies;
    private final SecurityIdentity identity;

    WebhookTestResource(Dummies dummies, SecurityIdentity identity) {
        this.dummies = dummies;
        this.identity = identity;
    }

    @POST
    @Path("/{id}/test")
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "testWebhook", summary = "Send a dummy to a webhook now, and see what comes of it", description = "The example of an event type, signed as a delivery is, with webhook-test: true; to a webhook that is switched off, too. It is no delivery: it is sent once, and changes nothing of the webhook. Takes 15 seconds at most. 429 where your organization has asked for too many tests within a minute.")
    @RequestBody(required = false, content = @Content(schema = @Schema(implementation = Dummy.class), examples = @ExampleObject(name = "an order", value = "{\"event\": \"order.create\"}")))
    @APIResponse(responseCode = "200", description = "What was sent and what came of it, whatever that is", content = @Content(schema = @Schema(implementation = DummyView.class)))
    public Uni<DummyView> test(@PathParam("id") Id id, @Valid @Nullable Dummy wanted) {
        Caller caller = Caller.of(identity);
        caller.tenant();
        return dummies.send(caller, id.value(), wanted == null ? null : wanted.event());
    }

    /** @param event the type of the event that it looks like; absent: the first that the webhook asks for */
    @Schema(name = "WebhookDummy")
    record Dummy(
            @Schema(examples = "order.create", description = "An event type; absent: the first that the webhook asks for") @Size(min = 1, max = 100) @Nullable String event) {
    }
}
