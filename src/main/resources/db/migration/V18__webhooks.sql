-- Webhooks: where events go, what is still to be delivered, and what became of it.

create table webhook (
    id                  uuid        primary key,
    organization_id     uuid        not null references organization (id) on delete cascade,
    url                 text        not null check (length(url) between 1 and 2048),
    description         text        check (length(description) <= 1000),
    events              text[]      not null check (cardinality(events) between 1 and 200),
    all_stores          boolean     not null,
    header_names        text[]      not null default '{}',
    headers             bytea,
    headers_version     bigint      not null default 0,
    secret              bytea,
    secret_version      bigint      not null default 1,
    secret_set_at       timestamptz not null,
    previous_secret     bytea,
    previous_version    bigint,
    previous_until      timestamptz,
    active              boolean     not null,
    disabled_at         timestamptz,
    disabled_reason     text        check (disabled_reason in ('gone', 'failing')),
    deleted_at          timestamptz,
    version             bigint      not null,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    constraint webhook_disabled_complete check ((disabled_at is null) = (disabled_reason is null)
                                                and (disabled_at is null or not active)),
    constraint webhook_previous_complete check ((previous_secret is null) = (previous_version is null)
                                                and (previous_secret is null) = (previous_until is null)),
    constraint webhook_secret_until_deleted check ((secret is null) = (deleted_at is not null))
);
comment on table webhook is 'an endpoint of somebody else''s, and the events that it asked for';
comment on column webhook.headers is 'sealed (field webhook.headers, headers_version): a JSON object of the headers that every delivery carries; null for none. The names alone stand in header_names';
comment on column webhook.secret is 'sealed (field webhook.secret, secret_version): what deliveries are signed with, whsec_ and base64';
comment on column webhook.previous_secret is 'sealed (field webhook.secret, previous_version): signs as well until previous_until';
comment on column webhook.disabled_at is 'when the dispatcher switched it off: the receiver said 410 (gone), or failed for too long (failing)';
comment on column webhook.deleted_at is 'the row stays, without its secrets, for as long as the log tells of deliveries to it; no API shows it';
create index webhook_by_organization on webhook (organization_id, id desc) where deleted_at is null;
create index webhook_organization on webhook (organization_id);
create index webhook_deleted on webhook (deleted_at) where deleted_at is not null;
create index webhook_previous on webhook (previous_until) where previous_until is not null;

create table webhook_store (
    webhook_id uuid not null references webhook (id) on delete cascade,
    store_id   uuid not null references store (id) on delete cascade,
    primary key (webhook_id, store_id)
);
comment on table webhook_store is 'where webhook.all_stores is false: the stores whose events it gets; events of no store it does not get then';
create index webhook_store_by_store on webhook_store (store_id);

