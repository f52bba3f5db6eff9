package dev.latchkey.catalog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;

/**
 * What keys hold of a catalogue that is replaced, in all organizations: what the platform has to tell their owners, since such
 * a key keeps what it holds. A scope gives it nothing any more; a pattern goes on letting it do what the catalogue knows
 * nothing of, for which no scope is demanded.
 */
@Singleton
class HeldGrants {

    private static final Logger LOG = Logger.getLogger(HeldGrants.class);
    /** Of the one search through all keys: some ten million in this time. */
    private static final String STATEMENT_MILLIS = "20000";
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    /** Patterns are texts of whoever writes them: of many organizations many, each to be compared with all operations. */
    private static final int MOST_PATTERNS = 5_000;

    private final Pool database;
    private final Vertx vertx;

    HeldGrants(Pool database, Vertx vertx) {
        this.database = database;
        this.vertx = vertx;
    }

    /**
     * What one catalogue has and the next one does not, as far as keys hold it that are not revoked.
     *
     * @param complete false where the search took too long and was given up, or there are more patterns than it looks at
     */
    @Schema(name = "CatalogVanished")
    record Vanished(@Schema(description = "Scopes that keys hold") List<Held> scopes,
            @Schema(description = "Patterns of keys that match no operation any more") List<Held> methods,
            @Schema(description = "False where the search through all keys took too long and was given up, or keys hold more than 5,000 patterns, of which those that most keys hold were looked at") boolean complete) {

        static final Vanished NOTHING = new Vanished(List.of(), List.of(), true);
    }

    /**
     * @param name a scope, or a method pattern
     * @param keys how many hold it
     * @param examples the oldest and the newest of them
     */
    @Schema(name = "CatalogHeld")
    record Held(@Schema(examples = "orders:refund") String name, @Schema(examples = "17") long keys, List<Holder> examples) {
    }

    /** A key that holds it. */
    @Schema(name = "CatalogHolder")
    record Holder(UUID id, @Schema(examples = "ERP order sync") String name,
            @Schema(examples = "acme", description = "The organization's key") String organization) {
    }

    /** What vanishes; never fails, since what it tells of has been done. */
    Uni<Vanished> vanished(Catalog before, Catalog after) {
        return Uni.combine().all().unis(scopes(before, after), methods(before, after))
                .with((held, patterns) -> new Vanished(held, patterns.held, patterns.all))
                .ifNoItem().after(PATIENCE).fail().onFailure().invoke(fault -> LOG.warnf(
                        "keys that hold what vanished from the catalogue could not be searched for: cause=%s",
                        fault.getMessage()))
                .onFailure().recoverWithItem(new Vanished(List.of(), List.of(), false));
    }

    private Uni<List<Held>> scopes(Catalog before, Catalog after) {
        String[] scopes = before.scopes().stream().filter(scope -> !after.scopes().contains(scope)).toArray(String[]::new);
        return scopes.length == 0 ? Uni.createFrom().item(List.of())
                : held("scopes", "and k.scopes && $1 and granted.what = any ($1)", scopes.length, Tuple.of(scopes));
    }

    /**
     * @param held patterns that match nothing any more
     * @param all false: there are more patterns than were looked at
     */
    private record Patterns(List<Held> held, boolean all) {
    }

    /** Of the patterns that most keys hold. Compared away from the event loop: each of them with each operation. */
    private Uni<Patterns> methods(Catalog before, Catalog after) {
        if (after.hasOperationsOf(before)) {
            return Uni.createFrom().item(new Patterns(List.of(), true));
        }
        return held("methods", "", MOST_PATTERNS + 1, Tuple.tuple()).flatMap(patterns -> Uni.createFrom().completionStage(
                () -> vertx.executeBlocking(() -> new Patterns(
                        patterns.stream().filter(pattern -> hasLost(pattern.name(), before, after)).toList(),
                        patterns.size() <= MOST_PATTERNS), false).toCompletionStage()));
    }

    private static boolean hasLost(String pattern, Catalog before, Catalog after) {
        return MethodPattern.parse(pattern) instanceof MethodPattern.Valid valid && hasLost(valid.pattern(), before, after);
    }

    /** Whether a pattern matched something that was there, and matches nothing that is. */
    static boolean hasLost(MethodPattern pattern, Catalog before, Catalog after) {
        return before.knowsAnyOf(pattern) && !after.knowsAnyOf(pattern);
    }

    // One pass over all keys, whatever vanishes, instead of an index on what nobody else asks of all organizations at once;
    // its time is bounded. The oldest and newest by their ids, which begin with the time, and as text, since PostgreSQL before
    // 18 knows no least uuid. Their rows by primary key.
    private Uni<List<Held>> held(String column, String narrowed, int most, Tuple parameters) {
        return database.withTransaction(connection -> connection
                .query("set local statement_timeout = " + STATEMENT_MILLIS).execute()
                .flatMap(set -> connection.preparedQuery("""
                        with held as (
                            select granted.what, count(*) as keys, min(k.id::text collate "C")::uuid as oldest,
                                   max(k.id::text collate "C")::uuid as newest
                              from api_key k cross join unnest(k.%s) as granted (what)
                             where k.revoked_at is null %s
                             group by granted.what order by keys desc, granted.what limit %d
                        )
                        select held.what, held.keys, k.id, k.name as key_name, o.key as organization
                          from held
                          join api_key k on k.id in (held.oldest, held.newest)
                          join organization o on o.id = k.organization_id
                         order by held.what, k.id
                        """.formatted(column, narrowed, most)).execute(parameters)))
                .map(HeldGrants::held);
    }

    private static List<Held> held(RowSet<Row> rows) {
        Map<String, Held> held = new LinkedHashMap<>();
        for (Row row : rows) {
            held.computeIfAbsent(row.getString("what"), name -> new Held(name, row.getLong("keys"), new ArrayList<>()))
                    .examples().add(new Holder(row.getUUID("id"), row.getString("key_name"), row.getString("organization")));
        }
        return List.copyOf(held.values());
    }
}
