package dev.latchkey.credential;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.Languages;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** {@code /credentials/review}: which credentials are worth a look, and what to do about each. */
@Path("/api/v1/credentials")
@Tag(name = "Credentials")
@Produces(MediaType.APPLICATION_JSON)
class CredentialReviewResource {

    private final CredentialReview review;
    private final SecurityIdentity identity;

    CredentialReviewResource(CredentialReview review, SecurityIdentity identity) {
        this.review = review;
        this.identity = identity;
    }

    @GET
    @Path("/review")
    @PermissionsAllowed(Names.CREDENTIALS_READ)
    @Operation(operationId = "reviewCredentials", summary = "Credentials that are worth a look, each with the call that mends it", description = "In the order of credentials, newest first, and of one credential the most urgent finding first; texts in English or Spanish by Accept-Language. What is older than policy is measured by the organization's keyMaxAge.")
    public Uni<RestResponse<Page<Item>>> review(
            @Parameter(description = "One reason; default all") @QueryParam("reason") @Nullable CredentialFinding reason,
            @Parameter(description = "Id of a credential: the findings about it", schema = @Schema(type = SchemaType.STRING, format = "uuid")) @QueryParam("credential") @Size(max = 36) @Nullable String credential,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor, @Context HttpHeaders headers) {
        Caller caller = CredentialCallers.of(identity);
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        return review
                .page(caller.tenant().id(), new CredentialReview.Wanted(reason, id(credential)), limit, cursor, locale,
                        caller.may(Permission.CREDENTIALS_WRITE))
                .map(page -> RestResponse.ResponseBuilder.ok(page)
                        .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE).build());
    }

    private static @Nullable UUID id(@Nullable String text) {
        UUID id = text == null ? null : Id.parse(text);
        if (text != null && id == null) {
            throw ProblemException.invalid("credential", "must be an id");
        }
        return id;
    }

    /**
     * A finding.
     *
     * @param credential about which
     * @param reason what was found, for programs
     * @param detail the same, for people
     * @param action what mends it
     */
    @Schema(name = "CredentialReviewItem", examples = """
            {"credential": {"id": "01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42", "name": "ERP stock", "type": "basic", "provider": null,
            "createdAt": "2026-05-02T09:30:00Z", "expiresAt": null, "lastUsedAt": null},
            "reason": "unbound", "detail": "No active integration uses it.",
            "action": {"method": "DELETE", "path": "/api/v1/credentials/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42", "body": {},
            "description": "Delete it, unless an integration is to use it.", "allowed": true}}""")
    record Item(Reviewed credential, CredentialFinding reason, String detail, Action action) {
    }

    /** What is told of it here. */
    @Schema(name = "CredentialReviewed")
    record Reviewed(UUID id, String name, CredentialType type, @Nullable String provider, Instant createdAt,
            @Nullable Instant expiresAt, @Nullable Instant lastUsedAt) {
    }

    /**
     * A call of this API.
     *
     * @param body as it is to be sent; of a replaced secret without it, since nobody but its owner knows it
     * @param description what it does
     * @param allowed whether this caller may make it
     */
    @Schema(name = "CredentialReviewAction")
    record Action(@Schema(examples = "DELETE") String method, String path,
            @Schema(description = "What to send, as JSON") Map<String, Object> body, String description,
            @Schema(description = "Whether this caller may make the call") boolean allowed) {
    }
}
