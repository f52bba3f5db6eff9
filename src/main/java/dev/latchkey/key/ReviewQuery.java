package dev.latchkey.key;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys that are worth a look, newest first.
 *
 * <p>
 * There is no index by which a key that nobody used is found: use is counted elsewhere than keys. So keys are walked through,
 * each looked at by a handful of look-ups, until a page is full. Most keys of most organizations have something to mend, so
 * that a page is full after as many; where hardly any has, a walk ends after {@link #WALKED} keys, with fewer findings than
 * were asked for or none, and the next page goes on from there. Hence a page costs the same in an organization of ten keys and
 * of ten million.
 */
@Singleton
class ReviewQuery {

    /** Some tens of milliseconds where hardly any key has a finding; few organizations have more keys. */
    static final int WALKED = 2_000;

    private static final UUID FIRST = new UUID(-1, -1);
    private static final UUID NONE = new UUID(0, 0);

    private final Pool database;

    ReviewQuery(Pool database) {
        this.database = database;
    }

    /**
     * What is looked for.
     *
     * @param reason null: any
     * @param key null: all
     * @param store a store's id: the keys that reach it; null: all
     */
    record Filter(@Nullable ReviewReason reason, @Nullable UUID key, @Nullable UUID store) {
    }

    /**
     * What a walk has found.
     *
     * @param keys newest first
     * @param goesOnAt the key that the next walk begins with; null: there are no more
     */
    record Walk(List<ReviewedKey> keys, @Nullable UUID goesOnAt) {
    }

    /**
     * @param from the key to begin with; null: the newest
     * @param most keys with findings; of one key that is named there is one walk
     */
    Uni<Walk> walk(UUID organization, Filter filter, @Nullable UUID from, int most) {
        ReviewReason reason = filter.reason();
        Tuple values = Tuple.tuple().addValue(organization).addValue(begin(filter, from)).addValue(WALKED)
                .addValue(most).addValue(reason == null ? null : reason.text()).addValue(filter.key())
                .addValue(filter.store());
        for (Duration span : List.of(ReviewReason.UNUSED_SINCE_CREATION, ReviewReason.UNUSED, ReviewReason.SOON,
                ReviewReason.KNOWN, ReviewReason.LOOKED_BACK, ReviewReason.NETWORKS_WITHIN)) {
            values.addValue((int) span.toHours());
        }
        return database.preparedQuery(SQL).execute(values.addValue(ReviewReason.MANY_NETWORKS).addValue(UsageTable.NETWORKS))
                .map(rows -> {
                    List<ReviewedKey> keys = new ArrayList<>();
                    UUID end = NONE;
                    for (Row row : rows) {
                        end = row.getUUID("ends_at");
                        if (row.getUUID("id") != null) {
                            keys.add(ReviewedKey.of(row));
                        }
                    }
                    boolean isWhole = keys.size() == most || end.equals(NONE) || filter.key() != null;
                    return new Walk(keys, isWhole ? null : end);
                });
    }

    private static UUID begin(Filter filter, @Nullable UUID from) {
        UUID named = filter.key() == null ? FIRST : filter.key();
        return from == null ? named : from;
    }

    // Keys in the order of the index on (organization_id, id desc), which "between" keeps to (an equation would leave the
    // primary key as a second way, through the keys of all organizations), from $2 on and before the $3rd one. Each lateral is
    // asked once for each key that is looked at, by primary keys and the indexes of key_material by key, and only where its
    // reason is looked for ($5): a limit or an aggregate in each keeps PostgreSQL from joining whole tables instead, and the
    // outer limit ends the walk. A token is as old as the first row
    // that begins like it: one whose secret alone was replaced has a new row. Use counts where it was known for long enough, told
    // completely and of what is granted now. A key that makes keys gives away what it does not use itself. Networks count from
    // when its last predecessor died, or a token that was replaced because of them would be called shared all over again. Active
    // integrations that bind the key are found by the index on integration_key.key_id.
    private static final String SQL = """
            select e.ends_at, f.*
              from (select coalesce((select id from api_key where organization_id between $1 and $1 and id <= $2
                                      order by organization_id, id desc offset $3::integer limit 1),
                                    '00000000-0000-0000-0000-000000000000') as ends_at,
                           (select key_max_age_days from organization where id = $1) as key_max_age_days) e
              left join lateral (
                select k.id, k.name, c.start, k.created_at, c.token_since, k.expires_at, u.last_used_at, k.scopes,
                       e.key_max_age_days, now() as read_at, k.granted_at, x.scopes as scopes_used, s.key as store_used,
                       n.lately as networks_lately, n.networks,
                       n.are_all and k.granted_at <= now() - make_interval(hours => $11)
                             and not k.scopes && array['keys:write'] as networks_are_all,
                       b.integrations, b.integration_id,
                       array(select o.key_id from integration_key o
                              where o.integration_id = b.integration_id and o.key_id <> k.id
                              order by o.key_id) as integration_others, r.reasons
                  from api_key k
                  join lateral (select m.start, (select min(created_at) from key_material p
                                                  where p.key_id = k.id and p.start = m.start) as token_since,
                                       (select max(coalesce(p.dies_at, p.created_at)) from key_material p
                                         where p.key_id = k.id) as alone_since
                                  from key_material m where m.key_id = k.id and m.state = 'current' limit 1) c on true
                  left join lateral (
                    select max(lu.last_used_at) as last_used_at
                      from key_material m join key_last_use lu on lu.material_id = m.id
                     where m.key_id = k.id) u on true
                  left join lateral (
                    select array_agg(x.name) filter (where x.kind = 'scope') as scopes,
                           array_agg(x.name) filter (where x.kind = 'store') as stores
                      from key_exercise x
                     where x.key_id = k.id and x.last_at > now() - make_interval(hours => $12)
                       and k.granted_at <= now() - make_interval(hours => $11)
                       and ($5::text is null or $5 in ('unused-scopes', 'all-stores-but-uses-one'))) x on true
                  left join lateral (
                    select s.key from store s
                     where s.organization_id = k.organization_id and k.all_stores and cardinality(x.stores) in (1, 2)
                       and not k.scopes && array['keys:write']
                       and x.stores <@ array[s.key, s.id::text]
                       and exists (select from store t where t.organization_id = k.organization_id and t.id <> s.id)
                     limit 1) s on true
                  left join lateral (
                    select count(*) filter (where n.last_seen > greatest(now() - make_interval(hours => $13), c.alone_since))
                               as lately,
                           array_agg(n.network order by n.network)
                               filter (where n.last_seen > now() - make_interval(hours => $12)) as networks,
                           count(*) < $15 and not exists (
                               select from key_exercise x where x.key_id = k.id and x.kind = 'network'
                                      and x.last_at > now() - make_interval(hours => $12)) as are_all
                      from key_network n
                     where n.key_id = k.id and cardinality(k.ip_allow_list) = 0 and ($5::text is null or $5 = 'shared')) n on true
                  left join lateral (
                    select count(*) as integrations, (array_agg(i.id order by i.id desc))[1] as integration_id
                      from integration_key ik join integration i on i.id = ik.integration_id and i.active
                     where ik.key_id = k.id and ($5::text is null or $5 = 'shared')) b on true
                  cross join lateral (
                    select array_remove(array[
                        case when k.expires_at <= now() + least(make_interval(hours => $10),
                                  make_interval(hours => e.key_max_age_days * 12)) then 'expiring-soon' end,
                        case when n.lately >= $14 or b.integrations > 1 then 'shared' end,
                        case when u.last_used_at is null and k.created_at <= now() - make_interval(hours => $8)
                             then 'never-used' end,
                        case when u.last_used_at <= now() - make_interval(hours => $9) then 'unused-90-days' end,
                        case when c.token_since <= now() - make_interval(hours => e.key_max_age_days * 24)
                             then 'older-than-policy' end,
                        case when k.expires_at is null then 'no-expiry' end,
                        case when s.key is not null then 'all-stores-but-uses-one' end,
                        case when not x.scopes && array['', '(other)'] and x.scopes && k.scopes and not k.scopes <@ x.scopes
                                  and not k.scopes && array['keys:write'] then 'unused-scopes' end], null) as reasons
                    limit 1) r
                 where k.organization_id between $1 and $1 and k.id <= $2 and k.id > e.ends_at
                   and k.revoked_at is null and k.active and (k.expires_at is null or k.expires_at > now())
                   and ($6::uuid is null or k.id = $6)
                   and ($7::uuid is null or k.all_stores
                        or exists (select from api_key_store g where g.key_id = k.id and g.store_id = $7))
                   and ($5::text is null and cardinality(r.reasons) > 0 or $5 = any (r.reasons))
                 order by k.organization_id, k.id desc
                 limit $4) f on true
             order by f.id desc
            """;
}
