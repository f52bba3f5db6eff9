-- What the review of keys goes by, and when people are told that a key is about to expire.

-- The default of existing rows is a constant, so that no row is rewritten. What they used before is not known here, so the
-- time from which on something can be said begins now for them.
alter table api_key add column granted_at timestamptz not null default now();
comment on column api_key.granted_at is 'when the key was last given a scope that it lacked, or all stores; that it leaves something unused is said some time after that. Kept by a trigger, whoever makes the change';

create function note_grant() returns trigger language plpgsql as $$
begin
    new.granted_at := now();
    return new;
end $$;
create trigger api_key_granted before update on api_key for each row
    when (not new.scopes <@ old.scopes or new.all_stores and not old.all_stores) execute function note_grant();

create table key_exercise (
    key_id  uuid        not null references api_key (id) on delete cascade,
    kind    text        not null check (kind in ('scope', 'store', 'network')),
    name    text        not null,
    last_at timestamptz not null,
    primary key (key_id, kind, name)
) with (fillfactor = 80);
comment on table key_exercise is 'what accepted requests of a key needed, each name once: a handful of rows where key_usage has thousands. Statistics, flushed with those';
comment on column key_exercise.name is 'of a scope; id or key of a store, as told; empty: there was a request that did not say, so that nothing can be concluded from what is missing; (other): beyond 100 of a kind. Of a network nothing but these two: those that are known stand in key_network';
comment on column key_exercise.last_at is 'at most six hours behind, so that not each request is an update';

create table key_expiry (
    key_id     uuid        primary key references api_key (id) on delete cascade,
    expires_at timestamptz not null,
    told_hours integer,
    due_at     timestamptz
);
-- What the job looks for.
create index key_expiry_due on key_expiry (due_at) where due_at is not null;
comment on table key_expiry is 'what has been told of a key''s expiry; one row for each key that has one, begun anew by triggers when it changes, whoever changes it. Apart from api_key, so that telling moves no ETag and is told to no replica';
comment on column key_expiry.expires_at is 'as in api_key';
comment on column key_expiry.told_hours is 'how many hours before this expiry was told last: 336, 72 or 24; null: nothing yet';
comment on column key_expiry.due_at is 'when there is something to tell, by the database''s clock; null: no more. Whoever tells moves it, in the same transaction';

-- In hours, since a day of PostgreSQL may have 23 or 25 of them.
create function next_expiry_notice(expires_at timestamptz, after timestamptz) returns timestamptz language sql stable as $$
    select min(expires_at - make_interval(hours => h)) from unnest(array[336, 72, 24]) h
     where expires_at - make_interval(hours => h) > after
$$;
comment on function next_expiry_notice is 'the first of 14 days, 3 days and 1 day before an expiry that lies ahead; null when none does';

create function note_new_expiries() returns trigger language plpgsql as $$
begin
    insert into key_expiry (key_id, expires_at, due_at)
    select id, expires_at, next_expiry_notice(expires_at, now()) from changed where expires_at is not null order by id;
    return null;
end $$;

create function note_changed_expiries() returns trigger language plpgsql as $$
begin
    delete from key_expiry e using changed c join former f on f.id = c.id
     where e.key_id = c.id and c.expires_at is null and f.expires_at is not null;
    insert into key_expiry as e (key_id, expires_at, due_at)
    select c.id, c.expires_at, next_expiry_notice(c.expires_at, now())
      from changed c join former f on f.id = c.id
     where c.expires_at is not null and c.expires_at is distinct from f.expires_at
     order by c.id
    on conflict (key_id) do update set expires_at = excluded.expires_at, told_hours = null, due_at = excluded.due_at;
    return null;
end $$;

create trigger api_key_expiry_new after insert on api_key referencing new table as changed
    for each statement execute function note_new_expiries();
create trigger api_key_expiry_changed after update on api_key referencing old table as former new table as changed
    for each statement execute function note_changed_expiries();

insert into key_expiry (key_id, expires_at, due_at)
select id, expires_at, next_expiry_notice(expires_at, now()) from api_key where expires_at > now() and revoked_at is null;
