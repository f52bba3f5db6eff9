package dev.latchkey.activity;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Cursors;
import dev.latchkey.web.Id;
import dev.latchkey.web.Page;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Span;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code /activity}: who did what to which object, and whether the record of it is untouched. */
@Path("/api/v1/activity")
@Tag(name = "Activity", description = "Who did what to which object, from where; and the proof that nobody edited it")
@Produces(MediaType.APPLICATION_JSON)
class ActivityResource {

    private final ActivityQueries queries;
    private final Verification verification;
    private final Cursors cursors;
    private final SecurityIdentity identity;

    ActivityResource(ActivityQueries queries, Verification verification, Cursors cursors, SecurityIdentity identity) {
        this.queries = queries;
        this.verification = verification;
        this.cursors = cursors;
        this.identity = identity;
    }

    @GET
    @PermissionsAllowed(Names.ACTIVITY_READ)
    @Operation(operationId = "listActivity", summary = "What was done, newest first")
    public Uni<Page<Entry>> list(
            @Parameter(description = "An actor's id: a person's subject, a key's id", example = "01890a5d-ac96-774b-bcce-b302099a8057") @QueryParam("actor") @Size(min = 1, max = 255) @Nullable String actor,
            @Parameter(description = "An action, or all of a noun", example = "key.*") @QueryParam("action") @Pattern(regexp = "[a-z][a-z0-9_-]{0,49}(\\.\\*|(\\.[a-z0-9_-]{1,50}){1,3})", message = "must be an action such as key.revoked, or all of a noun such as key.*") @Nullable String action,
            @Parameter(description = "What kind of thing it was done to", example = "key") @QueryParam("targetType") @Pattern(regexp = "[a-z][a-z0-9_-]{0,49}", message = "must be a kind of thing, such as key or store") @Nullable String targetType,
            @Parameter(description = "What it was done to", schema = @Schema(type = SchemaType.STRING, format = "uuid")) @QueryParam("targetId") @Nullable String targetId,
            @Parameter(description = "Not before", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("from") @Nullable String from,
            @Parameter(description = "Before", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("to") @Nullable String to,
            @QueryParam("limit") @DefaultValue(Page.Limit.DEFAULT) Page.Limit limit,
            @QueryParam("cursor") @Nullable String cursor) {
        UUID organization = organization();
        ActivityQueries.Filter filter = new ActivityQueries.Filter(actor, action, targetType, target(targetId),
                Span.parse(from, to));
        Cursors.Scope scope = cursors.scope("activity", organization, filter.actor(), filter.action(), filter.targetType(),
                filter.targetId(), filter.span());
        UUID after = scope.decode(cursor);
        return queries.list(organization, filter, after, limit.rows())
                .map(rows -> Page.of(rows, limit, entry -> entry.id, Entry::of, scope));
    }

    @GET
    @Path("/verify")
    @PermissionsAllowed(Names.ACTIVITY_READ)
    @Operation(operationId = "verifyActivity", summary = "Compute the whole log anew; with an anchor, also show that it has not been cut since")
    @APIResponse(responseCode = "200", description = "Whether the log holds, and where it does not", content = @Content(schema = @Schema(implementation = Verified.class), examples = {
            @ExampleObject(name = "it holds", value = "{\"valid\": true, \"checked\": 1042, \"firstBroken\": null, \"head\": {\"position\": 1042, \"link\": \"9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a\"}}"),
            @ExampleObject(name = "someone edited an entry", value = "{\"valid\": false, \"checked\": 17, \"firstBroken\": {\"position\": 18, \"id\": \"01890a5d-ac96-774b-bcce-b302099a8057\", \"reason\": \"entry-altered\"}, \"head\": {\"position\": 1042, \"link\": \"9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a\"}}") }))
    public Uni<Verified> verify(
            @Parameter(description = "The position of a head that was kept outside", schema = @Schema(type = SchemaType.INTEGER, format = "int64", minimum = "1", maximum = "999999999999999")) @QueryParam("anchorPosition") @Pattern(regexp = "[1-9][0-9]{0,14}", message = "must be a number from 1 on, of at most 15 digits") @Nullable String anchorPosition,
            @Parameter(description = "Its link", example = "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a") @QueryParam("anchorLink") @Pattern(regexp = "[0-9a-fA-F]{64}", message = "must be 64 hexadecimal digits") @Nullable String anchorLink) {
        UUID organization = organization();
        if (anchorPosition == null != (anchorLink == null)) {
            throw ProblemException.invalid(anchorLink == null ? "anchorLink" : "anchorPosition",
                    "is required: an anchor is a position and its link");
        }
        Head anchor = anchorPosition == null || anchorLink == null ? null
                : new Head(Long.parseLong(anchorPosition), HexFormat.of().parseHex(anchorLink));
        return verification.verify(organization, anchor).map(Verified::of);
    }

    private static @Nullable UUID target(@Nullable String text) {
        UUID id = text == null ? null : Id.parse(text);
        if (text != null && id == null) {
            throw ProblemException.invalid("targetId", "must be an id");
        }
        return id;
    }

    /** Entries name no store: a key that is limited to some would read of all. */
    private UUID organization() {
        Caller caller = Caller.of(identity);
        if (!caller.reachesAllStores()) {
            throw new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "A key that is limited to stores cannot read the organization's log.");
        }
        return caller.tenant().id();
    }

    /**
     * One thing that was done.
     *
     * @param position in the chain; null for about a second
     */
    @Schema(name = "ActivityEntry", examples = """
            {"id": "01890a5d-ac96-7f21-9c0b-6e5d4c3b2a19", "position": 1042, "at": "2026-11-22T09:30:00Z",
            "actor": {"type": "person", "id": "f2c1a8d0", "name": "ana@example.com"}, "action": "key.edited",
            "target": {"type": "key", "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync"},
            "changes": [{"field": "name", "before": "ERP", "after": "ERP order sync"}], "ip": "203.0.113.7",
            "requestId": "01890a5d-ac96-7b3a-8f60-1d2c3b4a5968"}""")
    record Entry(UUID id,
            @Schema(description = "Its place in the log's chain; null in its first second or so") @Nullable Long position,
            Instant at, ActorView actor, @Schema(examples = "key.revoked") String action, TargetView target,
            List<Change> changes, @Nullable String ip, @Nullable String requestId) {

        static Entry of(ActivityEntry entry) {
            return new Entry(entry.id, entry.position, entry.at,
                    new ActorView(entry.actorType, entry.actorId, entry.actorName), entry.action,
                    new TargetView(entry.targetType, entry.targetId, entry.targetName),
                    new JsonObject(entry.changes).getMap().entrySet().stream().map(Change::of).toList(), entry.ip,
                    entry.requestId);
        }
    }

    /** Who did it, by the name that the actor had then. */
    @Schema(name = "ActivityActor")
    record ActorView(@Schema(examples = "person", description = "person, key, or system") String type, String id,
            @Schema(examples = "ana@example.com") String name) {
    }

    /** What it was done to, by the name that it had then. */
    @Schema(name = "ActivityTarget")
    record TargetView(@Schema(examples = "key") String type, UUID id, @Schema(examples = "ERP order sync") String name) {
    }

    /** A field with what it held before and after; never a secret. */
    @Schema(name = "ActivityChange")
    record Change(@Schema(examples = "name") String field,
            @Schema(description = "Null, also where there is no before: a reason, a count") @Nullable Object before,
            @Nullable Object after) {

        static Change of(Map.Entry<String, Object> field) {
            return field.getValue() instanceof Map<?, ?> change
                    ? new Change(field.getKey(), change.get("before"), change.get("after"))
                    : new Change(field.getKey(), null, field.getValue());
        }
    }

    /**
     * What a verification has found.
     *
     * @param checked entries that hold, from the first on
     * @param firstBroken null where all hold
     * @param head the recorded end of the log, to be kept as an anchor; null for an empty log
     */
    @Schema(name = "ActivityVerification")
    record Verified(boolean valid, long checked, @Nullable FirstBroken firstBroken, @Nullable HeadView head) {

        static Verified of(Verification.Outcome outcome) {
            Walk.Broken broken = outcome.broken();
            Head head = outcome.head();
            return new Verified(broken == null, outcome.checked(), broken == null ? null : FirstBroken.of(broken),
                    head == null ? null : new HeadView(head.position(), head.linkText()));
        }
    }

    /** The first position of a log that does not hold. */
    @Schema(name = "ActivityFirstBroken")
    record FirstBroken(long position, @Schema(description = "The entry that stands there, if any") @Nullable UUID id,
            @Schema(enumeration = {
                    "missing", "entry-altered", "out-of-place", "unknown-key", "head-altered", "beyond-head",
                    "cut", "replaced", "anchor-differs", "anchor-beyond" }) String reason) {

        static FirstBroken of(Walk.Broken broken) {
            ActivityEntry entry = broken.entry();
            return new FirstBroken(broken.position(), entry == null ? null : entry.id, broken.flaw().code());
        }
    }

    /** An end of a log: a position, and the link there, which depends on every entry up to it. */
    @Schema(name = "ActivityHead")
    record HeadView(long position,
            @Schema(examples = "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a") String link) {
    }
}
