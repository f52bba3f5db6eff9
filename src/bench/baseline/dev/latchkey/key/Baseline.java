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
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.latchkey.identity.Permission.Names;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.mutiny.Uni;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * What a verification is compared with: an endpoint as anyone would write it with this framework, which authenticates its
 * caller alike, reads and answers JSON of the same shape, and does nothing else. Only the build for benchmarks has it.
 */
@Path("/api/v1/bench")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
@NullMarked
class Baseline {

    private static final Answer ANSWER = new Answer(true, "VALID", UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"),
            "ERP order sync 12345", "bench-1", "live", List.of("orders:read", "orders:write", "products:read"), "all", null,
            "{}", new Limit(1_000_000_000, 999_000_000, Instant.parse("2026-11-22T10:30:00Z")));

    @POST
    @Path("/baseline")
    @PermissionsAllowed(Names.KEYS_VERIFY)
    public Uni<Answer> answer(@NotNull @Valid Request request) {
        return Uni.createFrom().item(ANSWER);
    }

    /** As that of a verification, with the same checks. */
    record Request(
            @NotNull String key,
            @Pattern(regexp = "[A-Z][A-Z-]{0,19}") @Nullable String method,
            @Size(max = 8192) @Nullable String path,
            @Size(max = 100) @Nullable List<@NotBlank @Size(max = 100) String> scopes,
            @Size(min = 1, max = 100) @Nullable String store,
            @Size(max = 100) @Nullable String ip,
            @Min(0) @Max(1_000_000_000) @Nullable Integer cost) {
    }

    /** As that of a verification. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Answer(boolean valid, String code, UUID keyId, String name, String organization, String environment,
            List<String> scopes, Object stores, @Nullable Instant expiresAt, @JsonRawValue String metadata,
            Limit rateLimit) {
    }

    /** As that of a verification. */
    record Limit(int limit, int remaining, Instant resetAt) {
    }
}
