package dev.latchkey.key;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/** Which prefixes of foreign tokens are declared, and by whom. */
@Singleton
class ForeignPrefixTable {

    /** In an organization; each is one more way for junk to cost a look-up. */
    static final int MOST = 20;

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

    // The row of the organization is locked, so that of two imports at once neither goes beyond the bound unseen. By primary
    // keys.
    /**
     * Declares those that are not yet declared, as far as there is room. Who calls it makes it known everywhere before he says
     * that a key was imported ({@link dev.latchkey.replica.Scope#whatWasUnknown}).
     *
     * @return those that are declared now
     */
    Uni<List<String>> declare(UUID organization, List<String> prefixes) {
        return database.withTransaction(connection -> connection
                .preparedQuery("select from organization where id = $1 for no key update").execute(Tuple.of(organization))
                .flatMap(locked -> connection.preparedQuery("""
                        with wanted as (
                            select prefix, row_number() over (order by number) as place
                              from unnest($2::text[]) with ordinality as w (prefix, number)
                             where not exists (select from foreign_prefix f
                                                where f.organization_id = $1 and f.prefix = w.prefix)
                        )
                        insert into foreign_prefix (organization_id, prefix)
                        select $1, prefix from wanted
                         where place <= $3 - (select count(*) from foreign_prefix where organization_id = $1)
                        """).execute(Tuple.of(organization, prefixes.toArray(String[]::new), MOST)))
                .flatMap(written -> connection.preparedQuery("""
                        select prefix from foreign_prefix where organization_id = $1 and prefix = any ($2)
                        """).execute(Tuple.of(organization, prefixes.toArray(String[]::new))))
                .map(rows -> rows.stream().map(row -> row.getString("prefix")).toList()));
    }
}
