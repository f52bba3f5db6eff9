package dev.latchkey.panel;

import java.util.Optional;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.tenant.Language;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.MergePatch;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Requester;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
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

/** {@code /session}: signing in to the panel, out of it, and who one is in it. */
@Path("/api/v1/session")
@Tag(name = "Panel", description = "Ways into the panel")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class SessionResource {

    private final Sessions sessions;
    private final SessionAnswers answers;
    private final Intent intent;
    private final ClientAddress addresses;
    private final MergePatch patches;
    private final CurrentIdentityAssociation identities;

    SessionResource(Sessions sessions, SessionAnswers answers, Intent intent, ClientAddress addresses, MergePatch patches,
            CurrentIdentityAssociation identities) {
        this.sessions = sessions;
        this.answers = answers;
        this.intent = intent;
        this.addresses = addresses;
        this.patches = patches;
        this.identities = identities;
    }

    @POST
    @Operation(operationId = "startSession", summary = "Sign in to the panel, by a link or by a token of the identity provider", description = "With the token of a sign-in link, which is used up by this; or with {} and the identity provider's token in `Authorization: Bearer`. Answers with the cookie of a new session. A session that the request's cookie shows is replaced by it, which takes that session's csrfToken in X-CSRF-Token, as each change by the cookie does; without it the link stays good. From a page of another origin it is refused. There is no Idempotency-Key: the cookie is told once. Whoever loses the answer asks for another link; the session of which nobody has the cookie ends as one in which nothing is done.")
    @RequestBody(content = @Content(schema = @Schema(implementation = SignIn.class), examples = {
            @ExampleObject(name = "by a link", value = "{\"link\": \"latchkey_link_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg\"}"),
            @ExampleObject(name = "by a token in Authorization", value = "{}") }))
    @APIResponse(responseCode = "200", description = "The session; Set-Cookie holds its cookie", content = @Content(schema = @Schema(implementation = SessionView.class)))
    public Uni<RestResponse<SessionView>> start(@NotNull @Valid SignIn wanted, @Context RoutingContext request) {
        intent.requireOwnPage(request.request());
        return sessions.shownBy(request.request())
                .invoke(former -> former.ifPresent(session -> intent.require(request.request(), session)))
                .flatMap(former -> begin(wanted.link(), former, request)).map(answers::begun);
    }

    private Uni<Session> begin(@Nullable Secret link, Optional<Session> former, RoutingContext request) {
        boolean hasToken = request.request().headers().contains(HttpHeaders.AUTHORIZATION);
        if (hasToken == (link != null)) {
            throw ProblemException.invalid("link", link == null
                    ? "is required, unless Authorization: Bearer brings a token of the identity provider"
                    : "must be left out where Authorization brings a token: one of both says who signs in");
        }
        return link != null ? sessions.beginByLink(link, Origin.of(request, addresses), former)
                : identities.getDeferredIdentity().flatMap(
                        identity -> sessions.beginByToken(person(identity), Caller.homeOf(identity), former));
    }

    @GET
    @PermissionsAllowed(Names.SESSION_OWN)
    @Operation(operationId = "getSession", summary = "Who is signed in, what he may do, and what changes have to show")
    @APIResponse(responseCode = "200", description = "The session, with its ETag", content = @Content(schema = @Schema(implementation = SessionView.class)))
    public RestResponse<SessionView> get(@Context RoutingContext request) {
        return answers.of(own(request));
    }

    @PATCH
    @Consumes({ MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON })
    @PermissionsAllowed(Names.SESSION_OWN)
    @Operation(operationId = "editSession", summary = "Choose a language (JSON merge patch); null takes that of the browser")
    @RequestBody(content = @Content(mediaType = MergePatch.MEDIA_TYPE, schema = @Schema(implementation = SessionForm.class), examples = @ExampleObject(name = "in Spanish", value = "{\"locale\": \"es\"}")))
    @APIResponse(responseCode = "200", description = "The session as it stands now", content = @Content(schema = @Schema(implementation = SessionView.class)))
    public Uni<RestResponse<SessionView>> edit(@HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @NotNull ObjectNode patch, @Context RoutingContext request) {
        Session session = own(request);
        SessionForm wanted = patches.apply(new SessionForm(session.locale()), patch, SessionForm.class);
        return sessions.choose(session, ifMatch, wanted.locale()).map(answers::of);
    }

    @DELETE
    @PermissionsAllowed(Names.SESSION_OWN)
    @Operation(operationId = "endSession", summary = "Sign out; the session is over on every replica when this is answered")
    @APIResponse(responseCode = "204", description = "Signed out, and the cookie taken away")
    public Uni<RestResponse<Void>> end(@HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Context RoutingContext request) {
        return sessions.end(own(request), ifMatch, Origin.of(request, addresses))
                .map(done -> answers.ended());
    }

    /** @throws ProblemException 401 for nobody, 403 for a key */
    private static Caller person(SecurityIdentity identity) {
        if (identity.getAttribute(Requester.ATTRIBUTE) == null) {
            throw new ProblemException(ProblemCode.INVALID_TOKEN,
                    "Authorization must be Bearer and a token of the identity provider.").with("WWW-Authenticate",
                            Sessions.CHALLENGE);
        }
        Caller caller = Caller.of(identity);
        if (caller.kind() != Caller.Kind.PERSON) {
            throw new ProblemException(ProblemCode.FORBIDDEN,
                    "People sign in to the panel; keys call the API, with X-API-Key.");
        }
        return caller;
    }

    /** @throws ProblemException 404 for whoever was admitted by a token: there is no session */
    private static Session own(RoutingContext request) {
        Session session = SessionAuthentication.of(request);
        if (session == null) {
            throw ProblemException.notFound();
        }
        return session;
    }

    /** @param link the token of a sign-in link: what stands behind its # */
    @Schema(name = "SignIn")
    record SignIn(@Nullable Secret link) {
    }

    /** @param locale of the panel; null: that of the browser */
    @Schema(name = "PanelSessionForm")
    record SessionForm(@Nullable Language locale) {
    }
}
