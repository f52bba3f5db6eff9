package dev.latchkey.event;

import java.util.List;
import java.util.stream.Stream;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.event.Publishing.Publication;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.RawObject;
import io.quarkus.arc.ClientProxy;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code POST /events}: what the platform tells. Not cancellable: whoever hangs up has published, or has not. */
@Path(PublishResource.PATH)
@Tag(name = "Events")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class PublishResource {

    static final String PATH = "/api/v1/events";

    private static final String ID_MESSAGE = "must be 1 to 100 letters, digits and _ : -";

    private final Publications publications;
    private final Publishing publishing;
    private final Idempotency idempotency;
    private final Outbox outbox;
    private final SecurityIdentity identity;

    PublishResource(Publications publications, Publishing publishing, Idempotency idempotency, Outbox outbox,
            SecurityIdentity identity) {
        this.publications = publications;
        this.publishing = publishing;
        this.idempotency = idempotency;
        this.outbox = outbox;
        this.identity = identity;
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.EVENTS_PUBLISH)
    @Operation(operationId = "publishEvents", summary = "Publish an event, or up to 500 at once", description = "Answered only when they are durable: every webhook that asks for such events gets them, whatever happens after the answer. All of a batch are accepted, or none. An id is accepted once in an organization: whoever does not know whether an earlier request has arrived sends the same ids again, and is told which are `duplicate`. A key that is limited to stores publishes of its stores only.")
    @RequestBody(required = true, content = @Content(schema = @Schema(oneOf = { Form.class, Batch.class }), examples = {
            @ExampleObject(name = "one event", value = "{\"type\": \"order.create\", \"store\": \"madrid\", \"id\": \"order-10245-created\", \"data\": {\"id\": \"10245\", \"total\": \"59.90\", \"currency\": \"EUR\"}}"),
            @ExampleObject(name = "a batch", value = "{\"events\": [{\"type\": \"product.update\", \"data\": {\"id\": \"881\", \"sku\": \"TSHIRT-M-BLUE\"}}, {\"type\": \"stock.update\", \"id\": \"stock-881-17\", \"data\": {\"sku\": \"TSHIRT-M-BLUE\", \"available\": 17}}]}") }))
    @APIResponse(responseCode = "202", description = "What was accepted, in the order in which it came", content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Uni<RestResponse<Object>> publish(@Context RoutingContext proxied) {
        RoutingContext request = ClientProxy.unwrap(proxied);
        Caller caller = Caller.of(identity);
        caller.tenant();
        boolean isRemembered = request.request().headers().contains(Idempotency.HEADER);
        String trace = TraceParent.of(request.request().headers().getAll(TraceParent.HEADER));
        return publications.with(request, caller.tenant().id(), body -> idempotency
                .once(() -> publishing.publish(caller, new Publication(body.forms(), body.isBatch(), trace), isRemembered),
                        accepted -> null)
                // Also where an earlier request has published them: whoever answered that may not have come so far.
                .invoke(outbox::arrived)
                .flatMap(done -> done.answer(accepted -> Uni.createFrom()
                        .item(RestResponse.ResponseBuilder.<Object> create(RestResponse.Status.ACCEPTED).entity(accepted)
                                .build()))));
    }

    /**
     * An event that is published.
     *
     * @param type of the catalogue of event types
     * @param data what a receiver is told, as it came
     * @param store id or key; null: of the organization
     * @param id of its publisher's choosing; null: one is made
     */
    @RegisterForReflection
    @Schema(name = "EventForm")
    record Form(
            @Schema(description = "One of GET /event-types that is not this service's own", examples = "order.create") @NotNull(message = "is required") @Size(max = 100) String type,
            @Schema(type = SchemaType.OBJECT, implementation = Object.class, description = "What a receiver is told, as it is written; 256 KiB at most") @NotNull(message = "is required") RawObject data,
            @Schema(description = "Id or key of the store that it concerns; none: the organization", examples = "madrid") @Size(min = 1, max = 63) @Nullable String store,
            @Schema(description = "Accepted once in an organization; absent: one is made. No dot: in what is signed it ends the id (Standard Webhooks)", examples = "order-10245-created") @Pattern(regexp = Events.ID, message = ID_MESSAGE) @Nullable String id) {
    }

    /** Several events, as the OpenAPI document shows them. */
    @Schema(name = "EventBatch")
    record Batch(@Schema(required = true, minItems = 1, maxItems = Publishing.MOST) List<Form> events) {
    }

    /** A body, of either form. */
    @RegisterForReflection
    record Body(@Size(max = 100) @Nullable String type, @Nullable RawObject data,
            @Size(min = 1, max = 63) @Nullable String store,
            @Pattern(regexp = Events.ID, message = ID_MESSAGE) @Nullable String id,
            @Size(min = 1, max = Publishing.MOST) @Nullable List<@NotNull(message = "must not be null") @Valid Form> events) {

        boolean isBatch() {
            return events != null;
        }

        /** @throws ProblemException 422 for both forms at once, and for neither */
        List<Form> forms() {
            if (events != null) {
                if (type != null || data != null || store != null || id != null) {
                    throw ProblemException.invalid("events", "must stand alone: what an event has stands in its entry");
                }
                return events;
            }
            if (type == null || data == null) {
                throw ProblemException.invalid(Stream.of(type == null ? "type" : "", data == null ? "data" : "")
                        .filter(field -> !field.isEmpty()).map(field -> new FieldError(field, "is required")).toList());
            }
            return List.of(new Form(type, data, store, id));
        }
    }

    /** What became of them. */
    @RegisterForReflection
    @Schema(name = "AcceptedEvents", examples = """
            {"events": [{"id": "01890a5d-ac96-774b-bcce-b302099a8057", "duplicate": false},
            {"id": "stock-881-17", "duplicate": true}]}""")
    record Accepted(List<Item> events) {
    }

    /**
     * One that is in.
     *
     * @param id by which receivers and {@code GET /events/{id}} know it
     * @param duplicate whether the organization has had an event of this id: that one stands, and this one was dropped
     */
    @RegisterForReflection
    @Schema(name = "AcceptedEvent")
    record Item(@Schema(description = "As receivers know it, in webhook-id") String id,
            @Schema(description = "The organization has had an event of this id: that one stands, and this one was dropped") boolean duplicate) {
    }
}
