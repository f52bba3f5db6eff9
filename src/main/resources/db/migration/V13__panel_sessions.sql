-- How people come into the panel, and that they are in it.

create table panel_link (
    id              uuid primary key,
    hash            bytea       not null unique check (octet_length(hash) = 32),
    organization_id uuid        not null references organization (id) on delete cascade,
    subject         text        not null check (length(subject) <= 255),
    name            text        not null,
    roles           text[]      not null check (cardinality(roles) > 0),
    store_id        uuid,
    locale          text check (locale in ('en', 'es')),
    issued_by       text        not null,
    expires_at      timestamptz not null
);
create index panel_link_by_organization on panel_link (organization_id);
-- What the purge looks for.
create index panel_link_by_expiry on panel_link (expires_at);
comment on table panel_link is 'links by which someone may sign in, once: whoever signs in deletes the row, in the transaction that makes the session of the same id, so that of several at a time one succeeds';
comment on column panel_link.hash is 'HMAC-SHA-256(pepper, purpose, token); the token itself is nowhere, and a row that is inserted by hand opens nothing';
comment on column panel_link.subject is 'who will have signed in: what a token of the identity provider calls sub';
comment on column panel_link.roles is 'what the session will be allowed to do: owner, admin, developer, viewer, platform';
comment on column panel_link.store_id is 'where the panel opens; restricts nothing, hence no foreign key: of a store that is gone nothing is told';
comment on column panel_link.issued_by is 'name of whoever issued it, for the activity log';
comment on column panel_link.expires_at is 'database time from which on it opens nothing';

create table panel_session (
    id              uuid primary key,
    hash            bytea       not null unique check (octet_length(hash) = 32),
    organization_id uuid        not null references organization (id) on delete cascade,
    subject         text        not null check (length(subject) <= 255),
    name            text        not null,
    home            text,
    roles           text[]      not null check (cardinality(roles) > 0),
    store_id        uuid,
    locale          text check (locale in ('en', 'es')),
    version         bigint      not null default 0,
    created_at      timestamptz not null,
    last_seen_at    timestamptz not null,
    expires_at      timestamptz not null
) with (fillfactor = 80);
create index panel_session_by_organization on panel_session (organization_id);
-- What the purge looks for.
create index panel_session_by_expiry on panel_session (expires_at);
comment on table panel_session is 'people who are signed in to the panel. Read by each of their requests and remembered by no replica, so that a row which is gone is a session which is over, everywhere and at once';
comment on column panel_session.hash is 'HMAC-SHA-256(pepper, purpose, token of the cookie); the token itself is nowhere, and a row that is inserted by hand admits nobody';
comment on column panel_session.home is 'key of the organization that is the person''s own, which his token named; null: none. Not that of the session where the platform signed in for another one';
comment on column panel_session.roles is 'as of the sign-in';
comment on column panel_session.store_id is 'where the panel opened; restricts nothing';
comment on column panel_session.locale is 'that the person chose; null: that of the browser';
comment on column panel_session.version is 'raised by every change that the person makes; the ETag of the session';
comment on column panel_session.last_seen_at is 'database time of the last request, up to a minute behind, so that not each one writes; a session that was not seen for long enough (latchkey.panel.idle) is over. In no index: each change stays on its page';
comment on column panel_session.expires_at is 'database time at which the session ends whatever is done in it';
