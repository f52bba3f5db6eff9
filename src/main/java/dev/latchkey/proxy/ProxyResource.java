package dev.latchkey.proxy;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.AnyQuery;
import dev.latchkey.web.Id;
import io.quarkus.arc.ClientProxy;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;

/**
 * {@code /proxy/{credentialId}/{path}}: requests to a credential's provider, with the credential added. Each HTTP method is an
 * operation of its own, since the catalogue, OpenAPI and Quarkus tell operations apart by it; all of them do the same. Bodies
 * pass as they come.
 */
@AnyQuery
@Path(ProxyTarget.ROOT + "/{credentialId}")
@Tag(name = "Proxy", description = "Requests to a credential's provider, signed in on the way")
@Cancellable(false)
@Consumes(MediaType.WILDCARD)
class ProxyResource {

    private static final String REST = "/{path: .*}";
    private static final String DESCRIPTION = "For keys that an active integration binds to the credential: 403 `not-bound` otherwise. What stands behind the id goes below the credential's base URL, with the query; the body both ways as it comes, of any length. Headers pass but for those of the connection and for the caller's own credentials and cookies. The provider's status and headers come back as they are, with `X-Proxied: true`, and its `X-Request-Id` as `X-Provider-Request-Id`; cookies and what concerns its origin do not. A status without `X-Proxied` is one of this service's own.";
    private static final String ANSWERED = "Whatever the provider answered, with its own status";

    private final Proxy proxy;
    private final SecurityIdentity identity;

    ProxyResource(Proxy proxy, SecurityIdentity identity) {
        this.proxy = proxy;
        this.identity = identity;
    }

    @GET
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyGet", summary = "Read something from the provider of a credential", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> get(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    @HEAD
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyHead", summary = "Read the head from the provider of a credential", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content)
    public Uni<Void> head(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    @OPTIONS
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyOptions", summary = "Ask the provider of a credential what it takes", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> options(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    @DELETE
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyDelete", summary = "Delete something at the provider of a credential", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> delete(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    @POST
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyPost", summary = "Send something to the provider of a credential", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @RequestBody(content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> post(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    @PUT
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyPut", summary = "Put something to the provider of a credential", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @RequestBody(content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> put(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    @PATCH
    @Path(REST)
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "proxyPatch", summary = "Change something at the provider of a credential", description = DESCRIPTION)
    @Parameter(name = "path", in = ParameterIn.PATH, description = "Path below the credential's base URL", schema = @Schema(type = SchemaType.STRING))
    @RequestBody(content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "200", description = ANSWERED, content = @Content(mediaType = MediaType.WILDCARD, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> patch(@PathParam("credentialId") Id credential, @Context RoutingContext request) {
        return forward(credential, request);
    }

    /** The request's own context, not the proxy by which it was injected: it is used after this method has returned. */
    private Uni<Void> forward(Id credential, RoutingContext request) {
        return proxy.forward(Caller.of(identity), credential.value(), ClientProxy.unwrap(request));
    }
}
