package dev.latchkey.webhook;

import java.net.URI;
import java.time.Duration;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.Page;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * {@code /webhooks}: where events go. Not cancellable: a caller who hangs up must not part a commit from what follows it.
 */
@Path("/api/v1/webhooks")
@Tag(name = "Webhooks", description = "Endpoints that events are delivered to, and what became of the deliveries")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class WebhookResource {

    private final Webhooks webhooks;
    private final WebhookDrafts drafts;
    private final WebhookQueries queries;
    private final Cursors cursors;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    WebhookResource(Webhooks webhooks, WebhookDrafts drafts, WebhookQueries queries, Cursors cursors, Idempotency idempotency,
            SecurityIdentity identity) {
        this.webhooks = webhooks;
        this.drafts = drafts;
        this.queries = queries;
        this.cursors = cursors;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "listWebhooks", summary = "List webhooks, newest first", description = "To a key that is limited to stores those that get the events of its stores and of no other.")
    public Uni<Page<WebhookView>> list(@QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Caller caller = caller();
        Cursors.Scope scope = cursors.scope("webhooks", caller.tenant().id());
        return queries.list(caller, scope.decode(cursor), limit.rows())
                .map(rows -> Page.of(rows, limit, WebhookView::id, view -> view, scope));
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "createWebhook", summary = "Have events sent to an endpoint; the answer shows the secret this once", description = "Messages are signed by Standard Webhooks 1.0.0 with the secret. A key that is limited to stores has to name stores, and only its own: 403. At most 100 for an organization.")
    @RequestBody(content = @Content(schema = @Schema(implementation = WebhookForm.class), examples = {
            @ExampleObject(name = "all stores", value = "{\"url\": \"https://erp.example/hooks/orders\", \"events\": [\"order.create\"]}"),
            @ExampleObject(name = "one store, with a header", value = "{\"url\": \"https://erp.example/hooks/orders\", \"events\": [\"order.create\", \"order.update\"], \"stores\": [\"madrid\"], \"description\": \"Orders into the ERP\", \"headers\": {\"X-Tenant\": \"acme\"}}") }))
    @APIResponse(responseCode = "201", description = "The webhook with its secret, its address in Location", content = @Content(schema = @Schema(implementation = WebhookView.class), examples = @ExampleObject(name = "shown this once", value = WebhookView.EXAMPLE_OF_NEW)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid WebhookForm wanted) {
        Caller caller = caller();
        return idempotency
                .once(() -> drafts.key(caller, wanted), key -> webhooks.create(caller, wanted, key), Webhooks.Issued::id,
                        made -> queries.stillSeen(caller, made))
                .flatMap(done -> done.answer(issued -> shown(caller, issued).map(view -> answer(RestResponse.ResponseBuilder
                        .<WebhookView> created(URI.create("/api/v1/webhooks/" + view.id())), view))));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.EVENTS_READ)
    @Operation(operationId = "getWebhook", summary = "One webhook")
    @APIResponse(responseCode = "200", description = "The webhook, with its ETag", content = @Content(schema = @Schema(implementation = WebhookView.class)))
    public Uni<RestResponse<WebhookView>> get(@PathParam("id") Id id) {
        return read(caller(), id.value());
    }

    @PATCH
    @Path("/{id}")
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "editWebhook", summary = "Edit a webhook (JSON merge patch); what is not sent stays", description = "Of headers, null removes one. A URL that leads to another host than before (scheme, host, port) needs the values of all headers that stay. With active true a webhook that was switched off goes on, and what has waited is sent.")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = WebhookForm.class), examples = {
            @ExampleObject(name = "switch it on again", value = "{\"active\": true}"),
            @ExampleObject(name = "other events", value = "{\"events\": [\"order.create\", \"order.cancel\"]}") }))
    @APIResponse(responseCode = "200", description = "The webhook as it stands now", content = @Content(schema = @Schema(implementation = WebhookView.class)))
    public Uni<RestResponse<WebhookView>> edit(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @NotNull ObjectNode patch) {
        Caller caller = caller();
        return drafts.edit(caller, id.value(), ifMatch, patch)
                .flatMap(edit -> webhooks.edit(caller, id.value(), ifMatch, edit))
                .flatMap(done -> read(caller, id.value()));
    }

    @DELETE
    @Path("/{id}")
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "deleteWebhook", summary = "Delete a webhook; what waits for it is cancelled", description = "What became of earlier deliveries stays in the log for as long as it is kept.")
    @APIResponse(responseCode = "204", description = "Gone, and nothing is sent there any more")
    public Uni<Void> delete(@PathParam("id") Id id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return webhooks.delete(caller(), id.value(), ifMatch);
    }

    @POST
    @Path("/{id}/rotate-secret")
    @Idempotent
    @PermissionsAllowed(Names.WEBHOOKS_MANAGE)
    @Operation(operationId = "rotateWebhookSecret", summary = "Give a webhook a new secret, shown this once", description = "Until the overlap has passed messages are signed with both, the new one and the one before, so that the receiver can change over at any time in between. A further rotation ends the one before at once.")
    @RequestBody(required = false, content = @Content(schema = @Schema(implementation = Rotation.class), examples = {
            @ExampleObject(name = "a week to change over", value = "{\"overlap\": \"P7D\"}"),
            @ExampleObject(name = "the old one is lost: at once", value = "{\"overlap\": \"PT0S\"}") }))
    @APIResponse(responseCode = "200", description = "The webhook with its new secret", content = @Content(schema = @Schema(implementation = WebhookView.class), examples = @ExampleObject(name = "shown this once", value = WebhookView.EXAMPLE_OF_NEW)))
    public Uni<RestResponse<Object>> rotateSecret(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @Valid @Nullable Rotation wanted) {
        Caller caller = caller();
        Duration overlap = wanted == null ? Rotation.DEFAULT : wanted.overlap();
        return idempotency.once(() -> drafts.key(caller, id.value()),
                key -> webhooks.rotateSecret(caller, id.value(), ifMatch, new Webhooks.Rotation(overlap, key)),
                Webhooks.Issued::id, rotated -> queries.stillSeen(caller, rotated))
                .flatMap(done -> done.answer(issued -> shown(caller, issued)
                        .map(view -> answer(RestResponse.ResponseBuilder.<WebhookView> ok(), view))));
    }

    private Uni<RestResponse<WebhookView>> read(Caller caller, UUID id) {
        return queries.existing(caller, id).map(view -> answer(RestResponse.ResponseBuilder.<WebhookView> ok(), view));
    }

    private Uni<WebhookView> shown(Caller caller, Webhooks.Issued issued) {
        return queries.existing(caller, issued.id()).map(view -> view.with(issued.secret()));
    }

    private static RestResponse<WebhookView> answer(RestResponse.ResponseBuilder<WebhookView> answer, WebhookView view) {
        if (view.showsSecret()) {
            answer.header(HttpHeaders.CACHE_CONTROL, "no-store");
        }
        return answer.header(HttpHeaders.ETAG, EntityTags.of(view.version())).entity(view).build();
    }

    private Caller caller() {
        Caller caller = Caller.of(identity);
        caller.tenant();
        return caller;
    }

    /** @param overlap how long the secret that stands signs as well; absent: a day */
    @Schema(name = "WebhookSecretRotation")
    record Rotation(
            @Schema(type = SchemaType.STRING, format = "duration", examples = "PT24H", defaultValue = "PT24H", description = "At most P7D; PT0S ends the secret that stands at once") @DurationMin(message = "must not be negative") @DurationMax(days = 7, message = "must be at most P7D") Duration overlap) {

        static final Duration DEFAULT = Duration.ofHours(24);

        /** What a body leaves out arrives as null and gets its default here. */
        Rotation {
            overlap = overlap == null ? DEFAULT : overlap;
        }
    }
}
