package dev.latchkey.credential;

import java.time.Instant;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
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

/** {@code /credentials/{id}/connect}: sends a person to a provider, to agree. */
@Path("/api/v1/credentials")
@Tag(name = "Credentials")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class ConnectResource {

    private static final String KEY_HEADER = "X-API-Key";

    private final Connecting connecting;
    private final SecurityIdentity identity;
    private final boolean mayBeFramed;

    ConnectResource(Connecting connecting, SecurityIdentity identity, ConnectConfig config) {
        this.connecting = connecting;
        this.identity = identity;
        this.mayBeFramed = config.panel().frameAncestors().isPresent();
    }

    @POST
    @Path("/{id}/connect")
    @PermissionsAllowed(Names.CREDENTIALS_WRITE)
    @Operation(operationId = "connectCredential", summary = "Begin to connect a credential, or to connect it again: where to send the person who agrees", description = "For oauth2 with grant authorization_code; 409 for any other. Send the person's browser to authorizationUrl within minutes. The provider sends him back to redirectUri, which has to be registered there for the application, and he sees a page that says how it ended, with a link to returnTo. Each address works once. Tokens that stand are replaced only by new ones that have passed the credential's test and belong to the same account. 503 while what the issuer of the credential publishes about itself cannot be read.")
    @RequestBody(content = @Content(schema = @Schema(implementation = ConnectForm.class), examples = @ExampleObject(name = "and back to the panel", value = "{\"returnTo\": \"/credentials/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42\"}")))
    @APIResponse(responseCode = "200", description = "Where to send the person, once", content = @Content(schema = @Schema(implementation = Authorization.class)))
    public Uni<RestResponse<Authorization>> connect(@PathParam("id") Id id, @Valid @Nullable ConnectForm form,
            @Context RoutingContext request) {
        Caller caller = CredentialCallers.of(identity);
        return connecting.begin(caller, id.value(), form == null ? null : form.returnTo(), isOwnPage(request.request()))
                .map(ConnectResource::answer);
    }

    /**
     * Whether it was the panel's cookie that admitted the request, in a browser that takes another one which comes back. Shown
     * in a frame of another site, it does not, and a backend has no browser at all: then the state alone has to do, which
     * whoever asks hands to the right person.
     */
    private boolean isOwnPage(HttpServerRequest request) {
        return !mayBeFramed && !request.headers().contains(HttpHeaders.AUTHORIZATION)
                && !request.headers().contains(KEY_HEADER);
    }

    private static RestResponse<Authorization> answer(Connecting.Begun begun) {
        RestResponse.ResponseBuilder<Authorization> answer = RestResponse.ResponseBuilder
                .ok(new Authorization(begun.url().reveal(), begun.redirect(), begun.expiresAt()))
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
        return (begun.cookie() == null ? answer : answer.header(HttpHeaders.SET_COOKIE, begun.cookie().reveal())).build();
    }

    /** @param returnTo where the page at the end leads back to; absent: nowhere */
    @Schema(name = "ConnectRequest")
    record ConnectForm(
            @Schema(examples = "/credentials/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42", description = "A path of this service, or a URL of an origin that LATCHKEY_OAUTH2_RETURN_TO names") @Size(min = 1, max = 1000) @Nullable String returnTo) {
    }

    /**
     * Where a person agrees.
     *
     * @param authorizationUrl to send his browser to
     * @param redirectUri where the provider sends it back to, or what stands for that there
     * @param expiresAt when it stops working
     */
    @RegisterForReflection
    @Schema(name = "CredentialAuthorization", examples = "{\"authorizationUrl\": \"https://id.example/authorize?response_type=code&client_id=shop&redirect_uri=https%3A%2F%2Fkeys.example%2Foauth2%2Fcallback&scope=read&state=4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\", \"redirectUri\": \"https://keys.example/oauth2/callback\", \"expiresAt\": \"2027-01-31T08:10:00Z\"}")
    record Authorization(String authorizationUrl, String redirectUri, Instant expiresAt) {

        /** The generated one would print the state. */
        @Override
        public String toString() {
            return "Authorization[***]";
        }
    }
}
