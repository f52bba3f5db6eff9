-- Keys that were issued elsewhere, and keys that were found where they should not be.

create table foreign_prefix (
    organization_id uuid        not null references organization (id) on delete cascade,
    prefix          text        not null check (prefix ~ '^[!-~]{3,32}$'),
    declared_at     timestamptz not null default now(),
    primary key (organization_id, prefix)
);
comment on table foreign_prefix is 'how tokens begin that were imported from elsewhere: whatever begins so is looked up though it lacks our checksum, on every replica and whichever organization declared it; one is dropped only while no token of the organization begins so, replaced ones included, since a token that once was good must be recognised when it is presented again';

-- What replicas took for unknown may be known now. Called in the transaction of an import, since someone may have asked for
-- its tokens just before.
create function tell_of_unknown() returns void language sql as $$ select pg_notify('latchkey', 'u') $$;

create function tell_of_prefixes() returns trigger language plpgsql as $$
begin
    perform tell_of_unknown();
    return null;
end $$;
create trigger foreign_prefix_changed after insert or update or delete on foreign_prefix
    for each statement execute function tell_of_prefixes();

-- Stores that are given to a key: told of unless the key's row is of the same transaction. It was inserted then, and no verdict
-- depended on it, or updated, and that is told by its own trigger. Otherwise an import of keys that are limited to stores would
-- have every replica forget the whole organization with each batch.
create function tell_of_stores_given() returns trigger language plpgsql as $$
begin
    perform tell_replicas(k.organization_id, array_agg(distinct k.id))
       from changed c join api_key k on k.id = c.key_id
      where k.xmin <> pg_current_xact_id()::xid
      group by k.organization_id;
    return null;
end $$;
drop trigger api_key_store_inserted on api_key_store;
create trigger api_key_store_inserted after insert on api_key_store referencing new table as changed
    for each statement execute function tell_of_stores_given();

create table key_leak (
    material_id     uuid primary key references key_material (id) on delete cascade,
    organization_id uuid        not null references organization (id) on delete cascade,
    reported_at     timestamptz not null,
    source          text,
    url             text
);
create index key_leak_by_organization on key_leak (organization_id);
comment on table key_leak is 'one row for each token that was reported as leaked, of its first report: whoever inserts it tells of it, in the same transaction, so that each is told once';
comment on column key_leak.url is 'where it was found, without what may be the token';
