-- What keys are used for: statistics, flushed in batches by every replica, apart from api_key so that a batch moves no ETag
-- and is told to no replica. Everything goes with its key.

create table key_usage (
    key_id  uuid        not null references api_key (id) on delete cascade,
    kind    text        not null check (kind in ('verdict', 'scope', 'method', 'store')),
    hour    timestamptz not null,
    name    text        not null,
    count   bigint      not null,
    last_at timestamptz,
    primary key (key_id, kind, hour, name)
) with (fillfactor = 80);
-- What is old enough to be added up by the day.
create index key_usage_by_hour on key_usage (hour);
comment on table key_usage is 'counts by the hour; a bounded number of names for each key, kind and hour, the rest as (other)';
comment on column key_usage.kind is 'what name is: verdict (a code of the REST contract), or of accepted requests scope, method (operation), store (id or key, as told)';
comment on column key_usage.hour is 'first instant of the hour, by the clock of the replica that judged';
comment on column key_usage.last_at is 'last request that is counted here; null for verdicts';

create table key_usage_day (
    key_id  uuid   not null references api_key (id) on delete cascade,
    kind    text   not null check (kind in ('verdict', 'scope', 'method', 'store')),
    day     date   not null,
    name    text   not null,
    count   bigint not null,
    last_at timestamptz,
    primary key (key_id, kind, day, name)
);
create index key_usage_day_by_day on key_usage_day (day);
comment on table key_usage_day is 'hours of key_usage that were moved here, added up by UTC day; a day may be in both tables while it is moved, and its count is the sum';

create table usage_flush (
    replica uuid primary key,
    batch   bigint      not null,
    at      timestamptz not null
);
comment on table usage_flush is 'the last batch of counts that each replica has written, in the transaction of the batch: one whose commit nobody answered for is neither lost nor counted twice';
comment on column usage_flush.replica is 'a process, new at each start';
comment on column usage_flush.batch is '1, 2, 3, …';

create table key_sample (
    key_id   uuid        not null references api_key (id) on delete cascade,
    accepted boolean     not null,
    at       timestamptz not null,
    id       bigint generated always as identity,
    code     text        not null,
    method   text,
    path     text,
    store    text,
    ip       text,
    primary key (key_id, accepted, at, id)
);
comment on table key_sample is 'examples of what was asked, the last 50 accepted and 50 refused of each key';
comment on column key_sample.path is 'without query, bounded, and without what may be a secret';

create table key_network (
    key_id    uuid        not null references api_key (id) on delete cascade,
    network   text        not null,
    last_seen timestamptz not null,
    primary key (key_id, network)
);
comment on table key_network is 'from where a key was accepted, the last 50 networks';
comment on column key_network.network is '/24 of IPv4, /48 of IPv6';
comment on column key_network.last_seen is 'at most an hour behind, so that not each request is an update';

create table key_finding (
    key_id  uuid        not null references api_key (id) on delete cascade,
    kind    text        not null check (kind in ('first-used', 'new-network', 'refused')),
    subject text        not null,
    at      timestamptz not null,
    ip      text,
    due_at  timestamptz not null,
    told_at timestamptz,
    primary key (key_id, kind, subject)
);
create index key_finding_told on key_finding (told_at) where kind <> 'first-used';
create index key_finding_due on key_finding (due_at) where told_at is null;
comment on table key_finding is 'what the activity log is told of a key''s use, each once: whoever inserts the row has found it, whoever sets told_at tells it, in the same transaction';
comment on column key_finding.subject is 'empty for first-used; the network; the hour whose refusals are summed up';
comment on column key_finding.at is 'when it happened; of refused, the first instant of the hour';
comment on column key_finding.due_at is 'not to be told before; an hour''s refusals are summed up when every replica has written its counts';
comment on column key_finding.told_at is 'null until the entry is written';

-- Keys that were used before this was noted are not used for the first time now.
insert into key_finding (key_id, kind, subject, at, due_at, told_at)
select m.key_id, 'first-used', '', min(u.last_used_at), now(), now()
  from key_last_use u join key_material m on m.id = u.material_id group by m.key_id;
