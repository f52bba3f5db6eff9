-- What was done, and what happened.

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
    changes         text        not null,
    ip              text,
    request_id      text
);
create index activity_by_organization on activity (organization_id, id desc);

create table event (
    id              uuid primary key,
    organization_id uuid        not null references organization (id) on delete cascade,
    type            text        not null,
    store_id        uuid,
    data            jsonb       not null,
    at              timestamptz not null
);
create index event_by_organization on event (organization_id, id desc);
