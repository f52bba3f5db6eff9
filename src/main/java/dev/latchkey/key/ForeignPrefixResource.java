package dev.latchkey.key;

import java.util.List;

import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /keys/import/prefixes}: by which first characters imported tokens of the organization are known. */
@Path(ForeignPrefixResource.PATH)
@Tag(name = "Keys")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class ForeignPrefixResource {

    static final String PATH = "/api/v1/keys/import/prefixes";

    private final ForeignPrefixTable prefixes;
    private final Imports imports;
    private final SecurityIdentity identity;

    ForeignPrefixResource(ForeignPrefixTable prefixes, Imports imports, SecurityIdentity identity) {
        this.prefixes = prefixes;
        this.imports = imports;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.KEYS_ADMIN)
    @Operation(operationId = "listImportPrefixes", summary = "List the prefixes that imports declared", description = "At most 20; all of them, sorted.")
    @APIResponse(responseCode = "200", description = "The prefixes", content = @Content(schema = @Schema(implementation = Prefixes.class)))
    public Uni<Prefixes> list() {
        return prefixes.of(actor().organization()).map(Prefixes::new);
    }

    @DELETE
    @PermissionsAllowed(Names.KEYS_ADMIN)
    @Operation(operationId = "dropImportPrefix", summary = "Drop a prefix that no key begins with, which makes room for another", description = "Nothing verifies differently: a token that begins so is no key's. 409 where one does, replaced and revoked ones included.")
    @APIResponse(responseCode = "204", description = "It is declared no more")
    public Uni<Void> drop(
            @Parameter(required = true) @QueryParam("prefix") @Size(max = ForeignPrefixes.MAX_CHARACTERS) @Nullable String prefix) {
        return imports.drop(actor(), prefix).invoke(dropped -> {
            switch (dropped) {
                case UNKNOWN -> throw ProblemException.notFound();
                case USED -> throw ProblemException.conflict("Keys begin so. Delete them first.");
                case DROPPED -> {
                }
            }
        }).replaceWithVoid();
    }

    private Keys.Actor actor() {
        return new Keys.Actor(Caller.of(identity), null);
    }

    /** @param items all of them */
    @Schema(name = "ForeignPrefixes", examples = "{\"items\": [{\"prefix\": \"acme_\", \"declaredAt\": \"2026-11-22T18:00:00Z\", \"used\": true}]}")
    record Prefixes(List<ForeignPrefixTable.Declared> items) {
    }
}
