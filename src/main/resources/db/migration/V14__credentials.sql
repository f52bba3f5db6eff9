-- Third-party credentials: what people say of them, their sealed secrets, how they are, and when they were used.

create table credential (
    id               uuid primary key,
    organization_id  uuid        not null references organization (id) on delete cascade,
    store_id         uuid        references store (id) on delete restrict,
    name             text        not null,
    provider         text,
    variables        jsonb       not null,
    base_url         text,
    type             text        not null check (type in ('api_key', 'bearer', 'basic', 'custom_headers', 'oauth2')),
    data             jsonb       not null,
    test             jsonb,
    sealed           jsonb       not null,
    material_version bigint      not null default 1,
    created_by_type  text        not null check (created_by_type in ('person', 'key')),
    created_by_id    text        not null,
    created_by_name  text        not null,
    version          bigint      not null default 0,
    created_at       timestamptz not null,
    updated_at       timestamptz not null
);
create index credential_by_organization on credential (organization_id, id desc);
create index credential_by_store on credential (store_id) where store_id is not null;
comment on table credential is 'how to sign in to a service of others; what must stay secret of it stands in credential_secret and nowhere else';
comment on column credential.store_id is 'the store that it is for; null: for all. Restrict: a store that credentials name cannot be deleted, whoever races';
comment on column credential.provider is 'key of an entry of the catalogue of providers, which may have gone since; null: a service that it does not know';
comment on column credential.variables is 'what fills the templates of the provider; none is a secret, since addresses get into logs';
comment on column credential.data is 'the fields of its type that may be shown';
comment on column credential.sealed is 'the fields that may not: {"password": 3}, by name the material_version under which each was set. Written with credential_secret in one transaction; exactly these are opened, with exactly these versions';
comment on column credential.test is 'its own test: method, url, expectStatus, bodyContains; null: that of the provider';
comment on column credential.material_version is 'raised by every change of what a test would send: a result that was begun under another is worth nothing, and a secret carries in its seal the one it was set under (sealed), so that an older one does not open in its place unless the row of the credential is set back, too';
comment on column credential.version is 'raised by every edit; the ETag of the credential. Tests and renewals do not move it';

create table credential_secret (
    credential_id   uuid        not null references credential (id) on delete cascade,
    field           text        not null,
    organization_id uuid        not null references organization (id) on delete cascade,
    sealed          bytea       not null,
    updated_at      timestamptz not null,
    primary key (credential_id, field)
);
create index credential_secret_by_organization on credential_secret (organization_id);
comment on table credential_secret is 'each secret field of a credential, sealed with the data key of its organization';
comment on column credential_secret.field is 'as in the request: password, headers.X-Token; sealed in';
comment on column credential_secret.sealed is 'bound to organization, credential, field and the version that credential.sealed names';

create table credential_state (
    credential_id   uuid primary key references credential (id) on delete cascade,
    organization_id uuid        not null references organization (id) on delete cascade,
    status          text        not null check (status in ('green', 'yellow', 'red', 'unknown')),
    reason          text        not null check (reason in ('valid', 'expiring', 'limited', 'invalid', 'unreachable',
                    'provider-error', 'tls', 'timeout', 'rate-limited', 'blocked-address', 'misconfigured', 'not-connected',
                    'reauthorization-required', 'not-verifiable')),
    http_status     integer,
    duration_ms     bigint,
    checked_at      timestamptz,
    begun_at        timestamptz,
    silent          integer     not null default 0,
    refused         integer     not null default 0,
    expires_at      timestamptz,
    ends_at         timestamptz,
    last_renewed_at timestamptz,
    host            text        not null,
    due_at          timestamptz
) with (fillfactor = 70);
create index credential_state_by_organization on credential_state (organization_id);
-- What the job looks for: which hosts have something due, and what of one host is due first.
create index credential_state_due on credential_state (due_at, host) where due_at is not null;
create index credential_state_due_of_host on credential_state (host, due_at) where due_at is not null;
comment on table credential_state is 'how a credential is: what becomes of it without being edited. Apart from credential, so that a test moves no ETag and rewrites no wide row';
comment on column credential_state.reason is 'as in the API: valid, limited, invalid, unreachable, …';
comment on column credential_state.begun_at is 'when the test was begun that was written down last, by the clock of its replica: one that was begun before it, and comes later, is dropped';
comment on column credential_state.silent is 'how many tests in a row have said nothing of it, since nobody answered or was busy: the next one follows soon, and a red of that kind is believed at the second';
comment on column credential_state.refused is 'how many tests in a row its provider has refused: each next one follows later';
comment on column credential_state.expires_at is 'when what it presents ends, where that is known';
comment on column credential_state.ends_at is 'the same, where nothing renews it';
comment on column credential_state.host is 'host and port that its test asks first; empty: it asks nobody';
comment on column credential_state.due_at is 'when it is to be tested next, by the database''s clock; whoever tests it claims it by moving this ahead. Null: not by itself';

create table tested_host (
    host    text primary key,
    free_at timestamptz not null
);
comment on table tested_host is 'hosts that credentials are tested at, whosever they are: each replica takes one before it asks there, so that all of them together stay at a polite rate';
comment on column tested_host.free_at is 'when it may be asked next, by the database''s clock';

create table credential_last_use (
    credential_id uuid primary key references credential (id) on delete cascade,
    last_used_at  timestamptz not null
);
comment on table credential_last_use is 'statistics, flushed in batches: time only moves forward';

alter table organization add column credential_test_seconds integer check (credential_test_seconds > 0);
comment on column organization.credential_test_seconds is 'how often its credentials are tested, seconds; null: as the operator says';

-- A shorter interval holds from now on, not from the next test on that the longer one had planned.
create function plan_credential_tests() returns trigger language plpgsql as $$
begin
    update credential_state
       set due_at = least(due_at, now() + new.credential_test_seconds * (0.9 + 0.2 * random()) * interval '1 second')
     where organization_id = new.id and due_at is not null;
    return null;
end $$;
create trigger organization_tests_credentials after update on organization for each row
    when (new.credential_test_seconds is not null and old.credential_test_seconds is distinct from new.credential_test_seconds)
    execute function plan_credential_tests();
