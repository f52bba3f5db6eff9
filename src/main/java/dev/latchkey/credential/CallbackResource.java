package dev.latchkey.credential;

import java.util.Locale;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.credential.ConnectResult.Code;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Origin;
import dev.latchkey.web.AnyQuery;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.Languages;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * {@code /oauth2/callback}: where providers send people back to. For browsers, hence no part of the API; anybody may ask, since
 * the state says who it is about. It stands in no log with its query: a code is worth tokens.
 */
@AnyQuery
@Path(Connecting.CALLBACK)
@Cancellable(false)
class CallbackResource {

    private static final Logger LOG = Logger.getLogger(CallbackResource.class);

    private final Callbacks callbacks;
    private final ConnectTokens tokens;
    private final ClientAddress addresses;

    CallbackResource(Callbacks callbacks, ConnectTokens tokens, ClientAddress addresses) {
        this.callbacks = callbacks;
        this.tokens = tokens;
        this.addresses = addresses;
    }

    @GET
    @PermitAll
    @Produces(MediaType.TEXT_HTML)
    @Operation(hidden = true)
    public Uni<RestResponse<String>> come(@Context RoutingContext request, @Context HttpHeaders headers) {
        Locale locale = Languages.first(headers.getAcceptableLanguages());
        CallbackParameters parameters = new CallbackParameters(request.request().params());
        Secret state = callbacks.state(parameters);
        if (state == null) {
            return Uni.createFrom().item(answer(ConnectResult.of(Code.UNKNOWN_STATE), null, locale));
        }
        return Uni.createFrom()
                .deferred(() -> callbacks.come(state, parameters, request.request(), Origin.of(request, addresses), locale))
                // Here and not by whoever maps faults: the address would stand in the log.
                .onFailure().invoke(fault -> LOG.errorf(fault, "a connection could not be finished"))
                .onFailure().recoverWithItem(ConnectResult.of(Code.FAILED))
                .map(result -> answer(result, state, locale));
    }

    /** Programs that look at links before people do ask like that, and must not use a state up. */
    @HEAD
    @PermitAll
    @Operation(hidden = true)
    public RestResponse<Void> look() {
        return RestResponse.ResponseBuilder.<Void> create(RestResponse.Status.METHOD_NOT_ALLOWED)
                .header(HttpHeaders.ALLOW, "GET").header(HttpHeaders.CACHE_CONTROL, "no-store").build();
    }

    private RestResponse<String> answer(ConnectResult result, @Nullable Secret state, Locale locale) {
        RestResponse.ResponseBuilder<String> answer = RestResponse.ResponseBuilder
                .<String> create(RestResponse.Status.fromStatusCode(result.code().status()))
                .entity(CallbackPage.of(result, locale)).type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .header("Content-Security-Policy", CallbackPage.POLICY).header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer").header("Cross-Origin-Opener-Policy", "same-origin")
                .header("X-Robots-Tag", "noindex").header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.CONTENT_LANGUAGE, locale.getLanguage())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE);
        return (state == null ? answer : answer.header(HttpHeaders.SET_COOKIE, tokens.cleared(state))).build();
    }
}
