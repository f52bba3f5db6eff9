package dev.latchkey.key;

import java.net.URI;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
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
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.NotEditable;
import dev.latchkey.web.Page;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * {@code /keys}: the life of API keys. Not cancellable: a caller who hangs up must not part a commit from what follows it.
 */
@Path("/api/v1/keys")
@Tag(name = "Keys", description = "API keys: create, edit, replace, revoke")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class KeyResource {

    private final Keys keys;
    private final KeyCopies copies;
    private final KeyQueries queries;
    private final KeyAnswers answers;
    private final MethodWarnings warnings;
    private final Catalogs catalogs;
    private final InForce inForce;
    private final Cursors cursors;
    private final MergePatch patches;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;
    private final RoutingContext request;

    KeyResource(Keys keys, KeyCopies copies, KeyQueries queries, KeyAnswers answers, MethodWarnings warnings, Catalogs catalogs,
            InForce inForce,
            Cursors cursors, MergePatch patches, Idempotency idempotency, SecurityIdentity identity, RoutingContext request) {
        this.keys = keys;
        this.copies = copies;
        this.queries = queries;
        this.answers = answers;
        this.warnings = warnings;
        this.catalogs = catalogs;
        this.inForce = inForce;
        this.cursors = cursors;
        this.patches = patches;
        this.idempotency = idempotency;
        this.identity = identity;
        this.request = request;
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.KEYS_WRITE)
    @Operation(operationId = "createKey", summary = "Create a key, or a key with a secret; the answer shows them this once")
    @RequestBody(content = @Content(schema = @Schema(implementation = KeyForm.class), examples = {
            @ExampleObject(name = "all stores", value = "{\"name\": \"ERP order sync\", \"scopes\": [\"orders:read\"], \"access\": {\"type\": \"all\"}}"),
            @ExampleObject(name = "as narrow as can be", value = "{\"name\": \"Order status for the carrier\", \"scopes\": [\"orders:read\"], \"access\": {\"type\": \"stores\", \"stores\": [\"madrid\"]}, \"methods\": [\"GET /api/v*/orders/statuses\"], \"expiresAt\": \"2027-12-31T23:59:59Z\", \"rateLimit\": {\"limit\": 1000, \"window\": \"PT1H\"}, \"ipAllowList\": [\"203.0.113.0/24\"]}"),
            @ExampleObject(name = "key and secret", value = "{\"name\": \"Marketplace connector\", \"scopes\": [\"orders:read\"], \"access\": {\"type\": \"all\"}, \"withSecret\": true}") }))
    @APIResponse(responseCode = "201", description = "The key with its token, its address in Location", content = @Content(schema = @Schema(implementation = KeyView.class), examples = @ExampleObject(name = "shown this once", value = KeyView.EXAMPLE_OF_NEW)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid KeyForm wanted) {
        Keys.Actor actor = actor();
        return catalogs.now().flatMap(read -> copies.keyForNew(actor.organization(), wanted.recoverable()))
                .flatMap(dataKey -> idempotency.once(() -> keys.create(actor, wanted, dataKey), Keys.Issued::id))
                .flatMap(done -> done.answer(issued -> answers.shown(actor, issued).map(warnings::on).map(view -> answers.of(
                        RestResponse.ResponseBuilder.<KeyView> created(URI.create("/api/v1/keys/" + view.id())), view))));
    }

    @GET
    @PermissionsAllowed(Names.KEYS_READ)
    @Operation(operationId = "listKeys", summary = "List keys, newest first")
    public Uni<Page<KeyView>> list(@QueryParam("status") KeyView.@Nullable Status status,
            @QueryParam("access") KeyForm.Access.@Nullable Type access,
            @Parameter(description = "Id or key of a store: the keys that reach it") @QueryParam("store") @Size(max = 63) @Nullable String store,
            @QueryParam("scope") @Size(max = 100) @Nullable String scope,
            @Parameter(description = "Text in name, description or start, in capitals or not, or the first 8 characters of an id and more") @QueryParam("q") @Size(max = 100) @Nullable String q,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        UUID organization = actor().organization();
        Cursors.Scope scopeOfCursor = cursors.scope("keys", organization, status, access, store, scope, q);
        UUID after = scopeOfCursor.decode(cursor);
        return queries.storeId(organization, store)
                .flatMap(storeId -> queries.list(organization,
                        new KeyQueries.Filter(status, access, storeId.orElse(null), scope, q),
                        after, limit.rows()))
                .map(rows -> Page.of(rows, limit, KeyView::id, view -> view, scopeOfCursor));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.KEYS_READ)
    @Operation(operationId = "getKey", summary = "One key")
    @APIResponse(responseCode = "200", description = "The key, with its ETag", content = @Content(schema = @Schema(implementation = KeyView.class)))
    public Uni<RestResponse<KeyView>> get(@PathParam("id") Id id) {
        return answers.read(actor(), id.value());
    }

    @PATCH
    @Path("/{id}")
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.KEYS_WRITE)
    @NotEditable({ "environment", "withSecret", "recoverable" })
    @AnsweredInForce
    @Operation(operationId = "editKey", summary = "Edit a key (JSON merge patch); in force when answered")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = KeyForm.class), examples = @ExampleObject(name = "deactivate", value = "{\"active\": false}")))
    @APIResponse(responseCode = "200", description = "The key as it stands now", content = @Content(schema = @Schema(implementation = KeyView.class)))
    public Uni<RestResponse<KeyView>> edit(@PathParam("id") Id id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @NotNull ObjectNode patch) {
        Keys.Actor actor = actor();
        KeyForm.requireEditable(patch);
        return inForce.everywhere(Scope.key(actor.organization(), id.value()),
                catalogs.now().flatMap(read -> keys.edit(actor, id.value(), ifMatch,
                        current -> patches.apply(current, patch, KeyForm.class, "access"))),
                done -> !MergePatch.touchesOnly(patch, KeyForm.NAMES))
                .flatMap(done -> answers.find(actor, id.value())).map(warnings::on).map(answers::ok);
    }

    @DELETE
    @Path("/{id}")
    @PermissionsAllowed(Names.KEYS_ADMIN)
    @AnsweredInForce
    @Operation(operationId = "deleteKey", summary = "Delete a key and its history; revoking keeps both")
    @APIResponse(responseCode = "204", description = "Gone, and refused from now on")
    public Uni<Void> delete(@PathParam("id") Id id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return inForce(id, keys.delete(actor(), id.value(), ifMatch));
    }

    @POST
    @Path("/{id}/revoke")
    @PermissionsAllowed(Names.KEYS_WRITE)
    @AnsweredInForce
    @Operation(operationId = "revokeKey", summary = "Revoke a key for good; in force when answered")
    @RequestBody(required = false, content = @Content(schema = @Schema(implementation = Revocation.class)))
    @APIResponse(responseCode = "200", description = "The revoked key", content = @Content(schema = @Schema(implementation = KeyView.class)))
    public Uni<RestResponse<KeyView>> revoke(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @Valid @Nullable Revocation revocation) {
        Keys.Actor actor = actor();
        return inForce(id, keys.revoke(actor, id.value(), ifMatch, revocation == null ? null : revocation.reason()))
                .flatMap(done -> answers.read(actor, id.value()));
    }

    /** Waited for when it is repeated as well: whoever carried it out may not have come that far. */
    private <T> Uni<T> inForce(Id id, Uni<T> change) {
        return inForce.everywhere(Scope.key(actor().organization(), id.value()), change);
    }

    private Keys.Actor actor() {
        return KeyAuthentication.actor(identity, request);
    }

    /** @param reason for the record, shown with the key */
    @Schema(name = "KeyRevocation")
    record Revocation(@Schema(examples = "Left the project") @Size(max = 500) @Nullable String reason) {
    }
}
