package dev.latchkey.key;

import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.replica.Barrier;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.StreamedBody;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.ClientProxy;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
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

/**
 * {@code /keys/import}: keys that were issued elsewhere. Whatever comes is taken here, and what is no NDJSON refused after the
 * caller is known: who may not import is told that, whatever he sends.
 */
@Path("/api/v1/keys/import")
@Tag(name = "Keys")
@Produces(ImportResource.NDJSON)
@Cancellable(false)
@Consumes(MediaType.WILDCARD)
class ImportResource {

    static final String NDJSON = "application/x-ndjson";
    private static final Set<String> TAKEN = Set.of(NDJSON, "application/ndjson", "application/jsonl");
    private static final String RETRY_SECONDS = "10";

    private final ImportRun.Tools tools;
    private final SecurityIdentity identity;
    private final Running running;

    ImportResource(Catalogs catalogs, ImportRows rows, Imports imports, SearchList searchList,
            Barrier barrier, ImportConfig config, InstantSource clock, ObjectMapper json, MeterRegistry metrics,
            SecurityIdentity identity,
            Running running) {
        this.tools = new ImportRun.Tools(catalogs, rows, imports, searchList, barrier, config, clock, json.writer(), metrics);
        this.identity = identity;
        this.running = running;
    }

    @POST
    @PermissionsAllowed(Names.KEYS_ADMIN)
    @Operation(operationId = "importKeys", summary = "Import keys that were issued elsewhere, by the hashes of their tokens", description = "One JSON object a line, of any length in all, at most 131,072 bytes a line. The answer is a stream, too: a line for each row, in order, and a last one that sums up. Read it while you send: who does not is not read from either. What is good is imported whatever else is not. Safe to repeat: what is there is a `duplicate`. A key that is answered as `imported` verifies at once, on every replica; a `duplicate` as what it is by now, revoked or inactive included.")
    @RequestBody(required = true, content = @Content(mediaType = NDJSON, schema = @Schema(implementation = ImportRow.Documented.class), examples = @ExampleObject(name = "two keys", value = """
            {"hash": "5f29ab3e3d0b1c3f6b2b6d0f5a64d1d3ed7e7b6f52b2b9c1f3a8ad2f1f0e9c77", "prefix": "acme_", "start": "acme_7Qm2", "name": "ERP order sync", "scopes": ["orders:read"], "access": {"type": "all"}}
            {"hash": "0b6d6c1e29f5ad3f0d3ad2c9f7d0a5b6e8c7f4a3b2d1e0c9f8a7b6c5d4e3f2a1", "prefix": "acme_", "name": "Carrier", "scopes": ["orders:read"], "access": {"type": "all"}, "expiresAt": "2027-12-31T23:59:59Z"}""")))
    @APIResponse(responseCode = "200", description = "A line for each row and one that sums up, as they come. `status` of a row: `imported`, `duplicate` (the organization has a key with this token: its `id`), `invalid` (why: `errors`). `status` of the last line: `done`, or `failed` with what to do", content = @Content(mediaType = NDJSON, schema = @Schema(implementation = ImportAnswer.class)))
    public Uni<Void> importKeys(@Context RoutingContext proxied) {
        RoutingContext request = ClientProxy.unwrap(proxied);
        Keys.Actor actor = new Keys.Actor(Caller.of(identity), null);
        UUID organization = actor.organization();
        requireNdjson(request.request().getHeader(HttpHeaders.CONTENT_TYPE));
        running.begin(organization, tools.config().atOnce());
        return send(request.response(),
                new ImportRun(tools, actor, StreamedBody.of(request, tools.config().patience()), Vertx.currentContext())
                        .answer())
                .onTermination().invoke(() -> {
                    running.end(organization);
                    tools.searchList().ended();
                });
    }

    /**
     * Written here, and one after the other has reached the connection: Quarkus REST ends a line only when the next one comes,
     * and who waits for the answer to a row before he sends another would wait for ever.
     */
    private static Uni<Void> send(HttpServerResponse response, Multi<Buffer> parts) {
        return parts.onItem().transformToUniAndConcatenate(part -> {
            if (!response.headWritten()) {
                response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, NDJSON);
            }
            return Uni.createFrom().completionStage(response.write(part).toCompletionStage());
        }).onItem().ignoreAsUni().flatMap(sent -> Uni.createFrom().completionStage(response.end().toCompletionStage()))
                // Whoever has gone is told nothing any more.
                .onFailure(gone -> response.headWritten()).recoverWithNull();
    }

    private static void requireNdjson(@Nullable String type) {
        String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!TAKEN.contains(media)) {
            throw new ProblemException(ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "Send " + NDJSON + ": one JSON object a line.").with("Accept-Post", NDJSON);
        }
    }

    /** Which organizations import at the moment, on this replica: one file each, so that no one takes the room of all. */
    @Singleton
    static class Running {

        private final Set<UUID> organizations = ConcurrentHashMap.newKeySet();

        synchronized void begin(UUID organization, int most) {
            if (organizations.contains(organization)) {
                throw ProblemException.conflict("An import of this organization is under way; send this one when it has ended.")
                        .with("Retry-After", RETRY_SECONDS);
            }
            if (organizations.size() >= most) {
                throw new ProblemException(ProblemCode.UNAVAILABLE,
                        "Other organizations are importing; try again when one of them has ended.")
                        .with("Retry-After", RETRY_SECONDS);
            }
            organizations.add(organization);
        }

        void end(UUID organization) {
            organizations.remove(organization);
        }
    }
}
