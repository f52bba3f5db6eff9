package dev.latchkey.key;

import java.time.Duration;
import java.util.UUID;

import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Keys of an organization, written into the tables directly. Of each thousand a few are unlike the others: what is rare is as
 * rare among the oldest as among the newest.
 */
final class ManyKeys {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Pool database;
    private final UUID organization;
    private final int count;

    ManyKeys(Pool database, UUID organization, int count) {
        this.database = database;
        this.organization = organization;
        this.count = count;
    }

    /** Most are active, of all stores and read orders. */
    void usual() {
        insert("i % 1000 <> 2", "case when i % 1000 = 1 then now() end", "i % 1000 <> 4");
    }

    /** Most are switched off and limited to the second store. */
    void limited(UUID rareStore, UUID commonStore) {
        insert("i % 1000 < 10", "null", "i % 1000 = 6");
        execute("""
                insert into api_key_store (key_id, store_id)
                select k.id, case when right(k.name, 3) = '004' then $2::uuid else $3::uuid end
                  from api_key k where k.organization_id = $1 and not k.all_stores
                """, Tuple.of(organization, rareStore, commonStore));
    }

    /**
     * The older half has a name, a scope and a store that no newer one has, and accents; its older half is revoked, its newer
     * one expired. Older than those of the others.
     */
    void aged(UUID store) {
        execute("""
                with made as (
                    select i, i < $2 / 2 as old, (lpad(to_hex(1600000000000 + i), 12, '0') || '7' || substr(md5($1::text || i), 1, 3)
                              || 'a' || substr(md5($1::text || i), 4, 15))::uuid as id
                      from generate_series(0, $2::int - 1) i
                ), inserted as (
                    insert into api_key (id, organization_id, name, description, active, environment, scopes, all_stores, expires_at,
                           limit_source, ip_allow_list, metadata, revoked_at, created_by_type, created_by_id, created_by_name,
                           created_at, updated_at, start)
                    select id, $3::uuid, case when old then 'Legacy éxport ' else 'Later sync ' end || i,
                           case when old and i % 100 = 9 then 'ñö' end, true, 'live',
                           case when old then '{legacy:read,orders:read}'::text[] else '{orders:read}' end, not old,
                           case when old then now() - interval '1 day' end, 'organization', '{}', '{}',
                           case when i < $2 / 4 then now() end, 'person', 'ana', 'ana', now(), now(), 'lk_live_' || right(md5('' || i), 4)
                      from made
                ), reached as (
                    insert into api_key_store (key_id, store_id) select id, $4::uuid from made where old
                )
                insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                select id, id, sha256(convert_to(id::text, 'UTF8')), 'p1', 'lk_live_' || right(md5('' || i), 4), 'current', now()
                  from made
                """,
                Tuple.of(organization.toString(), count, organization, store));
    }

    private void insert(String active, String revokedAt, String allStores) {
        // Ids as version 7 makes them: in the order of creation.
        execute("""
                with made as (
                    select i, (lpad(to_hex(1700000000000 + i), 12, '0') || '7' || substr(md5($1::text || i), 1, 3) || 'a'
                              || substr(md5($1::text || i), 4, 15))::uuid as id, 'lk_live_' || right(md5(i || $1::text), 4) as start
                      from generate_series(0, $2::int - 1) i
                ), inserted as (
                    insert into api_key (id, organization_id, name, description, active, environment, scopes, all_stores, expires_at,
                           limit_source, ip_allow_list, metadata, revoked_at, created_by_type, created_by_id, created_by_name,
                           created_at, updated_at, start)
                    select id, $3::uuid, case when i % 1000 = 7 then 'Zürich carrier ' else 'ERP order sync ' end || lpad(i::text, 6, '0'),
                           case when i % 1000 = 8 then 'Ruft den Jodler auf' end, ACTIVE, 'live',
                           case when i % 1000 = 5 then '{customers:read}'::text[] else '{orders:read,orders:write}' end, ALL_STORES,
                           case when i % 1000 = 3 then now() - interval '1 day' when i % 2 = 0 then now() + interval '1 year' end,
                           'organization', '{}', '{}', REVOKED_AT, 'person', 'ana', 'ana', now(), now(), start from made
                )
                insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                select id, id, sha256(convert_to(id::text, 'UTF8')), 'p1', start, 'current', now() from made
                """
                .replace("ACTIVE", active).replace("REVOKED_AT", revokedAt).replace("ALL_STORES", allStores),
                Tuple.of(organization.toString(), count, organization));
    }

    /** As autovacuum does a while after so many rows have changed. */
    static void tidy(Pool database) {
        for (String table : new String[] { "api_key", "api_key_store", "key_material", "key_last_use" }) {
            database.query("vacuum analyze " + table).executeAndAwait();
        }
    }

    private void execute(String sql, Tuple parameters) {
        database.preparedQuery(sql).execute(parameters).await().atMost(PATIENCE);
    }
}
