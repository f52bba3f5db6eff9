-- What may use which credential: integrations, which bind API keys to credentials; and what keys did with them.

create table integration (
    id              uuid primary key,
    organization_id uuid        not null references organization (id) on delete cascade,
    name            text        not null,
    kind            text,
    active          boolean     not null,
    version         bigint      not null default 0,
    created_at      timestamptz not null,
    updated_at      timestamptz not null
);
create index integration_by_organization on integration (organization_id, id desc);
comment on table integration is 'each of its keys may use each of its credentials, while it is active. Read by each lease and each proxied request, and remembered by no replica: what is unbound is unbound everywhere and at once';
comment on column integration.kind is 'what it connects to, in its maker''s words; nothing depends on it';
comment on column integration.version is 'raised by every change, also by a key that goes; the ETag of the integration';

create table integration_key (
    integration_id uuid not null references integration (id) on delete cascade,
    key_id         uuid not null references api_key (id) on delete cascade,
    primary key (integration_id, key_id)
);
create index integration_key_by_key on integration_key (key_id, integration_id);

create table integration_credential (
    integration_id uuid not null references integration (id) on delete cascade,
    credential_id  uuid not null references credential (id) on delete restrict,
    primary key (integration_id, credential_id)
);
comment on table integration_credential is 'restrict: a credential that an integration names cannot be deleted, whoever races; a key can, since it has to be possible to end one at once';
-- Also where a lease and a proxied request begin.
create index integration_credential_by_credential on integration_credential (credential_id, integration_id);

-- A key that is deleted leaves the integrations that name it, which then are others than their ETags say. Only what goes by a
-- cascade (inside another trigger): an edit raises the version itself.
create function note_unbound() returns trigger language plpgsql as $$
begin
    update integration set version = version + 1, updated_at = now() where id in (select integration_id from gone);
    return null;
end $$;
create trigger integration_key_gone after delete on integration_key referencing old table as gone
    for each statement when (pg_trigger_depth() > 0) execute function note_unbound();

create table proxy_use (
    key_id          uuid        not null references api_key (id) on delete cascade,
    credential_id   uuid        not null references credential (id) on delete cascade,
    hour            timestamptz not null,
    organization_id uuid        not null references organization (id) on delete cascade,
    requests        bigint      not null default 0,
    failed          bigint      not null default 0,
    told_at         timestamptz,
    primary key (key_id, credential_id, hour)
) with (fillfactor = 80);
create index proxy_use_by_credential on proxy_use (credential_id);
-- What the job that tells of ended hours looks for, and the one that forgets told ones.
create index proxy_use_untold on proxy_use (hour) where told_at is null;
create index proxy_use_told on proxy_use (told_at);
comment on table proxy_use is 'what each key asked of each credential through the proxy. The row of an hour is inserted before its first request is sent on, in the transaction that writes this into the activity log; what follows is counted in memory and added every few seconds, and the log is told the sums when the hour has ended';
comment on column proxy_use.hour is 'first instant of the hour, by the clock of the replica that inserted it';
comment on column proxy_use.organization_id is 'of both';
comment on column proxy_use.failed is 'of the requests, those to which the provider gave no answer, or one of 400 and more';
comment on column proxy_use.told_at is 'when the sums were written into the activity log: whoever sets it writes them, in the same transaction';
