package dev.latchkey.panel;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.activity.Actor;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.identity.Role;
import dev.latchkey.tenant.Language;
import dev.latchkey.tenant.Tenants;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
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

/** {@code /panel-sessions}: how a platform lets a merchant into the panel, in a frame or beside it. */
@Path("/api/v1/panel-sessions")
@Tag(name = "Panel")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class PanelSessionResource {

    private final PanelLinks links;
    private final Sessions sessions;
    private final Tenants tenants;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    PanelSessionResource(PanelLinks links, Sessions sessions, Tenants tenants, Idempotency idempotency,
            SecurityIdentity identity) {
        this.links = links;
        this.sessions = sessions;
        this.tenants = tenants;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @POST
    @Idempotent
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @Operation(operationId = "createPanelSession", summary = "Make a link by which someone signs in to the panel, once", description = "Send the person's browser there within minutes, or open it in a frame (LATCHKEY_PANEL_FRAME_ANCESTORS). An organization that is named for the first time is made, as by a token. `store` is where the panel opens; it restricts nothing.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Wanted.class), examples = @ExampleObject(name = "a merchant's developer", value = "{\"org\": \"acme\", \"user\": \"ana@acme.example\", \"groups\": [\"developer\"], \"locale\": \"es\"}")))
    @APIResponse(responseCode = "201", description = "The link, this once", content = @Content(schema = @Schema(implementation = Link.class)))
    public Uni<RestResponse<Object>> create(@NotNull @Valid Wanted wanted) {
        Actor issuer = Actor.of(Caller.of(identity));
        return tenants.provision(wanted.org(), issuer)
                .flatMap(tenant -> idempotency.once(() -> links.issue(issuer, tenant, wanted.guest()), PanelLinks.Issued::id))
                .flatMap(done -> done.answer(issued -> Uni.createFrom().item(answer(issued))));
    }

    @DELETE
    @PermissionsAllowed(Names.PLATFORM_OPERATE)
    @Operation(operationId = "endPanelSessions", summary = "Lock someone out of the panel, or everybody of an organization", description = "Ends the sessions and withdraws the links that nobody has used yet, on every replica when this is answered. Whoever has a token of the identity provider signs in again, unless he is locked out there first.")
    @APIResponse(responseCode = "200", description = "How much there was to end", content = @Content(schema = @Schema(implementation = Ended.class)))
    public Uni<Ended> end(
            @Parameter(description = "Key of the organization", required = true, example = "acme") @QueryParam("org") @Size(min = 1, max = 100) @Pattern(regexp = Tenants.KEY, message = Tenants.KEY_RULE) @Nullable String org,
            @Parameter(description = "Whose: what a token would call `sub`; absent: everybody's", example = "ana@acme.example") @QueryParam("user") @Size(min = 1, max = 255) @Nullable String user,
            @Context RoutingContext request) {
        if (org == null) {
            throw ProblemException.invalid("org", "is required");
        }
        // An empty parameter counts as none, and a variable that was not set would lock everybody out.
        if (user == null && request.request().params().contains("user")) {
            throw ProblemException.invalid("user", "must not be empty; leave it out to lock everybody out");
        }
        Actor platform = Actor.of(Caller.of(identity));
        return tenants.find(org)
                .flatMap(found -> sessions.endAll(platform, found.orElseThrow(ProblemException::notFound), user))
                .map(ended -> new Ended(ended.sessions(), ended.links()));
    }

    /**
     * @param sessions that were ended
     * @param links that were withdrawn
     */
    @Schema(name = "EndedPanelSessions", examples = "{\"sessions\": 2, \"links\": 0}")
    record Ended(int sessions, int links) {
    }

    private static RestResponse<Link> answer(PanelLinks.Issued issued) {
        return RestResponse.ResponseBuilder.<Link> create(RestResponse.Status.CREATED)
                .entity(new Link(issued.url().reveal(), issued.expiresAt())).header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /**
     * @param org key of the organization to sign in for
     * @param user who will have signed in: what a token would call {@code sub}
     * @param name what people call him; absent: the same
     * @param groups what he may do
     * @param store id or key of the one at which the panel opens
     * @param locale of the panel; absent: that of the browser
     */
    @Schema(name = "PanelSessionRequest")
    record Wanted(
            @Schema(examples = "acme") @NotNull @Size(min = 1, max = 100) @Pattern(regexp = Tenants.KEY, message = Tenants.KEY_RULE) String org,
            @Schema(examples = "ana@acme.example") @NotBlank @Size(max = 255) String user,
            @Schema(examples = "Ana García") @Size(min = 1, max = 255) @Nullable String name,
            @Schema(examples = "[\"developer\"]") @NotNull @Size(min = 1, max = 4) List<@NotNull Group> groups,
            @Size(min = 1, max = 100) @Nullable String store, @Nullable Language locale) {

        PanelLinks.Guest guest() {
            Set<Role> roles = EnumSet.noneOf(Role.class);
            groups.forEach(group -> roles.add(group.role));
            return new PanelLinks.Guest(new Session.Person(user, name == null || name.isBlank() ? user : name, org), roles,
                    store,
                    locale);
        }
    }

    /** What a link can let someone be. Not the platform: what leaks would then be every organization. */
    @Schema(name = "PanelGroup")
    enum Group {
        @JsonProperty("owner")
        OWNER(Role.OWNER),
        @JsonProperty("admin")
        ADMIN(Role.ADMIN),
        @JsonProperty("developer")
        DEVELOPER(Role.DEVELOPER),
        @JsonProperty("viewer")
        VIEWER(Role.VIEWER);

        private final Role role;

        Group(Role role) {
            this.role = role;
        }
    }

    /**
     * @param url what to open; the token stands behind the #, and is used up by the first sign-in
     * @param expiresAt when it stops working
     */
    @RegisterForReflection
    @Schema(name = "PanelSessionLink", examples = "{\"url\": \"https://keys.example/sign-in#latchkey_link_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg\", \"expiresAt\": \"2027-01-31T08:05:00Z\"}")
    record Link(String url, Instant expiresAt) {

        /** The generated one would print the token. */
        @Override
        public String toString() {
            return "Link[***]";
        }
    }
}
