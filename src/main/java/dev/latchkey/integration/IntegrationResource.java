package dev.latchkey.integration;

import java.net.URI;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
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

import com.fasterxml.jackson.annotation.JsonIgnore;
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
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
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
 * {@code /integrations}: which keys may use which credentials. Not cancellable: a caller who hangs up must not part a commit
 * from what follows it.
 */
@Path("/api/v1/integrations")
@Tag(name = "Integrations", description = "Which API keys may use which third-party credentials")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class IntegrationResource {

    private final Integrations integrations;
    private final IntegrationQueries queries;
    private final Cursors cursors;
    private final MergePatch patches;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    IntegrationResource(Integrations integrations, IntegrationQueries queries, Cursors cursors, MergePatch patches,
            Idempotency idempotency, SecurityIdentity identity) {
        this.integrations = integrations;
        this.queries = queries;
        this.cursors = cursors;
        this.patches = patches;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "listIntegrations", summary = "List integrations, newest first")
    public Uni<Page<View>> list(
            @Parameter(description = "Id of a key: the integrations that bind it", schema = @Schema(type = SchemaType.STRING, format = "uuid")) @QueryParam("key") @Size(max = 36) @Nullable String key,
            @Parameter(description = "Id of a credential: the integrations that bind it", schema = @Schema(type = SchemaType.STRING, format = "uuid")) @QueryParam("credential") @Size(max = 36) @Nullable String credential,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        UUID organization = caller().tenant().id();
        IntegrationQueries.Filter filter = new IntegrationQueries.Filter(id("key", key), id("credential", credential));
        Cursors.Scope scope = cursors.scope("integrations", organization, filter.key(), filter.credential());
        return queries.list(organization, filter, scope.decode(cursor), limit.rows())
                .map(rows -> Page.of(rows, limit, View::id, view -> view, scope));
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "createIntegration", summary = "Let keys use credentials", description = "Each of its keys may lease each of its credentials, and call its provider through the proxy, while the integration is active. A key that makes one binds only what it could use itself, and never itself: 403.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Edit.class), examples = @ExampleObject(name = "an ERP", value = "{\"name\": \"Stock from the ERP\", \"kind\": \"erp\", \"keyIds\": [\"01890a5d-ac96-774b-bcce-b302099a8057\"], \"credentialIds\": [\"01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42\"]}")))
    @APIResponse(responseCode = "201", description = "The integration, with its address in Location", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid Edit wanted) {
        Caller caller = caller();
        return idempotency.once(() -> integrations.create(caller, wanted), Integrations.Written::id)
                .flatMap(done -> done.answer(written -> read(written).map(view -> RestResponse.ResponseBuilder
                        .<View> created(URI.create("/api/v1/integrations/" + view.id()))
                        .header(HttpHeaders.ETAG, EntityTags.of(view.version())).entity(view).build())));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "getIntegration", summary = "One integration")
    @APIResponse(responseCode = "200", description = "The integration, with its ETag", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<View>> get(@PathParam("id") Id id) {
        return read(new Integrations.Written(id.value(), List.of())).map(IntegrationResource::answer);
    }

    @PATCH
    @Path("/{id}")
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "editIntegration", summary = "Edit an integration (JSON merge patch); in force when answered")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = Edit.class), examples = @ExampleObject(name = "switch it off", value = "{\"active\": false}")))
    @APIResponse(responseCode = "200", description = "The integration as it stands now", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<RestResponse<View>> edit(@PathParam("id") Id id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @NotNull ObjectNode patch) {
        return integrations.edit(caller(), id.value(), ifMatch, current -> patches.apply(current, patch, Edit.class))
                .flatMap(this::read).map(IntegrationResource::answer);
    }

    @DELETE
    @Path("/{id}")
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "deleteIntegration", summary = "Delete an integration; its keys and credentials stay")
    @APIResponse(responseCode = "204", description = "Gone, and what it bound is unbound")
    public Uni<Void> delete(@PathParam("id") Id id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return integrations.delete(caller(), id.value(), ifMatch);
    }

    private Uni<View> read(Integrations.Written written) {
        return queries.find(caller().tenant().id(), written.id())
                .map(found -> found.orElseThrow(ProblemException::notFound).with(written.warnings()));
    }

    private static RestResponse<View> answer(View view) {
        return RestResponse.ResponseBuilder.ok(view).header(HttpHeaders.ETAG, EntityTags.of(view.version())).build();
    }

    private static @Nullable UUID id(String name, @Nullable String text) {
        UUID id = text == null ? null : Id.parse(text);
        if (text != null && id == null) {
            throw ProblemException.invalid(name, "must be an id");
        }
        return id;
    }

    /** Those who read and write credentials: what binds one is as good as the credential. */
    private Caller caller() {
        Caller caller = Caller.of(identity);
        if (!caller.reachesAllStores()) {
            throw new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "A key that is limited to stores cannot read or write integrations.");
        }
        return caller;
    }

    /**
     * What a person can set.
     *
     * @param name says what it connects
     * @param kind of what is connected, in the person's words
     * @param keyIds that may use the credentials; default none
     * @param credentialIds that the keys may use; default none
     * @param active default true; otherwise it binds nothing
     */
    @Schema(name = "IntegrationForm")
    record Edit(@Schema(examples = "Stock from the ERP") @NotBlank(message = "is required") @Size(max = 100) String name,
            @Schema(examples = "erp") @Size(min = 1, max = 50) @Nullable String kind,
            @Size(max = 100) List<@NotNull(message = "must not be null") UUID> keyIds,
            @Size(max = 100) List<@NotNull(message = "must not be null") UUID> credentialIds,
            @Schema(defaultValue = "true") Boolean active) {

        /** What a body leaves out arrives as null and gets its default here. */
        Edit {
            keyIds = keyIds == null ? List.of() : keyIds;
            credentialIds = credentialIds == null ? List.of() : credentialIds;
            active = active == null ? Boolean.TRUE : active;
        }

        static Edit of(Integration integration) {
            return new Edit(integration.name, integration.kind, sorted(integration.keyIds), sorted(integration.credentialIds),
                    integration.active);
        }

        /** The same in one order and each once, so that two that say the same are equal. */
        Edit inOrder() {
            return new Edit(name, kind, sorted(keyIds), sorted(credentialIds), active);
        }

        private static List<UUID> sorted(Collection<UUID> ids) {
            return ids.stream().distinct().sorted().toList();
        }
    }

    /**
     * An integration as the API shows it.
     *
     * @param warnings told by the answer that makes or edits it
     * @param version for the ETag
     */
    @RegisterForReflection
    @Schema(name = "Integration", examples = """
            {"id": "01890a5d-ac96-7f1d-9a3e-4c7b2d1e0f65", "name": "Stock from the ERP", "kind": "erp",
            "keyIds": ["01890a5d-ac96-774b-bcce-b302099a8057"], "credentialIds": ["01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42"],
            "active": true, "createdAt": "2026-11-22T09:30:00Z", "updatedAt": "2026-11-22T09:30:00Z", "warnings": []}""")
    record View(UUID id, String name, @Nullable String kind, List<UUID> keyIds, List<UUID> credentialIds, boolean active,
            Instant createdAt, Instant updatedAt, List<Warning> warnings, @JsonIgnore long version) {

        View with(List<Warning> told) {
            return new View(id, name, kind, keyIds, credentialIds, active, createdAt, updatedAt, told, version);
        }
    }

    /** Something that was accepted, and likely does not do what it is meant to. */
    @Schema(name = "IntegrationWarning")
    record Warning(@Schema(examples = "keyIds[0]") String field, String message) {
    }
}
