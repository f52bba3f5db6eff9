package dev.latchkey.tenant;

import java.util.UUID;

import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.activity.Actor;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.NotEditable;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
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

/** {@code /organization}: the settings of the caller's own organization, or of the one that the platform acts for. */
@Path("/api/v1/organization")
@Tag(name = "Organization", description = "Settings of one's own organization")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
public class OwnOrganizationResource {

    private final Organizations organizations;
    private final InForce inForce;
    private final MergePatch patches;
    private final SecurityIdentity identity;

    OwnOrganizationResource(Organizations organizations, InForce inForce, MergePatch patches, SecurityIdentity identity) {
        this.organizations = organizations;
        this.inForce = inForce;
        this.patches = patches;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.ORGANIZATION_READ)
    @WithSession
    @Operation(operationId = "getOwnOrganization", summary = "The settings of one's own organization")
    @APIResponse(responseCode = "200", description = "The organization, with its ETag", content = @Content(schema = @Schema(implementation = OrganizationView.class)))
    public Uni<RestResponse<OrganizationView>> get() {
        return Organization.<Organization> findById(Caller.of(identity).tenant().id()).onItem().ifNull()
                .failWith(ProblemException::notFound).map(OrganizationResource::answer);
    }

    @PATCH
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.ORGANIZATION_WRITE)
    @NotEditable(value = { "key", "active" }, schema = "OwnOrganizationPatch")
    @AnsweredInForce
    @Operation(operationId = "editOwnOrganization", summary = "Change settings (JSON merge patch); null sets the default; in force when answered")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = OrganizationForm.class), examples = {
            @ExampleObject(name = "notifications in Spanish", value = "{\"locale\": \"es\", \"notificationEmails\": [\"it@acme.example\"]}"),
            @ExampleObject(name = "another default limit", value = "{\"defaults\": {\"rateLimit\": {\"limit\": 1000, \"window\": \"PT1H\"}}}") }))
    @APIResponse(responseCode = "200", description = "The organization as it stands now", content = @Content(schema = @Schema(implementation = OrganizationView.class)))
    public Uni<RestResponse<OrganizationView>> edit(@HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @NotNull ObjectNode patch) {
        Caller caller = Caller.of(identity);
        UUID id = caller.tenant().id();
        OrganizationForm.requireEditable(patch, false);
        return inForce.everywhere(Scope.organization(id), organizations.edit(Actor.of(caller), id, ifMatch,
                current -> patches.apply(current, patch, OrganizationForm.class)))
                .map(edited -> OrganizationResource.answer(edited.organization()));
    }
}