create table webhook_lane (
    webhook_id      uuid        primary key references webhook (id) on delete cascade,
    organization_id uuid        not null references organization (id) on delete cascade,
    paused          boolean     not null,
    warm_until      timestamptz not null default '-infinity',
    next_due        timestamptz not null default 'infinity',
    held_until      timestamptz not null default '-infinity',
    failing_since   timestamptz,
    failures        integer     not null default 0
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
comment on table webhook_lane is 'one row for each webhook: claims go over lanes first, so that what is paused or idle costs nothing. Nothing here moves the webhook''s ETag';
comment on column webhook_lane.paused is 'true while the webhook is inactive, disabled or deleted: what waits, waits';
comment on column webhook_lane.next_due is 'no row of the queue is due before it, but for what was inserted by a transaction of more than five seconds, which the sweep finds; infinity where nothing is queued. Claims look at lanes where it has passed, and at no row before it';
comment on column webhook_lane.warm_until is 'the fan-out may rely on the lane being looked at until then, and does not touch it; it warms the lane up where less than two seconds are left';
comment on column webhook_lane.held_until is 'the receiver asked (Retry-After) not to be called before';
comment on column webhook_lane.failing_since is 'the first failure after the last success; null while it works';
comment on column webhook_lane.failures is 'in a row since then';
create index webhook_lane_due on webhook_lane (next_due) where not paused;
create index webhook_lane_organization on webhook_lane (organization_id);

create table webhook_queue (
    delivery_id     uuid        primary key,
    webhook_id      uuid        not null,
    organization_id uuid        not null,
    event_id        uuid        not null,
    at              timestamptz not null,
    due             timestamptz not null,
    claim           uuid,
    attempt         smallint    not null default 0,
    bytes           integer     not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, vacuum_truncate = off);
comment on table webhook_queue is 'what is still to be delivered, and nothing else: a row goes as soon as its fate is known. No foreign keys: what they would check costs more than the rest, and organizations and webhooks are deleted with their rows here by their jobs';
comment on column webhook_queue.at is 'event.at, which names the partition of event, delivery and attempt';
comment on column webhook_queue.due is 'when it is to be sent; of a claimed row, when the claim ends unless it is renewed: whoever comes then takes it over';
comment on column webhook_queue.claim is 'the claim that holds it: a failure counts only under it, a success always';
comment on column webhook_queue.attempt is 'how many attempts there were';
comment on column webhook_queue.bytes is 'of the event''s data: what is sent at once is bounded by memory, too';
create index webhook_queue_due on webhook_queue (webhook_id, due);

create table delivery (
    id              uuid        not null,
    at              timestamptz not null,
    organization_id uuid        not null,
    webhook_id      uuid        not null,
    event_id        uuid        not null,
    state           text        not null default 'pending' check (state in ('pending', 'delivered', 'exhausted', 'cancelled')),
    reason          text,
    attempts        smallint    not null default 0,
    status          smallint,
    error           text,
    attempted_at    timestamptz,
    finished_at     timestamptz,
    failed_at       timestamptz,
    primary key (id, at)
) partition by range (at);
comment on table delivery is 'one event to one webhook, and what became of it; in partitions of one UTC day, as event';
comment on column delivery.id is 'UUIDv7, the order of deliveries';
comment on column delivery.at is 'event.at';
comment on column delivery.reason is 'why it was given up: schedule (no attempts left), retention, webhook-deleted; null otherwise';
comment on column delivery.status is 'of the last attempt; null where there was no answer';
comment on column delivery.error is 'of the last attempt: the code that attempt.error has';
comment on column delivery.finished_at is 'when it was delivered, given up or cancelled';
comment on column delivery.failed_at is 'finished_at of what was given up or cancelled: apart, so that the common way, pending to delivered, changes no indexed column (HOT)';
create index delivery_by_webhook on delivery (webhook_id, id desc);
create index delivery_by_event on delivery (event_id);
create index delivery_failed on delivery (webhook_id, id desc) where failed_at is not null;

create table attempt (
    delivery_id uuid        not null,
    at          timestamptz not null,
    id          uuid        not null,
    started_at  timestamptz not null,
    took_ms     integer     not null check (took_ms >= 0),
    status      smallint,
    error       text,
    detail      text,
    dns_ms        real,
    connect_ms    real,
    tls_ms        real,
    first_byte_ms real,
    headers     json,
    body        text,
    truncated   boolean     not null default false,
    primary key (delivery_id, id, at)
) partition by range (at);
comment on table attempt is 'each time that a delivery was tried; in partitions of one UTC day, as event';
comment on column attempt.at is 'event.at';
comment on column attempt.status is 'of the answer; null where there was none';
comment on column attempt.error is 'what went wrong, as a code; null for an answer of 200 to 299';
comment on column attempt.headers is 'of the answer, a list of [name, value]; values of cookies are left out';
comment on column attempt.body is 'the first characters of the answer';

create table delivery_default partition of delivery default;
create table attempt_default partition of attempt default;

create table webhook_replay (
    id              uuid        primary key,
    organization_id uuid        not null references organization (id) on delete cascade,
    webhook_id      uuid        not null references webhook (id) on delete cascade,
    from_at         timestamptz not null,
    to_at           timestamptz not null,
    state           text        not null check (state in ('exhausted', 'delivered', 'all')),
    status          text        not null default 'running' check (status in ('running', 'done', 'cancelled')),
    position        uuid,
    replayed        bigint      not null default 0,
    created_at      timestamptz not null,
    finished_at     timestamptz
);
comment on table webhook_replay is 'deliveries of a span of time that are sent once more, batch by batch; what a killed replica leaves, another one goes on with';
comment on column webhook_replay.from_at is 'of event.at, inclusive; to_at exclusive';
comment on column webhook_replay.position is 'the last delivery that was put back into the queue; null before the first';
create index webhook_replay_running on webhook_replay (created_at) where status = 'running';
-- One that runs for each webhook, whoever asks for two at once.
create unique index webhook_replay_one on webhook_replay (webhook_id) where status = 'running';
create index webhook_replay_by_webhook on webhook_replay (webhook_id, id desc);
create index webhook_replay_organization on webhook_replay (organization_id);

alter table event add column trace text;
comment on column event.trace is 'W3C traceparent of the request that published it; its deliveries carry it';
alter table event_outbox add column bytes integer not null default 0;
comment on column event_outbox.bytes is 'of event.data, as text';
alter table event_outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
                              autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
                              autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, vacuum_truncate = off);
