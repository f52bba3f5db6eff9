package dev.latchkey.key;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.activity.Actor;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.replica.InForce;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /leaks}: tokens that were found in public, in the form in which GitHub's secret scanning tells its partners. */
@Path("/api/v1/leaks")
@Tag(name = "Leaks", description = "Tokens that were found where they should not be")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class LeakResource {

    private static final int MOST = 100;

    private final Leaks leaks;
    private final InForce inForce;
    private final SecurityIdentity identity;
    private final MeterRegistry metrics;

    LeakResource(Leaks leaks, InForce inForce, SecurityIdentity identity, MeterRegistry metrics) {
        this.leaks = leaks;
        this.inForce = inForce;
        this.identity = identity;
        this.metrics = metrics;
    }

    @POST
    @PermissionsAllowed(Names.LEAKS_REPORT)
    @AnsweredInForce
    @Operation(operationId = "reportLeaks", summary = "Report tokens that were found in public; their keys are revoked", description = "Of whatever organization, which is told. In force when answered. Reporting a token again changes nothing. Of a token nothing is told but its fate.")
    @RequestBody(content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = Report.class, minItems = 1, maxItems = MOST), examples = @ExampleObject(name = "as GitHub tells", value = "[{\"token\": \"lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo\", \"type\": \"latchkey_api_key\", \"url\": \"https://code.example/acme/scripts/blob/main/sync.sh#L12\", \"source\": \"content\"}]")))
    @APIResponse(responseCode = "200", description = "The fate of each token, in the order of the report", content = @Content(schema = @Schema(implementation = Fates.class)))
    public Uni<Fates> report(
            @NotNull @Size(min = 1, max = MOST, message = "must be 1 to " + MOST
                    + " tokens") List<@NotNull @Valid Report> reports) {
        Actor reporter = Actor.of(Caller.of(identity));
        List<String> tokens = reports.stream().map(report -> report.token().reveal()).distinct().toList();
        return leaks.find(tokens)
                .flatMap(found -> inForce.everywhere(Leaks.scopes(found.values()), revoke(reporter, reports, found, tokens))
                        .map(revoked -> new Fates(
                                reports.stream().map(report -> new Fate(status(found.get(report.token().reveal()), revoked)))
                                        .toList())))
                .invoke(fates -> fates.items()
                        .forEach(fate -> metrics.counter("latchkey.leaks", "status", fate.status().name()).increment()));
    }

    /** One after the other, the first report of a token only. @return the keys that were revoked */
    private Uni<Set<UUID>> revoke(Actor reporter, List<Report> reports, Map<String, Leaks.Found> found, List<String> tokens) {
        Set<UUID> revoked = new HashSet<>();
        return Multi.createFrom().iterable(tokens).filter(found::containsKey).onItem().transformToUniAndConcatenate(token -> {
            Leaks.Found leaked = found.get(token);
            Report first = reports.stream().filter(report -> report.token().reveal().equals(token)).findFirst().orElseThrow();
            return leaked == null ? Uni.createFrom().voidItem()
                    : leaks.report(reporter, leaked, LeakPlace.of(first.source(), first.url(), tokens)).invoke(now -> {
                        if (now) {
                            revoked.add(leaked.key());
                        }
                    }).replaceWithVoid();
        }).collect().asList().replaceWith(revoked);
    }

    private static Fate.Status status(Leaks.@Nullable Found leaked, Set<UUID> revoked) {
        return leaked == null ? Fate.Status.UNKNOWN
                : revoked.contains(leaked.key()) ? Fate.Status.REVOKED : Fate.Status.ALREADY_REVOKED;
    }

    /**
     * @param token as it was found; kept nowhere
     * @param type what the finder takes it for; not used
     * @param url where it was found; told to the organization, without the token
     * @param source who or what found it, such as {@code content} or {@code commit}
     */
    @Schema(name = "LeakReport")
    record Report(@NotNull(message = "is required") Secret token,
            @Schema(examples = "latchkey_api_key") @Size(max = 100) @Nullable String type,
            @Schema(examples = "https://code.example/acme/scripts/blob/main/sync.sh#L12") @Size(max = 2048) @Nullable String url,
            @Schema(examples = "content") @Size(max = 100) @Nullable String source) {
    }

    /** @param items in the order of the report */
    @Schema(name = "LeakFates", examples = "{\"items\": [{\"status\": \"revoked\"}, {\"status\": \"unknown\"}]}")
    record Fates(List<Fate> items) {
    }

    /** @param status all that is told of a token */
    @Schema(name = "LeakFate")
    record Fate(Status status) {

        /** What has become of a token. */
        @Schema(name = "LeakStatus")
        enum Status {
            /** By this report. */
            @JsonProperty("revoked")
            REVOKED,
            /** It had stopped working before: its key is revoked, or it was replaced. */
            @JsonProperty("already-revoked")
            ALREADY_REVOKED,
            /** No key has it. */
            @JsonProperty("unknown")
            UNKNOWN
        }
    }
}
