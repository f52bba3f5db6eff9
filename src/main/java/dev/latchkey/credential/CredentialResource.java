package dev.latchkey.credential;

import java.net.URI;
import java.util.Locale;
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
import jakarta.ws.rs.core.Context;
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
import dev.latchkey.web.Languages;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.NotEditable;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
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
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /credentials}: how to sign in to services of others. */
@Path("/api/v1/credentials")
@Tag(name = "Credentials", description = "Third-party credentials: sealed, tested before they are stored, never shown again")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class CredentialResource {

    private final Credentials credentials;
    private final CredentialEdits edits;
    private final CredentialDrafts drafts;
    private final CredentialQueries queries;
    private final Cursors cursors;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    CredentialResource(Credentials credentials, CredentialEdits edits, CredentialDrafts drafts, CredentialQueries queries,
            Cursors cursors, Idempotency idempotency, SecurityIdentity identity) {
        this.credentials = credentials;
        this.edits = edits;
        this.drafts = drafts;
        this.queries = queries;
        this.cursors = cursors;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "createCredential", summary = "Store a credential that has passed its test", description = "Tested first, unless skipTest is true: where the test is red, nothing is stored, and the answer is a 422 problem with the code test-failed, whose member test is the result. What needs a person to agree (grant authorization_code) is stored as unknown and not-connected. 409 where the organization has as many credentials as it may have, 429 where it has asked for too many tests within a minute.")
    @RequestBody(content = @Content(schema = @Schema(implementation = CredentialForm.class), examples = {
            @ExampleObject(name = "an ERP's basic auth", value = "{\"name\": \"ERP stock\", \"baseUrl\": \"https://erp.example/api\", \"type\": \"basic\", \"data\": {\"username\": \"sync\", \"password\": \"a long password\"}, \"test\": {\"method\": \"GET\", \"url\": \"/stock?limit=1\"}}"),
            @ExampleObject(name = "a key in a header", value = "{\"name\": \"Carrier\", \"baseUrl\": \"https://carrier.example\", \"type\": \"api_key\", \"data\": {\"key\": \"a long key\", \"placement\": \"header\", \"name\": \"X-Api-Key\"}, \"test\": {\"url\": \"/me\"}}") }))
    @APIResponse(responseCode = "201", description = "The credential, its address in Location", content = @Content(schema = @Schema(implementation = CredentialView.class)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid CredentialForm form, @Context HttpHeaders headers) {
        Caller caller = CredentialCallers.of(identity);
        UUID organization = caller.tenant().id();
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return idempotency
                .once(() -> drafts.tried(organization, form, locale), tried -> credentials.create(caller, form, tried),
                        id -> id,
                        // Whom a credential is kept from has not come this far.
                        made -> Uni.createFrom().item(true))
                .flatMap(done -> done.answer(id -> find(organization, id, locale).map(view -> answer(
                        RestResponse.ResponseBuilder.<CredentialView> created(URI.create("/api/v1/credentials/" + view.id())),
                        view, locale))));
    }

    @GET
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "listCredentials", summary = "List credentials, newest first")
    public Uni<RestResponse<Page<CredentialView>>> list(@QueryParam("type") @Nullable CredentialType type,
            @QueryParam("status") @Nullable CredentialStatus status,
            @Parameter(description = "Id or key of a store: the credentials that are for it, or for all") @QueryParam("store") @Size(max = 63) @Nullable String store,
            @QueryParam("provider") @Size(max = 63) @Nullable String provider,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor, @Context HttpHeaders headers) {
        UUID organization = CredentialCallers.of(identity).tenant().id();
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        Cursors.Scope scope = cursors.scope("credentials", organization, type, status, store, provider);
        UUID after = scope.decode(cursor);
        return queries.storeId(organization, store)
                .flatMap(id -> queries.list(organization,
                        new CredentialQueries.Filter(type, status, id.orElse(null), provider), after, limit.rows(), locale))
                .map(rows -> inLanguage(
                        RestResponse.ResponseBuilder.ok(Page.of(rows, limit, CredentialView::id, view -> view, scope)),
                        locale));
    }

    @GET
    @Path("/{id}")
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "getCredential", summary = "One credential")
    @APIResponse(responseCode = "200", description = "The credential, with its ETag", content = @Content(schema = @Schema(implementation = CredentialView.class)))
    public Uni<RestResponse<CredentialView>> get(@PathParam("id") Id id, @Context HttpHeaders headers) {
        return read(CredentialCallers.of(identity), id, Languages.first(headers.getAcceptableLanguages()));
    }

    @PATCH
    @Path("/{id}")
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @NotEditable({ "provider", "type" })
    @Operation(operationId = "editCredential", summary = "Edit a credential (JSON merge patch); what is not sent stays", description = "Where variables, baseUrl, data or test change, the result is tested before it replaces what stands, unless skipTest is true: where the test is red, nothing changes, and the answer is a 422 problem with the code test-failed. A change that leads to another host than before has to bring all secret fields anew. A field that was sealed stays so, unless it is said anew and is no secret then.")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = CredentialForm.class), examples = @ExampleObject(name = "replace the password", value = "{\"data\": {\"password\": \"another long password\"}}")))
    @APIResponse(responseCode = "200", description = "The credential as it stands now", content = @Content(schema = @Schema(implementation = CredentialView.class)))
    public Uni<RestResponse<CredentialView>> edit(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @NotNull ObjectNode patch,
            @Context HttpHeaders headers) {
        Caller caller = CredentialCallers.of(identity);
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return edits.edit(caller, id.value(), ifMatch, patch, locale).flatMap(done -> read(caller, id, locale));
    }

    @DELETE
    @Path("/{id}")
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "deleteCredential", summary = "Delete a credential, and revoke its token at the provider where it can be")
    @APIResponse(responseCode = "200", description = "Gone; whether its token was revoked at the provider, and what that said", content = @Content(schema = @Schema(implementation = Revocation.class)))
    @APIResponse(responseCode = "204", description = "Gone; there was no token, or nowhere to revoke it")
    public Uni<RestResponse<Revocation>> delete(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @Context HttpHeaders headers) {
        return edits.delete(CredentialCallers.of(identity), id.value(), ifMatch,
                Languages.first(headers.getAcceptableLanguages()))
                .map(revocation -> revocation
                        .map(told -> RestResponse.ResponseBuilder.ok(told).build())
                        .orElseGet(() -> RestResponse.ResponseBuilder.<Revocation> noContent().build()));
    }

    private Uni<RestResponse<CredentialView>> read(Caller caller, Id id, Locale locale) {
        return find(caller.tenant().id(), id.value(), locale)
                .map(view -> answer(RestResponse.ResponseBuilder.<CredentialView> ok(), view, locale));
    }

    private Uni<CredentialView> find(UUID organization, UUID id, Locale locale) {
        return queries.find(organization, id, locale).map(found -> found.orElseThrow(ProblemException::notFound));
    }

    private static RestResponse<CredentialView> answer(RestResponse.ResponseBuilder<CredentialView> answer,
            CredentialView view, Locale locale) {
        return inLanguage(answer.header(HttpHeaders.ETAG, EntityTags.of(view.version())).entity(view), locale);
    }

    private static <T> RestResponse<T> inLanguage(RestResponse.ResponseBuilder<T> answer, Locale locale) {
        return answer.header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build();
    }
}
