package dev.latchkey.key;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission.Names;
import dev.latchkey.web.Id;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code /keys/usage}, {@code /keys/{id}/usage} and {@code /keys/{id}/recent}: what keys were used for. */
@Path("/api/v1/keys")
@Tag(name = "Keys", description = "API keys: create, edit, replace, revoke")
@Produces(MediaType.APPLICATION_JSON)
class UsageResource {

    /** As many as a page of the list has. */
    private static final int MOST_KEYS = 200;

    private final UsageQueries queries;
    private final UsageConfig config;
    private final InstantSource clock;
    private final SecurityIdentity identity;

    UsageResource(UsageQueries queries, UsageConfig config, InstantSource clock, SecurityIdentity identity) {
        this.queries = queries;
        this.config = config;
        this.clock = clock;
        this.identity = identity;
    }

    @GET
    @Path("/usage")
    @PermissionsAllowed(Names.KEYS_READ)
    @Operation(operationId = "getUsageOfKeys", summary = "How often several keys were asked for, by the UTC day: what a page of a list draws", description = "One entry for each key that was named and that there is, in the order in which they were named; ids that name no key of the organization are left out. `accepted` and `refused` have a number for each day, the earliest first; the last is the day that has begun. What counts is told at `GET /keys/{id}/usage`.")
    @APIResponse(responseCode = "200", description = "Counts by the day", content = @Content(schema = @Schema(implementation = Daily.class)))
    public Uni<Daily> daily(
            @Parameter(description = "Ids of keys, each as a parameter of its own", schema = @Schema(type = SchemaType.ARRAY, implementation = UUID.class, minItems = 1, maxItems = MOST_KEYS)) @QueryParam("id") List<String> id,
            @Parameter(description = "How many days, today included") @QueryParam("days") @DefaultValue(Days.DEFAULT) Days days) {
        UsagePeriod period = days.until(clock.instant());
        return queries.daily(organization(), keys(id), period)
                .map(keys -> new Daily(period.from(), period.to(), keys));
    }

    private static List<UUID> keys(List<String> texts) {
        if (texts.isEmpty() || texts.size() > MOST_KEYS) {
            throw ProblemException.invalid("id", "must be given 1 to " + MOST_KEYS + " times");
        }
        return texts.stream().map(text -> {
            UUID id = Id.parse(text);
            if (id == null) {
                throw ProblemException.invalid("id", "is not an id");
            }
            return id;
        }).distinct().toList();
    }

    @GET
    @Path("/{id}/usage")
    @PermissionsAllowed(Names.KEYS_READ)
    @Operation(operationId = "getUsageOfKey", summary = "How often a key was asked for, by verdict, and what it was used for", description = "In whole buckets: `from` is moved back to the begin of its hour or UTC day, `to` forward to its end, not beyond the one that has begun. Every bucket is in `series`, with empty `counts` where nothing was asked; a verdict that did not occur is absent. At most 1,000 buckets; hours are kept for 45 days, days for 400, unless the installation says otherwise. Normally at most 10 seconds behind, on whatever replica the key was used. Questions with `cost` 0 are not counted, one with a higher `cost` counts once.")
    @APIResponse(responseCode = "200", description = "The key's use", content = @Content(schema = @Schema(implementation = View.class)))
    public Uni<View> usage(@PathParam("id") Id id,
            @Parameter(description = "Begin; default 24 hours before `to`, or 30 days for days", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("from") @Nullable String from,
            @Parameter(description = "End; default now", schema = @Schema(type = SchemaType.STRING, format = "date-time")) @QueryParam("to") @Nullable String to,
            @Parameter(description = "Length of a bucket; default hour") @QueryParam("bucket") UsagePeriod.@Nullable Step bucket) {
        UsagePeriod period = UsagePeriod.parse(from, to, bucket, clock.instant(), config.keepHours());
        return queries.used(organization(), id.value(), period).map(used -> View.of(period, used));
    }

    @GET
    @Path("/{id}/recent")
    @PermissionsAllowed(Names.KEYS_READ)
    @Operation(operationId = "getRecentOfKey", summary = "The last requests that a key made: 50 accepted and 50 refused, newest first", description = "A sample: of a key that is used often, at most 5 accepted and 5 refused requests in 5 seconds and replica. Paths are without their query, bounded in length, and without segments that may be secrets (longer than an id, or long and of letters mixed with digits).")
    @APIResponse(responseCode = "200", description = "Examples of requests", content = @Content(schema = @Schema(implementation = Recent.class)))
    public Uni<Recent> recent(@PathParam("id") Id id) {
        return queries.recent(organization(), id.value());
    }

    /** Uses name any store: a key that is limited to some would read of all. */
    private UUID organization() {
        Caller caller = Caller.of(identity);
        if (!caller.reachesAllStores()) {
            throw new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "A key that is limited to stores cannot read what keys are used for.");
        }
        return caller.tenant().id();
    }

