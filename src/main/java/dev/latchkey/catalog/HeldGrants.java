package dev.latchkey.catalog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;

/**
 * What keys hold of a catalogue that is replaced, in all organizations: what the platform has to tell their owners, since such
 * a key keeps what it holds, and is given nothing by it any more.
 */
@Singleton
class HeldGrants {

    private static final Logger LOG = Logger.getLogger(HeldGrants.class);
    /** Of the one search through all keys: some ten million in this time. */
    private static final String STATEMENT_MILLIS = "20000";
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private final Pool database;

    HeldGrants(Pool database) {
        this.database = database;
    }

    /**
     * What one catalogue has and the next one does not, as far as keys hold it that are not revoked.
     *
     * @param complete false where the search took too long and was given up
     */
    @Schema(name = "CatalogVanished")
    record Vanished(@Schema(description = "Scopes that keys hold") List<Held> scopes,
            @Schema(description = "Patterns of keys that match no operation any more") List<Held> methods,
            @Schema(description = "False where the search through all keys took too long, and was given up") boolean complete) {

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
        String[] scopes = before.scopes().stream().filter(scope -> !after.scopes().contains(scope)).toArray(String[]::new);
        return Uni.combine().all().unis(scopes(scopes), methods(before, after)).with((held, patterns) -> new Vanished(held,
                patterns, true)).ifNoItem().after(PATIENCE).fail().onFailure().invoke(fault -> LOG.warnf(
                        "keys that hold what vanished from the catalogue could not be searched for: cause=%s",
                        fault.getMessage()))
                .onFailure().recoverWithItem(new Vanished(List.of(), List.of(), false));
    }

    private Uni<List<Held>> scopes(String[] vanishing) {
        return vanishing.length == 0 ? Uni.createFrom().item(List.of()) : held("scopes", vanishing);
    }

    /**
     * The one place where patterns of keys come in, with the column {@code api_key.methods}: read the distinct ones, keep those
     * for which {@link #hasLost} holds, and count them like scopes by {@link #held}.
     */
    private Uni<List<Held>> methods(Catalog before, Catalog after) {
        return Uni.createFrom().item(List.of());
    }

    /** Whether a pattern matched something that was there, and matches nothing that is. */
    static boolean hasLost(MethodPattern pattern, Catalog before, Catalog after) {
        return before.knowsAnyOf(pattern) && !after.knowsAnyOf(pattern);
    }

    // One pass over all keys, whatever vanishes, instead of an index on what nobody else asks of all organizations at once;
    // its time is bounded. The oldest and newest by their ids, which begin with the time, and as text, since PostgreSQL before
    // 18 knows no least uuid. Their rows by primary key.
    private Uni<List<Held>> held(String column, String[] names) {
        return database.withTransaction(connection -> connection
                .query("set local statement_timeout = " + STATEMENT_MILLIS).execute()
                .flatMap(set -> connection.preparedQuery("""
                        with held as (
                            select granted.what, count(*) as keys, min(k.id::text collate "C")::uuid as oldest,
                                   max(k.id::text collate "C")::uuid as newest
                              from api_key k cross join unnest(k.%1$s) as granted (what)
                             where k.revoked_at is null and k.%1$s && $1 and granted.what = any ($1)
                             group by granted.what
                        )
                        select held.what, held.keys, k.id, k.name as key_name, o.key as organization
                          from held
                          join api_key k on k.id in (held.oldest, held.newest)
                          join organization o on o.id = k.organization_id
                         order by held.what, k.id
                        """.formatted(column)).execute(Tuple.of(names))))
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
