package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.latchkey.catalog.ApiPath;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.net.IpAddress;
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
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /keys/verify}: whether a key is good for a request. {@code /keys/self}: what a key is told of itself. */
@Path("/api/v1/keys")
@Tag(name = "Verification", description = "Whether a key is good for a request")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class VerificationResource {

    private final Verifier verifier;
    private final OwnLimit ownLimit;
    private final SecurityIdentity identity;

    VerificationResource(Verifier verifier, OwnLimit ownLimit, SecurityIdentity identity) {
        this.verifier = verifier;
        this.ownLimit = ownLimit;
        this.identity = identity;
    }

    @POST
    @Path("/verify")
    @PermissionsAllowed(Names.KEYS_VERIFY)
    @Operation(operationId = "verifyKey", summary = "Judge a key", description = "Always 200 for an authorized, well-formed call; `code` is the first reason that applies. What cannot be judged is refused: a key limited to networks without `ip`, a key limited to methods without `method` and `path`, a path that cannot be normalized.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Request.class), examples = @ExampleObject(name = "one request", value = "{\"key\": \"lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo\", \"method\": \"GET\", \"path\": \"/api/v1/orders/statuses\", \"store\": \"madrid\", \"ip\": \"203.0.113.7\"}")))
    @APIResponse(responseCode = "200", description = "The verdict", content = @Content(schema = @Schema(implementation = Answer.class)))
    public Uni<Object> verify(@NotNull @Valid Request request) {
        Caller caller = Caller.of(identity);
        UUID organization = caller.may(Permission.KEYS_VERIFY_ANY) ? null : caller.tenant().id();
        return verifier.verify(request.presented(), request.question(organization)).map(VerificationResource::answer);
    }

    @GET
    @Path("/self")
    @PermissionsAllowed(Names.KEYS_SELF)
    @Operation(operationId = "getSelf", summary = "What the calling key is and may do, and what is left of its limit")
    public Self self(@Context RoutingContext request) {
        KeySnapshot key = KeyAuthentication.keyOf(request);
        if (key == null) {
            throw ProblemException.notFound();
        }
        MethodPatterns methods = key.methods();
        return new Self(key.keyId(), key.name(), key.organization(), key.environment(), key.scopes(),
                methods == null ? null : methods.texts(), stores(key), key.expiresAt(), limit(ownLimit.quota()));
    }

    static Object answer(Verdict verdict) {
        KeySnapshot key = verdict.key();
        if (key == null) {
            return new Unknown(false, verdict.code());
        }
        return new Answer(verdict.valid(), verdict.code(), key.keyId(), key.name(), key.organization(), key.environment(),
                key.scopes(), stores(key), key.expiresAt(), key.metadata(), limit(verdict.quota()));
    }

    private static Object stores(KeySnapshot key) {
        return key.stores() == null ? "all" : key.stores();
    }

    private static @Nullable Remaining limit(@Nullable Quota quota) {
        return quota == null ? null : new Remaining(quota.limit(), quota.remaining(), quota.resetAt());
    }

    /**
     * @param key the token to judge
     * @param secret of a key that has one
     * @param method with {@code path}: the operation that its holder wants
     * @param path as the holder sent it; normalized here
     * @param scopes that the key must have besides
     * @param store id or key
     * @param ip where the holder is
     * @param cost all or nothing; 0 only looks; default 1
     */
    @Schema(name = "VerificationRequest")
    record Request(
            @NotNull(message = "is required") Secret key,
            @Schema(description = "Of a key that has one; BAD_SECRET without") @Nullable Secret secret,
            @Schema(examples = "GET") @Pattern(regexp = "[A-Z][A-Z-]{0,19}", message = "must be an HTTP method in capitals") @Nullable String method,
            @Schema(examples = "/api/v1/orders/statuses") @Size(max = 8192) @Nullable String path,
            @Size(max = 100) @Nullable List<@NotBlank @Size(max = 100) String> scopes,
            @Schema(examples = "madrid") @Size(min = 1, max = 100) @Nullable String store,
            @Schema(examples = "203.0.113.7") @Size(max = 100) @Nullable String ip,
            @Schema(defaultValue = "1") @Min(0) @Max(1_000_000_000) @Nullable Integer cost) {

        PresentedKey presented() {
            return new PresentedKey(key, secret);
        }

        Question question(@Nullable UUID organization) {
            if ((method == null) != (path == null)) {
                throw ProblemException.invalid(method == null ? "method" : "path",
                        "is required: method and path name an operation together");
            }
            IpAddress address = ip == null ? null : IpAddress.parse(ip);
            if (ip != null && address == null) {
                throw ProblemException.invalid("ip", "must be an IPv4 or IPv6 address");
            }
            Question.Operation operation = method == null || path == null ? null
                    : new Question.Operation(method, ApiPath.parse(path));
            return new Question(organization, null, operation, scopes == null ? List.of() : scopes, store, address,
                    cost == null ? 1 : cost);
        }
    }

    /** What is told where nothing may be told of any key. */
    @RegisterForReflection
    record Unknown(boolean valid, Verdict.Code code) {
    }

    /**
     * @param stores {@code "all"}, or a list of ids and keys that the caller has to apply
     * @param rateLimit null: unlimited, or refused before the limit was asked
     */
    @Schema(name = "Verdict", examples = """
            {"valid": true, "code": "VALID", "keyId": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync",
            "organization": "acme", "environment": "live", "scopes": ["orders:read"],
            "stores": [{"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "key": "madrid"}], "expiresAt": "2027-12-31T23:59:59Z",
            "metadata": {"team": "logistics"},
            "rateLimit": {"limit": 100, "remaining": 99, "resetAt": "2026-11-22T10:30:00Z"}}""")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Answer(boolean valid, Verdict.Code code, UUID keyId, String name, String organization, String environment,
            List<String> scopes, Object stores, @Nullable Instant expiresAt, @JsonRawValue String metadata,
            @Nullable Remaining rateLimit) {
    }

    /** What is left of a limit. */
    @Schema(name = "RateLimitState")
    record Remaining(int limit, int remaining, Instant resetAt) {
    }

    /**
     * A key as it is told of itself.
     *
     * @param methods the operations that it is limited to; null: all that its scopes cover
     */
    @Schema(name = "KeySelf", examples = """
            {"keyId": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync", "organization": "acme",
            "environment": "live", "scopes": ["orders:read"], "methods": ["GET /api/v*/orders/statuses"], "stores": "all",
            "expiresAt": null, "rateLimit": {"limit": 100, "remaining": 99, "resetAt": "2026-11-22T10:30:00Z"}}""")
    record Self(UUID keyId, String name, String organization, String environment, List<String> scopes,
            @Nullable List<String> methods, Object stores, @Nullable Instant expiresAt, @Nullable Remaining rateLimit) {
    }
}