-- Organizations take turns, each with its oldest events first.
drop index event_outbox_by_organization;
create index event_outbox_by_organization on event_outbox (organization_id, event_id);
alter table event_identity set (fillfactor = 60);
-- The same as before, in a form that is a tenth of the work, at each insert and each update.
alter table event_identity drop constraint event_identity_public_id_check;
alter table event_identity add constraint event_identity_public_id_check
    check (length(public_id) between 1 and 100 and public_id !~ '[^A-Za-z0-9._:-]');
alter table event_identity add column deliveries integer;
comment on column event_identity.deliveries is 'how many webhooks it goes to; null until it was fanned out. With the outbox and the deliveries, by which a lost event would be found';

-- What happened before there were webhooks goes to none.
with gone as (delete from event_outbox returning event_id)
update event_identity i set deliveries = 0 from gone where i.event_id = gone.event_id;

-- The proof that no event is lost. One statement, hence one snapshot: what is fanned out, sent or put back while it runs is seen
-- before or after, never half. It reads every identity, delivery and row of the queue, so it takes seconds to minutes; it
-- keeps nobody from writing, and days are dropped when it is through. Days that are dropped, and organizations that are being deleted, are left out.
create function events_without_fate() returns table (organization_id uuid, event_id uuid, problem text)
language sql stable
as $$
    with live as (
        select o.id from organization o where o.deletion_requested_at is null
    ), counted as (
        select d.event_id, count(*) as deliveries from delivery d group by d.event_id
    ), pending as (
        select d.id, d.organization_id, d.event_id, d.state from delivery d where d.state = 'pending'
    )
    select i.organization_id, i.event_id, 'not-in-outbox'
      from event_identity i
      join live l on l.id = i.organization_id
     where i.deliveries is null and not exists (select from event_outbox x where x.event_id = i.event_id)
    union all
    select x.organization_id, x.event_id, 'in-outbox-in-vain'
      from event_outbox x
      join live l on l.id = x.organization_id
      left join event e on e.id = x.event_id and e.at = x.at
      left join event_identity i on i.event_id = x.event_id
     where e.id is null or i.event_id is null or i.deliveries is not null
    union all
    select i.organization_id, i.event_id, 'deliveries-missing'
      from event_identity i
      join live l on l.id = i.organization_id
      join event e on e.id = i.event_id and e.at = i.at
      left join counted c on c.event_id = i.event_id
     where i.deliveries <> coalesce(c.deliveries, 0)
    union all
    select p.organization_id, p.event_id, 'not-queued'
      from pending p
      join live l on l.id = p.organization_id
     where not exists (select from webhook_queue q where q.delivery_id = p.id)
    union all
    select q.organization_id, q.event_id, 'queued-in-vain'
      from webhook_queue q
      join live l on l.id = q.organization_id
     where not exists (select from pending p where p.id = q.delivery_id)
$$;

comment on function events_without_fate() is 'what is wrong: not-in-outbox (accepted, not fanned out, and nobody will), in-outbox-in-vain (no payload, or fanned out already), deliveries-missing (fanned out to another number of webhooks than there are deliveries), not-queued (pending, and nobody will send it), queued-in-vain (to be sent, and its fate is known); no rows where nothing is';
