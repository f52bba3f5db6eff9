-- What was done (a chained log), and what happened (an outbox).

create table activity (
    id              uuid primary key,
    organization_id uuid        not null references organization (id) on delete cascade,
    at              timestamptz not null,
    actor_type      text        not null check (actor_type in ('person', 'key', 'system')),
    actor_id        text        not null,
    actor_name      text        not null,
    action          text        not null,
    target_type     text        not null,
    target_id       uuid        not null,
    target_name     text        not null,
    changes         text        not null check (json_typeof(changes::json) = 'object'),
    ip              text,
    request_id      text,
    seal_key_id     text        not null,
    seal            bytea       not null check (octet_length(seal) = 32),
    position        bigint check (position > 0),
    link_key_id     text,
    link            bytea check (octet_length(link) = 32),
    constraint activity_place_complete check ((position is null) = (link is null) and (link is null) = (link_key_id is null)),
    constraint activity_position_unique unique (organization_id, position)
);
comment on table activity is 'append-only: rows are inserted with the change that they tell of, and get their place in the chain once, from the linker';
comment on column activity.changes is 'a JSON object as text, since the chain is computed over the stored characters: {field: {"before": …, "after": …}}';
comment on column activity.seal_key_id is 'which pepper of LATCHKEY_PEPPER made the seal';
comment on column activity.seal is 'HMAC over the columns above, made when the row is inserted: a row that came by SQL has none that fits';
comment on column activity.position is '1, 2, 3, … within the organization, in the order of linking; null until the linker has been here, about a second after the commit';
comment on column activity.link_key_id is 'which pepper made the link; null until linked';
comment on column activity.link is 'HMAC over the predecessor''s link, the position, and all columns; the layout is in dev.latchkey.activity.Chain';

-- What the linker looks for; next to empty, since a row leaves it within a second.
create index activity_unlinked on activity (organization_id, id) where position is null;

-- Lists go by id, newest first; each filter has an index that ends in it, so that a page is read in order and no further.
create index activity_by_organization on activity (organization_id, id desc);
create index activity_by_actor on activity (organization_id, actor_id, id desc);
create index activity_by_action on activity (organization_id, action, id desc);
create index activity_by_noun on activity (organization_id, split_part(action, '.', 1), id desc);
create index activity_by_target on activity (organization_id, target_id, id desc);
create index activity_by_target_type on activity (organization_id, target_type, id desc);

create table activity_head (
    organization_id uuid primary key references organization (id) on delete cascade,
    position        bigint not null check (position > 0),
    link            bytea  not null check (octet_length(link) = 32),
    seal_key_id     text   not null,
    seal            bytea  not null check (octet_length(seal) = 32)
);
comment on table activity_head is 'the last link of each organization''s chain; written by the linker only, in the transaction that links';
comment on column activity_head.seal_key_id is 'which pepper made the seal';
comment on column activity_head.seal is 'HMAC over organization, position and link: a cut tail needs a head of that time, and cannot make one up';


create table event (
    id              uuid        not null,
    at              timestamptz not null,
    organization_id uuid        not null references organization (id) on delete cascade,
    public_id       text        not null,
    type            text        not null,
    store_id        uuid,
    data            json        not null,
    primary key (id, at)
) partition by range (at);
comment on table event is 'payloads, in partitions of one UTC day (event_YYYYMMDD), which are made a week ahead and dropped whole';
comment on column event.id is 'UUIDv7, the order of events; receivers see public_id';
comment on column event.at is 'when it was published; the day of its partition';
comment on column event.public_id is 'the id that receivers see: of the platform''s choosing, or id as text';
comment on column event.store_id is 'no foreign key: what happened outlives the store that it happened in';
comment on column event.data is 'json, not jsonb: it goes out as it came in, and nothing looks into it here';

create index event_by_organization on event (organization_id, id desc);
create index event_by_type on event (organization_id, type, id desc);
create index event_by_store on event (organization_id, store_id, id desc) where store_id is not null;

create table event_default partition of event default;
comment on table event_default is 'for a day whose partition is not there yet: an event is never refused for want of one; emptied when it is made';

create table event_identity (
    organization_id uuid        not null references organization (id) on delete cascade,
    public_id       text        not null check (public_id ~ '^[A-Za-z0-9._:-]{1,100}$'),
    event_id        uuid        not null,
    at              timestamptz not null,
    primary key (organization_id, public_id)
);
comment on table event_identity is 'one row for each event, unpartitioned, since that makes an id unique over all days; finds the payload by its id';
comment on column event_identity.at is 'event.at, which names the partition';

create table event_outbox (
    event_id        uuid primary key,
    at              timestamptz not null,
    organization_id uuid        not null references organization (id) on delete cascade
);
comment on table event_outbox is 'events that have not been fanned out to webhooks; a row is taken by deleting it, never by "id greater than the last", because ids do not commit in order';
-- What the deletion of an organization looks for.
create index event_outbox_by_organization on event_outbox (organization_id);
