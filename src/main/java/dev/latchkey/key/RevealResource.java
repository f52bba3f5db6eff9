package dev.latchkey.key;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
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

/** {@code /keys/{id}/reveal}: shows recoverable keys again, to people only. */
@Path("/api/v1/keys")
@Tag(name = "Keys")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class RevealResource {

    private final Keys keys;
    private final KeyCopies copies;
    private final Catalogs catalogs;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;

    RevealResource(Keys keys, KeyCopies copies, Catalogs catalogs, Idempotency idempotency, SecurityIdentity identity) {
        this.keys = keys;
        this.copies = copies;
        this.catalogs = catalogs;
        this.idempotency = idempotency;
        this.identity = identity;
    }

    @POST
    @Path("/{id}/reveal")
    @Idempotent
    @PermissionsAllowed(Names.KEYS_ADMIN)
    @Operation(operationId = "revealKey", summary = "Show a recoverable key again; stands in the activity log before it is answered", description = "409 for a key that is not recoverable, or that is revoked.")
    @APIResponse(responseCode = "200", description = "The key as it was handed out last, with its secret where it has one", content = @Content(schema = @Schema(implementation = Shown.class)))
    public Uni<RestResponse<Object>> reveal(@PathParam("id") Id id) {
        // Nobody who is a key comes here.
        Keys.Actor actor = new Keys.Actor(Caller.of(identity), null);
        return catalogs.now().flatMap(read -> copies.keyOf(actor.organization(), id.value()))
                // Where there is no copy any more nothing is repeated either: destroyed is destroyed.
                .call(dataKey -> dataKey.isPresent() ? Uni.createFrom().voidItem()
                        : keys.reveal(actor, id.value(), dataKey))
                .flatMap(dataKey -> idempotency.once(() -> keys.reveal(actor, id.value(), dataKey), Keys.Revealed::id))
                .flatMap(done -> done.answer(revealed -> Uni.createFrom().item(answer(revealed))));
    }

    private static RestResponse<Shown> answer(Keys.Revealed revealed) {
        Secret secret = revealed.secret();
        return RestResponse.ResponseBuilder
                .ok(new Shown(revealed.key().reveal(), secret == null ? null : secret.reveal()))
                .header(HttpHeaders.CACHE_CONTROL, "no-store").build();
    }

    /**
     * @param key the token
     * @param secret of a key that has one
     */
    @RegisterForReflection
    @Schema(name = "RevealedKey", examples = "{\"key\": \"lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo\", \"secret\": \"lk_secret_9vNq3XzRk7Wm2TcYb8LdHs5PfJ0GaUe41kZpQu\"}")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Shown(String key, @Nullable String secret) {

        /** The generated one would print both. */
        @Override
        public String toString() {
            return "Shown[***]";
        }
    }
}
