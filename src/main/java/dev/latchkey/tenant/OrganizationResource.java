package dev.latchkey.tenant;

import java.net.URI;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
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
import dev.latchkey.activity.Actor;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.NotEditable;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /organizations}: all of them, for the platform. */
@Path("/api/v1/organizations")
@Tag(name = "Organizations", description = "All organizations of the installation, for the platform")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
public class OrganizationResource {

    private static final String ROOT = "/api/v1/organizations/";

    /** Stands for the whole installation where a list's cursor is bound to an organization. */
    private static final UUID ALL = new UUID(0, 0);

    private final Organizations organizations;
    private final InForce inForce;
    private final Cursors cursors;
    private final MergePatch patches;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    OrganizationResource(Organizations organizations, InForce inForce, Cursors cursors, MergePatch patches,
            Idempotency idempotency, SecurityIdentity identity) {
        this.organizations = organizations;
        this.inForce = inForce;
        this.cursors = cursors;
        this.patches = patches;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @WithSession
    @Operation(operationId = "listOrganizations", summary = "List organizations, newest first, also those that are being deleted")
    public Uni<Page<OrganizationView>> list(
            @Parameter(description = "True: neither suspended nor being deleted; false: either of both") @Schema(implementation = Boolean.class) @QueryParam("active") @Pattern(regexp = "true|false", message = "must be true or false") @Nullable String active,
            @Parameter(description = "Text in key or name") @QueryParam("q") @Size(max = 100) @Nullable String q,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Cursors.Scope scope = cursors.scope("organizations", ALL, active, q);
        UUID after = scope.decode(cursor);
        Boolean wanted = active == null ? null : Boolean.valueOf(active);
        return Organization.list(wanted, q, after, limit.rows())
                .map(rows -> Page.of(rows, limit, organization -> organization.id, OrganizationView::of, scope));
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @Operation(operationId = "createOrganization", summary = "Create an organization ahead of its people's first request")
    @RequestBody(content = @Content(schema = @Schema(implementation = OrganizationForm.class), examples = @ExampleObject(name = "a merchant", value = "{\"key\": \"acme\", \"name\": \"Acme Trading\", \"locale\": \"es\", \"notificationEmails\": [\"it@acme.example\"]}")))
    @APIResponse(responseCode = "201", description = "The organization, with its address in Location", content = @Content(schema = @Schema(implementation = OrganizationView.class)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid OrganizationForm wanted) {
        Actor actor = Actor.of(Caller.of(identity));
        return idempotency.once(() -> organizations.create(actor, wanted), organization -> organization.id)
                .flatMap(done -> done.answer(organization -> Uni.createFrom().item(RestResponse.ResponseBuilder
                        .<OrganizationView> created(URI.create(ROOT + organization.id))
                        .header(HttpHeaders.ETAG, EntityTags.of(organization.version))
                        .entity(OrganizationView.of(organization)).build())));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @WithSession
    @Operation(operationId = "getOrganization", summary = "One organization; while it is being deleted, how far that has come")
    @APIResponse(responseCode = "200", description = "The organization, with its ETag", content = @Content(schema = @Schema(implementation = OrganizationView.class)))
    public Uni<RestResponse<OrganizationView>> get(@PathParam("id") Id id) {
        return Organization.<Organization> findById(id.value()).onItem().ifNull().failWith(ProblemException::notFound)
                .map(OrganizationResource::answer);
    }

    @PATCH
    @Path("/{id}")
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @NotEditable("key")
    @AnsweredInForce
    @Operation(operationId = "editOrganization", summary = "Suspend, reactivate or change settings (JSON merge patch); in force when answered")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = OrganizationForm.class), examples = @ExampleObject(name = "suspend", value = "{\"active\": false}")))
    @APIResponse(responseCode = "200", description = "The organization as it stands now", content = @Content(schema = @Schema(implementation = OrganizationView.class)))
    public Uni<RestResponse<OrganizationView>> edit(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @NotNull ObjectNode patch) {
        OrganizationForm.requireEditable(patch, true);
        return inForce.everywhere(Scope.organization(id.value()),
                organizations.edit(Actor.of(Caller.of(identity)), id.value(), ifMatch,
                        current -> patches.apply(current, patch, OrganizationForm.class)))
                .map(edited -> answer(edited.organization()));
    }

    @DELETE
    @Path("/{id}")
    @ResponseStatus(202)
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @AnsweredInForce
    @Operation(operationId = "deleteOrganization", summary = "Delete an organization with all of its data; its keys are unknown when this is answered")
    @APIResponse(responseCode = "202", description = "It is being deleted; GET tells how far that has come, until it answers 404", content = @Content(schema = @Schema(implementation = OrganizationView.class)))
    public Uni<RestResponse<OrganizationView>> delete(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return inForce
                .everywhere(Scope.organization(id.value()),
                        organizations.requestDeletion(Actor.of(Caller.of(identity)), id.value(), ifMatch))
                .map(organization -> RestResponse.ResponseBuilder
                        .<OrganizationView> create(RestResponse.Status.ACCEPTED)
                        .header(HttpHeaders.ETAG, EntityTags.of(organization.version))
                        .header(HttpHeaders.LOCATION, ROOT + organization.id).entity(OrganizationView.of(organization))
                        .build());
    }

    static RestResponse<OrganizationView> answer(Organization organization) {
        return RestResponse.ResponseBuilder.ok(OrganizationView.of(organization))
                .header(HttpHeaders.ETAG, EntityTags.of(organization.version)).build();
    }
}
