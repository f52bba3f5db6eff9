-- Organizations, their stores, and API keys. Nothing here joins across organizations.
-- Ids are UUIDv7 made by the application: their order is the order of creation, which lists and cursors rely on.

create table organization (
    id                     uuid primary key,
    key                    text        not null unique,
    name                   text        not null,
    active                 boolean     not null default true,
    locale                 text        not null default 'en' check (locale in ('en', 'es')),
    key_prefix             text        not null default 'lk' check (key_prefix ~ '^[a-z][a-z0-9_]{0,15}$'),
    default_limit          integer     not null default 100 check (default_limit > 0),
    default_window_seconds integer     not null default 900 check (default_window_seconds > 0),
    require_store          boolean     not null default false,
    unknown_operations     text        not null default 'forbid' check (unknown_operations in ('forbid', 'allow')),
    created_at             timestamptz not null default now()
);
comment on column organization.key is 'the "org" claim of its people''s tokens';
comment on column organization.active is 'false: suspended, every key of it is judged INACTIVE';
comment on column organization.default_window_seconds is 'seconds; windows are aligned to the Unix epoch';
comment on column organization.unknown_operations is 'what becomes of operations that the catalogue does not know: forbid or allow';

create table store (
    id              uuid primary key,
    organization_id uuid        not null references organization (id) on delete cascade,
    key             text        not null,
    name            text        not null,
    url             text,
    platform        text,
    version         bigint      not null default 0,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    constraint store_key_unique unique (organization_id, key)
);
create index store_by_organization on store (organization_id, id desc);
comment on column store.version is 'raised by every change; the ETag of the store';

create table api_key (
    id                  uuid primary key,
    organization_id     uuid        not null references organization (id) on delete cascade,
    name                text        not null,
    description         text,
    active              boolean     not null,
    environment         text        not null check (environment in ('live', 'test')),
    scopes              text[]      not null,
    all_stores          boolean     not null,
    expires_at          timestamptz,
    limit_source        text        not null check (limit_source in ('organization', 'key', 'unlimited')),
    rate_limit          integer check (rate_limit > 0),
    rate_window_seconds integer check (rate_window_seconds > 0),
    ip_allow_list       text[]      not null,
    metadata            jsonb       not null,
    revoked_at          timestamptz,
    revoked_reason      text,
    created_by_type     text        not null check (created_by_type in ('person', 'key')),
    created_by_id       text        not null,
    created_by_name     text        not null,
    version             bigint      not null default 0,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    constraint api_key_limit_complete check ((limit_source = 'key') = (rate_limit is not null and rate_window_seconds is not null))
);
create index api_key_by_organization on api_key (organization_id, id desc);
comment on column api_key.all_stores is 'true: every store of the organization; false: those in api_key_store';
comment on column api_key.limit_source is 'organization: its default as it stands now; key: rate_limit in rate_window_seconds; unlimited';
comment on column api_key.rate_window_seconds is 'seconds; windows are aligned to the Unix epoch';
comment on column api_key.ip_allow_list is 'canonical CIDRs; empty: from anywhere';
comment on column api_key.revoked_at is 'final: a revoked key never verifies again';
comment on column api_key.version is 'raised by every change of the key or its material; the ETag of the key';

create table api_key_store (
    key_id   uuid not null references api_key (id) on delete cascade,
    store_id uuid not null references store (id) on delete restrict,
    primary key (key_id, store_id)
);
create index api_key_store_by_store on api_key_store (store_id);
comment on table api_key_store is 'stores that a key names; restrict: a store that keys name cannot be deleted, whoever races';

create table key_material (
    id         uuid primary key,
    key_id     uuid        not null references api_key (id) on delete cascade,
    digest     bytea       not null unique check (octet_length(digest) = 32),
    pepper_id  text        not null,
    start      text        not null,
    state      text        not null check (state in ('current', 'previous', 'replaced')),
    dies_at    timestamptz,
    created_at timestamptz not null,
    constraint key_material_death check ((state = 'current') = (dies_at is null))
);
create unique index key_material_current on key_material (key_id) where state = 'current';
create unique index key_material_previous on key_material (key_id) where state = 'previous';
create index key_material_by_key on key_material (key_id);
comment on column key_material.digest is 'HMAC-SHA-256(pepper, SHA-256(token)); the token itself is nowhere';
comment on column key_material.pepper_id is 'which pepper of LATCHKEY_PEPPER made the digest';
comment on column key_material.start is 'first characters of the token, for recognition by people';
comment on column key_material.state is 'current; previous: the one predecessor in its grace period; replaced: dead, kept so that its use can be recognised';
comment on column key_material.dies_at is 'from this instant on the material is refused; null while current';

create table key_last_use (
    material_id  uuid primary key references key_material (id) on delete cascade,
    last_used_at timestamptz not null,
    last_used_ip text
);
comment on table key_last_use is 'statistics, flushed in batches, apart from api_key so that a batch never moves a key''s ETag; by material, so that one sees whether a predecessor is still in use; time only moves forward';

create table crypto_canary (
    purpose    text        not null check (purpose in ('master', 'pepper')),
    key_id     text        not null,
    proof      bytea       not null,
    created_at timestamptz not null default now(),
    primary key (purpose, key_id)
);
comment on table crypto_canary is 'one row for each master key and pepper that this database has been used with, so that a start with another key of the same name, or without it, is refused';
comment on column crypto_canary.proof is 'master: a sealed constant; pepper: the HMAC of a constant';
