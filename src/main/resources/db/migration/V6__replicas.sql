-- How replicas keep in touch: who lives, what changed, and what is left of rate limits.

create table replica (
    id         uuid primary key,
    generation bigint      not null,
    beat_at    timestamptz not null
);
comment on table replica is 'one row for each replica that may hold a cache lease; written by its heartbeats, removed when it has given up its lease';
comment on column replica.generation is 'which of its listening connections the replica is at';
comment on column replica.beat_at is 'last heartbeat, in database time; silent for three leases: reaped';

create table database_timeline (
    one      boolean primary key check (one),
    timeline text        not null,
    since    timestamptz not null
);
comment on table database_timeline is 'the timeline of PostgreSQL as heartbeats see it: another one means a failover, in which rows of replica may have been lost, so that changes wait a full lease';

-- Says on the channel what a change altered, in its transaction: at most 100 keys by name, more as their organization.
create function tell_replicas(organization uuid, keys uuid[]) returns void language sql as $$
    select pg_notify('latchkey', case when cardinality(keys) between 1 and 100
                                      then 'k:' || organization || ':' || array_to_string(keys, ',')
                                      else 'o:' || organization end)
$$;

create function tell_of_keys() returns trigger language plpgsql as $$
begin
    perform tell_replicas(organization_id, array_agg(id)) from changed group by organization_id;
    return null;
end $$;

-- Of keys that go together with their material, the trigger on api_key tells.
create function tell_of_key_parts() returns trigger language plpgsql as $$
begin
    perform tell_replicas(k.organization_id, array_agg(distinct k.id))
       from changed c join api_key k on k.id = c.key_id group by k.organization_id;
    return null;
end $$;

create function tell_of_stores() returns trigger language plpgsql as $$
begin
    perform tell_replicas(organization_id, '{}') from changed group by organization_id;
    return null;
end $$;

create function tell_of_organizations() returns trigger language plpgsql as $$
begin
    perform tell_replicas(id, '{}') from changed;
    return null;
end $$;

create function tell_of_everything() returns trigger language plpgsql as $$
begin
    perform pg_notify('latchkey', '*');
    return null;
end $$;

-- Nothing is told of new keys and stores: no verdict depended on them. What is moved to another owner is told by its former
-- owner's other rows at most; the application never does that.
create trigger api_key_updated after update on api_key referencing new table as changed
    for each statement execute function tell_of_keys();
create trigger api_key_deleted after delete on api_key referencing old table as changed
    for each statement execute function tell_of_keys();
create trigger key_material_updated after update on key_material referencing new table as changed
    for each statement execute function tell_of_key_parts();
create trigger key_material_deleted after delete on key_material referencing old table as changed
    for each statement execute function tell_of_key_parts();
create trigger api_key_store_inserted after insert on api_key_store referencing new table as changed
    for each statement execute function tell_of_key_parts();
create trigger api_key_store_updated after update on api_key_store referencing new table as changed
    for each statement execute function tell_of_key_parts();
create trigger api_key_store_deleted after delete on api_key_store referencing old table as changed
    for each statement execute function tell_of_key_parts();
create trigger store_updated after update on store referencing new table as changed
    for each statement execute function tell_of_stores();
create trigger store_deleted after delete on store referencing old table as changed
    for each statement execute function tell_of_stores();
create trigger organization_updated after update on organization referencing new table as changed
    for each statement execute function tell_of_organizations();
create trigger organization_deleted after delete on organization referencing old table as changed
    for each statement execute function tell_of_organizations();
create trigger api_key_truncated after truncate on api_key for each statement execute function tell_of_everything();
create trigger key_material_truncated after truncate on key_material for each statement execute function tell_of_everything();
create trigger api_key_store_truncated after truncate on api_key_store for each statement execute function tell_of_everything();
create trigger store_truncated after truncate on store for each statement execute function tell_of_everything();
create trigger organization_truncated after truncate on organization for each statement execute function tell_of_everything();

create table rate_window (
    key_id         uuid primary key,
    window_seconds integer not null,
    window_start   bigint  not null,
    used           integer not null,
    asked_at       bigint  not null,
    rate_limit     integer not null,
    need           bigint  not null,
    wish           bigint  not null,
    granted        integer not null
) with (fillfactor = 50);
comment on table rate_window is 'no foreign key: a batch of grants must not wait for whoever deletes one of its keys; what is left of a deleted key goes when its window has ended. What replicas have taken from each limited key in its current window; resets itself when asked in a later one. Every change stays on its page (no index but the key, half of the page free)';
comment on column rate_window.window_seconds is 'length of the window, seconds';
comment on column rate_window.window_start is 'seconds since the Unix epoch, a multiple of window_seconds, by the database''s clock';
comment on column rate_window.used is 'requests taken in the window, those that replicas hold as tokens included';
comment on column rate_window.asked_at is 'of the last grant: when it was asked, seconds since the epoch';
comment on column rate_window.need is 'of the last grant: what waiting requests cost together';
comment on column rate_window.wish is 'of the last grant: what the replica would like to hold';
comment on column rate_window.granted is 'of the last grant: what it was given';

-- What counts as used when a grant is asked for: what was used in the same window; where the length of the window was changed,
-- what was used in the old window as long as that overlaps the new one, since it may have been in it.
create function rate_base(old_seconds integer, old_start bigint, old_used integer, seconds integer, start bigint)
    returns integer language sql immutable as $$
    select case when old_seconds = seconds then case when old_start = start then greatest(0, old_used) else 0 end
                when old_start + old_seconds > start then greatest(0, old_used) else 0 end
$$;

-- What is given of what is left: what waiting requests need, and of the rest at most an eighth, so that little is stranded where
-- replicas hold tokens and little is left.
create function rate_grant(left_over bigint, need bigint, wish bigint) returns integer language sql immutable as $$
    select greatest(0, least(left_over, greatest(need, least(wish, left_over / 8))))::integer
$$;
