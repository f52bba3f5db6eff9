package dev.latchkey.key;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Which prefixes of foreign tokens are declared, and by whom. */
@Singleton
class ForeignPrefixTable {

    /** In an organization; each is one more way for junk to cost a look-up. */
    static final int MOST = 20;

    /** Whether a token of the organization begins with {@code f.prefix}, one that no key has any more included. */
    private static final String USED = """
            exists (select from api_key k join key_material m on m.key_id = k.id
                     where k.organization_id = f.organization_id and starts_with(m.start, f.prefix))""";

    private final Pool database;

    ForeignPrefixTable(Pool database) {
        this.database = database;
    }

    // Few, and asked for seldom: after a change of an organization, when something comes that is no key as far as is known.
    /** Of all organizations, sorted by bytes. */
    Uni<List<String>> all() {
        return database.query("""
                select prefix from (select distinct prefix from foreign_prefix) as declared order by prefix collate "C"
                """).execute().map(rows -> rows.stream().map(row -> row.getString("prefix")).toList());
    }

    // In the transaction of an import. The row of the organization is locked, so that of two imports at once neither goes beyond
    // the bound unseen, and those of the prefixes, so that none is dropped before the keys that need it can be seen. By primary
    // keys.
    /**
     * Declares those that are not yet declared, as far as there is room. Who calls it makes it known everywhere before he says
     * that a key was imported ({@link dev.latchkey.replica.Scope#whatWasUnknown}).
     *
     * @return those that are declared now
     */
    static Uni<Set<String>> declare(UUID organization, List<String> prefixes) {
        return declared(organization, prefixes).flatMap(known -> {
            List<String> wanted = prefixes.stream().filter(prefix -> !known.contains(prefix)).toList();
            return wanted.isEmpty() ? Uni.createFrom().item(known)
                    : Panache.getSession().flatMap(session -> session
                            .createNativeQuery("select 1 from organization where id = :organization for no key update",
                                    Integer.class)
                            .setParameter("organization", organization).getResultList()
                            .flatMap(locked -> session.createNativeQuery("""
                                    insert into foreign_prefix (organization_id, prefix)
                                    select :organization, prefix
                                      from json_array_elements_text(cast(cast(:prefixes as text) as json))
                                           with ordinality as w (prefix, number)
                                     where not exists (select from foreign_prefix f
                                                        where f.organization_id = :organization and f.prefix = w.prefix)
                                     order by number
                                     limit greatest(0, :most - (select count(*) from foreign_prefix
                                                                 where organization_id = :organization))
                                    """).setParameter("organization", organization)
                                    .setParameter("prefixes", new JsonArray(wanted).encode()).setParameter("most", MOST)
                                    .executeUpdate()))
                            .flatMap(written -> declared(organization, prefixes));
        });
    }

    private static Uni<Set<String>> declared(UUID organization, List<String> prefixes) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                select prefix from foreign_prefix
                 where organization_id = :organization
                   and prefix in (select json_array_elements_text(cast(cast(:prefixes as text) as json)))
                   for key share
                """, String.class).setParameter("organization", organization)
                .setParameter("prefixes", new JsonArray(prefixes).encode()).getResultList()).map(HashSet::new);
    }

    // By the primary key; whether a key has it by the keys of the organization. Few read it, and seldom.
    /** Those of an organization, sorted, and whether any of its keys begins so. */
    Uni<List<Declared>> of(UUID organization) {
        return database.preparedQuery("select f.prefix, f.declared_at, " + USED + """
                 as used
                  from foreign_prefix f where f.organization_id = $1 order by f.prefix collate "C"
                """).execute(Tuple.of(organization)).map(rows -> rows.stream().map(row -> new Declared(row.getString("prefix"),
                row.getOffsetDateTime("declared_at").toInstant(), row.getBoolean("used"))).toList());
    }

    // In a transaction. Locked first, which waits for imports that found it declared; what they wrote is seen by the next
    // statement.
    /** Drops one that no token begins with. */
    static Uni<Dropped> drop(UUID organization, String prefix) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                select prefix from foreign_prefix where organization_id = :organization and prefix = :prefix for update
                """, String.class).setParameter("organization", organization).setParameter("prefix", prefix).getResultList()
                .flatMap(locked -> locked.isEmpty() ? Uni.createFrom().item(Dropped.UNKNOWN)
                        : session.createNativeQuery("delete from foreign_prefix f where organization_id = :organization"
                                + " and prefix = :prefix and not " + USED)
                                .setParameter("organization", organization).setParameter("prefix", prefix).executeUpdate()
                                .map(deleted -> deleted == 1 ? Dropped.DROPPED : Dropped.USED)));
    }

    /** What became of one that was to be dropped. */
    enum Dropped {
        DROPPED,
        UNKNOWN,
        USED
    }

    /**
     * @param prefix of tokens
     * @param declaredAt by the import that brought the first
     * @param used whether a token of a key begins so, one that was replaced included
     */
    @Schema(name = "ForeignPrefix")
    record Declared(String prefix, Instant declaredAt, boolean used) {
    }
}
