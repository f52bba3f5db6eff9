package dev.latchkey.credential;

import java.util.Locale;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.activity.Actor;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.Languages;
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

/** {@code /credentials/test}: whether credentials work, stored or not. */
@Path("/api/v1/credentials")
@Tag(name = "Credentials")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class CredentialTestResource {

    private final CredentialDrafts drafts;
    private final CredentialEdits edits;
    private final CredentialChecks checks;
    private final OpenCredentials open;
    private final Credentials credentials;
    private final TestAllowance allowance;
    private final SecurityIdentity identity;

    CredentialTestResource(CredentialDrafts drafts, CredentialEdits edits, CredentialChecks checks, OpenCredentials open,
            Credentials credentials, TestAllowance allowance, SecurityIdentity identity) {
        this.drafts = drafts;
        this.edits = edits;
        this.checks = checks;
        this.allowance = allowance;
        this.open = open;
        this.credentials = credentials;
        this.identity = identity;
    }

    @POST
    @Path("/test")
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "testCredentialDraft", summary = "Test a credential without storing anything", description = "Takes 10 seconds at most. Never spends a refresh token or an authorization code. 429 where your organization has asked for too many tests within a minute.")
    @RequestBody(content = @Content(schema = @Schema(implementation = CredentialForm.Draft.class), examples = @ExampleObject(name = "an ERP's basic auth", value = "{\"baseUrl\": \"https://erp.example/api\", \"type\": \"basic\", \"data\": {\"username\": \"sync\", \"password\": \"a long password\"}, \"test\": {\"method\": \"GET\", \"url\": \"/stock?limit=1\"}}")))
    @APIResponse(responseCode = "200", description = "What the test has shown, whatever the colour", content = @Content(schema = @Schema(implementation = ProbeResult.class)))
    public Uni<RestResponse<ProbeResult>> draft(@NotNull @Valid CredentialForm.Draft draft, @Context HttpHeaders headers) {
        Caller caller = CredentialCallers.of(identity);
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return drafts.material(caller.tenant().id(), draft.form())
                .flatMap(material -> checks.test(caller.tenant().id(), material, locale))
                .map(result -> answer(result, locale));
    }

    @POST
    @Path("/{id}/test")
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "testCredential", summary = "Test a stored credential now, or what an edit would make of it", description = "Takes 10 seconds at most. With a body, a merge patch as PATCH takes it, it is tested as it would be then, with the secrets that stay, and nothing is stored. Without one, or with an empty one, what is stored is tested, and what it shows becomes the credential's status, unless the provider answers 429, which says nothing about it, or cannot be reached and had refused it before. 409 where the credential was changed meanwhile: the result does not count. 429 where your organization has asked for too many tests within a minute.")
    @RequestBody(required = false, content = @Content(schema = @Schema(implementation = CredentialForm.class), examples = @ExampleObject(name = "another password", value = "{\"data\": {\"password\": \"another long password\"}}")))
    @APIResponse(responseCode = "200", description = "What the test has shown, whatever the colour", content = @Content(schema = @Schema(implementation = ProbeResult.class)))
    public Uni<RestResponse<ProbeResult>> stored(@PathParam("id") Id id, @Nullable ObjectNode patch,
            @Context HttpHeaders headers) {
        Caller caller = CredentialCallers.of(identity);
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return patch == null || patch.isEmpty() ? stored(caller, id, locale)
                : edits.test(caller, id.value(), patch, locale).map(result -> answer(result, locale));
    }

    private Uni<RestResponse<ProbeResult>> stored(Caller caller, Id id, Locale locale) {
        UUID organization = caller.tenant().id();
        return open.of(organization, id.value()).invoke(stored -> allowance.take(organization))
                .flatMap(stored -> checks.test(stored, locale)
                        .call(shown -> credentials.tested(stored, shown, Actor.of(caller)))
                        .map(shown -> answer(shown.result(), locale)));
    }

    private static RestResponse<ProbeResult> answer(ProbeResult result, Locale locale) {
        return RestResponse.ResponseBuilder.ok(result).header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build();
    }
}