    /**
     * @param from begin of the first bucket
     * @param to end of the last bucket
     * @param series every bucket, the earliest first
     */
    @Schema(name = "KeyUsage", examples = """
            {"from": "2026-11-22T08:00:00Z", "to": "2026-11-22T10:00:00Z", "bucket": "hour",
            "series": [{"at": "2026-11-22T08:00:00Z", "counts": {}},
            {"at": "2026-11-22T09:00:00Z", "counts": {"SCOPE_MISSING": 2, "VALID": 1204}}],
            "scopesUsed": [{"name": "orders:read", "count": 1204, "lastUsedAt": "2026-11-22T09:59:58Z"}],
            "methodsUsed": [{"name": "GET /api/v*/orders/**", "count": 1204, "lastUsedAt": "2026-11-22T09:59:58Z"}],
            "storesUsed": [{"name": "madrid", "count": 1204, "lastUsedAt": "2026-11-22T09:59:58Z"}]}""")
    record View(Instant from, Instant to, UsagePeriod.Step bucket, List<Point> series,
            @Schema(description = "Scopes that accepted requests needed, the most used first") List<Used> scopesUsed,
            @Schema(description = "Operations of accepted requests, by the catalogue's pattern; at most 200, and at most 100 of an hour, the rest of which is `(other)`") List<Used> methodsUsed,
            @Schema(description = "Stores that accepted requests named; bounded likewise") List<Used> storesUsed) {

        static View of(UsagePeriod period, UsageQueries.Used used) {
            return new View(period.from(), period.to(), period.step(),
                    period.buckets().stream().map(at -> new Point(at, used.counts().getOrDefault(at, Map.of()))).toList(),
                    used.names().getOrDefault("scope", List.of()), used.names().getOrDefault("method", List.of()),
                    used.names().getOrDefault("store", List.of()));
        }
    }

    /** @param at begin of the bucket */
    @Schema(name = "KeyUsagePoint")
    record Point(Instant at, @Schema(description = "Requests by verdict") Map<String, Long> counts) {
    }

    /** Something that a key used. */
    @Schema(name = "KeyUsed")
    record Used(@Schema(examples = "orders:read") String name, @Schema(examples = "1204") long count, Instant lastUsedAt) {
    }

    /**
     * Counts of several keys.
     *
     * @param from begin of the first day
     * @param to end of the last day
     * @param keys in the order in which they were named
     */
    @Schema(name = "KeysUsage", examples = """
            {"from": "2026-11-20T00:00:00Z", "to": "2026-11-23T00:00:00Z",
            "keys": [{"id": "01890a5d-ac96-774b-bcce-b302099a8057", "accepted": [0, 1180, 1204], "refused": [0, 0, 2]}]}""")
    record Daily(Instant from, Instant to, List<DailyOfKey> keys) {
    }

    /**
     * Counts of one key.
     *
     * @param accepted requests with the verdict VALID, a number for each day
     * @param refused requests with any other verdict, likewise
     */
    @Schema(name = "KeyUsageByDay")
    record DailyOfKey(UUID id, List<Long> accepted, List<Long> refused) {
    }

    /**
     * How many days back.
     *
     * @param number 1 to 90
     */
    @Schema(name = "UsageDays", type = SchemaType.INTEGER, minimum = "1", maximum = "90", defaultValue = Days.DEFAULT)
    record Days(int number) {

        static final String DEFAULT = "14";
        private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]?");
        private static final int MAX = 90;

        /**
         * Called by Jakarta REST.
         *
         * @throws ProblemException 422
         */
        public static Days fromString(String text) {
            if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) > MAX) {
                throw ProblemException.invalid("days", "must be a number from 1 to " + MAX);
            }
            return new Days(Integer.parseInt(text));
        }

        UsagePeriod until(Instant now) {
            Instant tomorrow = now.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
            return new UsagePeriod(tomorrow.minus(number, ChronoUnit.DAYS), tomorrow, UsagePeriod.Step.DAY);
        }
    }

    /** Examples of requests, the newest first. */
    @Schema(name = "KeyRecent", examples = """
            {"accepted": [{"at": "2026-11-22T09:59:58Z", "code": "VALID", "method": "GET", "path": "/api/v1/orders/17",
            "store": "madrid", "ip": "203.0.113.7"}],
            "refused": [{"at": "2026-11-22T09:41:12Z", "code": "SCOPE_MISSING", "method": "POST", "path": "/api/v1/orders",
            "store": null, "ip": "203.0.113.7"}]}""")
    record Recent(List<Sample> accepted, List<Sample> refused) {
    }

    /**
     * One request.
     *
     * @param path normalized; null where none was told, or none that can be judged
     */
    @Schema(name = "KeySample")
    record Sample(Instant at, Verdict.Code code, @Nullable String method, @Nullable String path, @Nullable String store,
            @Nullable String ip) {
    }
}
