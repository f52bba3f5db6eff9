-- Connecting: whom someone has sent to a provider to agree, and whose account a credential is connected to.

create table oauth_authorization (
    id              uuid primary key,
    hash            bytea       not null unique check (octet_length(hash) = 32),
    organization_id uuid        not null references organization (id) on delete cascade,
    credential_id   uuid        not null references credential (id) on delete cascade,
    actor_type      text        not null check (actor_type in ('person', 'key')),
    actor_id        text        not null,
    actor_name      text        not null,
    in_browser      boolean     not null,
    client          bytea       not null check (octet_length(client) = 32),
    issuer          text,
    demands_issuer  boolean     not null,
    redirect_uri    text        not null,
    scopes          text[]      not null,
    verifier        bytea,
    return_to       text,
    begun_at        timestamptz not null,
    expires_at      timestamptz not null
);
create index oauth_authorization_by_organization on oauth_authorization (organization_id);
create index oauth_authorization_by_credential on oauth_authorization (credential_id, begun_at);
-- What a new one removes.
create index oauth_authorization_by_expiry on oauth_authorization (expires_at);
comment on table oauth_authorization is 'people who were sent to a provider to agree and are not back yet. Who comes back deletes the row, before the provider is asked for tokens, so that of several at a time one goes on, and nobody a second time';
comment on column oauth_authorization.hash is 'HMAC-SHA-256(pepper, purpose, state); the state itself is nowhere, and a row that is inserted by hand lets nobody in';
comment on column oauth_authorization.actor_id is 'who began it: a token''s subject, or a key''s id';
comment on column oauth_authorization.in_browser is 'whether it was begun by the panel''s own page, whose browser was given a cookie that it has to bring back';
comment on column oauth_authorization.client is 'HMAC-SHA-256(pepper, purpose, client id, authorize and token URL): who edits those meanwhile does not get a code that was meant for others';
comment on column oauth_authorization.issuer is 'RFC 9207: who has to have sent the person back; null: not known';
comment on column oauth_authorization.demands_issuer is 'whether that provider says of itself each time, as its metadata tells';
comment on column oauth_authorization.redirect_uri is 'as it was sent there; it is presented with the code again';
comment on column oauth_authorization.scopes is 'what was asked for';
comment on column oauth_authorization.verifier is 'RFC 7636, sealed with the data key of the organization; null: this provider knows no PKCE';
comment on column oauth_authorization.return_to is 'where the page leads the person back to; looked at when it was said';
comment on column oauth_authorization.expires_at is 'database time from which on it is worth nothing';

create table credential_connection (
    credential_id   uuid primary key references credential (id) on delete cascade,
    organization_id uuid        not null references organization (id) on delete cascade,
    account         text,
    account_from    text,
    scopes          text[]      not null,
    parameters      jsonb       not null,
    ends_grants_at  text,
    connected_by    text        not null,
    connected_at    timestamptz not null
);
create index credential_connection_by_organization on credential_connection (organization_id);
comment on table credential_connection is 'whose account a credential was connected to, so that nobody connects another one in its place by accident';
comment on column credential_connection.account is 'what the provider calls the account; null: it does not tell';
comment on column credential_connection.account_from is 'which answer has told it: callback, token, test, id-token, access-token. Of two that were told by different ones nobody knows whether they are the same';
comment on column credential_connection.scopes is 'what was granted, as told, or as asked for where nothing was told';
comment on column credential_connection.parameters is 'what the redirect brought along and is kept, such as realmId; none is a secret';
comment on column credential_connection.ends_grants_at is 'the revocation URL that has ended a new pair together with an old one that was given back: there, no old pair of the organization is given back any more';
