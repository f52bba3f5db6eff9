package dev.latchkey.credential;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /credentials/{id}/lease}: what a bound key puts on its requests, handed to it. */
@Path("/api/v1/credentials")
@Tag(name = "Integrations")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class LeaseResource {

    private final CredentialUses uses;
    private final Leases leases;
    private final LastUses lastUses;
    private final Idempotency idempotency;
    private final InstantSource clock;
    private final SecurityIdentity identity;

    LeaseResource(CredentialUses uses, Leases leases, LastUses lastUses, Idempotency idempotency, InstantSource clock,
            SecurityIdentity identity) {
        this.uses = uses;
        this.leases = leases;
        this.lastUses = lastUses;
        this.idempotency = idempotency;
        this.clock = clock;
        this.identity = identity;
    }

    @POST
    @Path("/{id}/lease")
    @Idempotent
    @PermissionsAllowed(Names.CREDENTIALS_USE)
    @Operation(operationId = "leaseCredential", summary = "What to put on requests to the provider; stands in the activity log before it is answered", description = "For keys that an active integration binds to the credential: 403 `not-bound` otherwise. Never a refresh token or a client's secret: a provider that wants the latter on every request is for the proxy alone, and 409 `conflict` here. 409 `credential-unusable` for a credential that its provider has refused, or that is not connected yet; `errors` names the reason. Send requests with it to the credential's own provider only; where the secret need not be known, use the proxy.")
    @APIResponse(responseCode = "200", description = "Headers to set, and query parameters to add", content = @Content(schema = @Schema(implementation = Lease.class)))
    public Uni<RestResponse<Object>> lease(@PathParam("id") Id id) {
        Caller caller = Caller.of(identity);
        // Also before an answer is repeated: what is unbound by now is not handed out again.
        return uses.of(caller, id.value()).invoke(LeaseResource::requireLeasable)
                .flatMap(use -> idempotency.once(() -> leases.record(caller, use), CredentialUse::id))
                .flatMap(done -> done.answer(use -> Uni.createFrom().item(answer(use))))
                .invoke(() -> lastUses.note(id.value(), clock.instant()));
    }

    /** Whose application it is would be handed out along with one account of it. */
    private static void requireLeasable(CredentialUse use) {
        if (!use.isLeasable()) {
            throw ProblemException.conflict(
                    "The provider wants the application's own secret on every request, which is not handed out. Use the proxy.");
        }
    }

    private static RestResponse<Lease> answer(CredentialUse use) {
        Authentication authentication = use.authentication();
        return RestResponse.ResponseBuilder
                .ok(new Lease(revealed(authentication.headers()), revealed(authentication.query()), use.expiresAt()))
                .header(HttpHeaders.CACHE_CONTROL, "no-store").build();
    }

    private static Map<String, String> revealed(Map<String, Secret> secrets) {
        Map<String, String> revealed = new LinkedHashMap<>();
        secrets.forEach((name, secret) -> revealed.put(name, secret.reveal()));
        return revealed;
    }

    /**
     * What signs a request in.
     *
     * @param headers to set
     * @param query parameters to add, not yet encoded
     * @param expiresAt when it ends; null where that is not known
     */
    @RegisterForReflection
    @Schema(name = "CredentialLease", examples = "{\"headers\": {\"Authorization\": \"Basic ZXJwOjRmVHpXN1FtMlZiWGM5\"}, \"query\": {}, \"expiresAt\": null}")
    record Lease(Map<String, String> headers, Map<String, String> query, @Nullable Instant expiresAt) {

        /** The generated one would print them. */
        @Override
        public String toString() {
            return "Lease[***]";
        }
    }
}
