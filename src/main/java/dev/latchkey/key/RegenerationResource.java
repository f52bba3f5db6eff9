package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;

import jakarta.validation.Valid;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.catalog.Catalogs;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.AnsweredInForce;
import dev.latchkey.replica.InForce;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.Id;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** {@code /keys/{id}/regenerate} and {@code /keys/{id}/end-grace}: new material in place of the old. */
@Path("/api/v1/keys")
@Tag(name = "Keys")
@Produces(MediaType.APPLICATION_JSON)
@Cancellable(false)
@Consumes(MediaType.APPLICATION_JSON)
class RegenerationResource {

    private final Keys keys;
    private final KeyCopies copies;
    private final KeyAnswers answers;
    private final Catalogs catalogs;
    private final InForce inForce;
    private final Idempotency idempotency;
    private final SecurityIdentity identity;
    private final RoutingContext request;

    RegenerationResource(Keys keys, KeyCopies copies, KeyAnswers answers, Catalogs catalogs, InForce inForce,
            Idempotency idempotency, SecurityIdentity identity, RoutingContext request) {
        this.keys = keys;
        this.copies = copies;
        this.answers = answers;
        this.catalogs = catalogs;
        this.inForce = inForce;
        this.idempotency = idempotency;
        this.identity = identity;
        this.request = request;
    }

    @POST
    @Path("/{id}/regenerate")
    @Idempotent
    @PermissionsAllowed(Names.KEYS_WRITE)
    @AnsweredInForce
    @Operation(operationId = "regenerateKey", summary = "Replace key, secret or both, at once or with a grace period; shown this once")
    @RequestBody(required = false, content = @Content(schema = @Schema(implementation = Regeneration.class), examples = {
            @ExampleObject(name = "a day to change over", value = "{\"gracePeriod\": \"PT24H\"}"),
            @ExampleObject(name = "the secret alone", value = "{\"part\": \"secret\", \"gracePeriod\": \"PT24H\"}") }))
    @APIResponse(responseCode = "200", description = "The key with what is new", content = @Content(schema = @Schema(implementation = KeyView.class), examples = @ExampleObject(name = "shown this once", value = KeyView.EXAMPLE_OF_NEW)))
    public Uni<RestResponse<Object>> regenerate(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, @Valid @Nullable Regeneration regeneration) {
        Keys.Actor actor = KeyAuthentication.actor(identity, request);
        Regeneration wanted = regeneration == null ? new Regeneration(null, null, null) : regeneration;
        return inForce(actor, id, catalogs.now().flatMap(read -> copies.keyOf(actor.organization(), id.value()))
                .flatMap(dataKey -> idempotency.once(
                        () -> keys.regenerate(actor, id.value(), ifMatch, wanted, dataKey), Keys.Issued::id)))
                .flatMap(done -> done.answer(issued -> answers.shown(actor, issued)
                        .map(view -> answers.of(RestResponse.ResponseBuilder.<KeyView> ok(), view))));
    }

    @POST
    @Path("/{id}/end-grace")
    @PermissionsAllowed(Names.KEYS_WRITE)
    @AnsweredInForce
    @Operation(operationId = "endGraceOfKey", summary = "End the predecessor's grace period now")
    @APIResponse(responseCode = "200", description = "The key without a predecessor", content = @Content(schema = @Schema(implementation = KeyView.class)))
    public Uni<RestResponse<KeyView>> endGrace(@PathParam("id") Id id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        Keys.Actor actor = KeyAuthentication.actor(identity, request);
        return inForce(actor, id, keys.endGrace(actor, id.value(), ifMatch))
                .flatMap(done -> answers.read(actor, id.value()));
    }

    /** Waited for when it is repeated as well: whoever carried it out may not have come that far. */
    private <T> Uni<T> inForce(Keys.Actor actor, Id id, Uni<T> change) {
        return inForce.everywhere(Scope.key(actor.organization(), id.value()), change);
    }

    /**
     * @param gracePeriod how long the old token goes on working; absent: not at all
     * @param expiresAt the key's new expiry; absent: as it stands
     * @param part what is replaced; absent: all that there is
     */
    @Schema(name = "KeyRegeneration")
    record Regeneration(
            @Schema(type = SchemaType.STRING, format = "duration", examples = "PT24H", description = "At most P90D, and never beyond the old expiry") @DurationMin(message = "must not be negative") @DurationMax(days = 90, message = "must be at most P90D") @Nullable Duration gracePeriod,
            @Nullable Instant expiresAt,
            @Schema(description = "Absent: all that there is, the key and, where it has one, its secret") @Nullable KeyPart part) {

        Duration grace() {
            return gracePeriod == null ? Duration.ZERO : gracePeriod;
        }
    }
}
