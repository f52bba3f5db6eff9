package dev.latchkey.panel;

import dev.latchkey.testing.Api;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/** More keys than a test could create one by one. */
final class ManyKeys {

    private ManyKeys() {
    }

    /** Key number 1 is the oldest, and older than all that is created otherwise. */
    static void fill(Pool database, Api api, int keys) {
        // Rows alone: nobody presents these. Ids as version 7 makes them, in the order of creation.
        database.preparedQuery(
                """
                        with made as (
                            select i, (lpad(to_hex(1700000000000 + i), 12, '0') || '7' || substr(md5($1::text || i), 1, 3) || 'a'
                                      || substr(md5($1::text || i), 4, 15))::uuid as id
                              from generate_series(1, $2::int) i
                        ), inserted as (
                            insert into api_key (id, organization_id, name, active, environment, scopes, all_stores, limit_source,
                                   ip_allow_list, metadata, created_by_type, created_by_id, created_by_name, created_at, updated_at, start)
                            select id, $1::uuid, 'Key number ' || i, true, 'live', '{orders:read}', true, 'organization', '{}', '{}',
                                   'person', 'ana', 'ana', now(), now(), 'lk_live_4fTz' from made
                        )
                        insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                        select id, id, sha256(convert_to(id::text, 'UTF8')), 'p1', 'lk_live_4fTz', 'current', now() from made
                        """)
                .executeAndAwait(Tuple.of(api.organizationId(), keys));
    }
}
