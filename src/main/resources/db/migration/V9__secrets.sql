-- Secrets of key + secret pairs, and sealed copies of keys that people may be shown again.

-- A row of key_material is a pair from now on: a token and, where its key has one, the secret that goes with it.
alter table key_material
    alter column digest drop not null,
    add column secret_digest bytea check (octet_length(secret_digest) = 32),
    add column secret_pepper_id text,
    add constraint key_material_secret_complete check ((secret_digest is null) = (secret_pepper_id is null)),
    add constraint key_material_token check (digest is not null or state <> 'current' and secret_digest is not null);
comment on column key_material.digest is 'HMAC-SHA-256(pepper, SHA-256(token)); the token itself is nowhere. Null: the token is that of the current pair, which has another secret';
comment on column key_material.secret_digest is 'HMAC-SHA-256(pepper, purpose, id of the key, SHA-256(secret)): of another key it fits nothing; null: the key has no secret';
comment on column key_material.secret_pepper_id is 'which pepper of LATCHKEY_PEPPER made the digest of the secret';
comment on column key_material.start is 'first characters of the token, for recognition by people; of the secret nothing is kept';

create table data_key (
    organization_id uuid        primary key references organization (id) on delete cascade,
    id              uuid        not null unique,
    wrapped         bytea       not null,
    created_at      timestamptz not null default now()
);
comment on table data_key is 'what the secrets of an organization are sealed with; made when first needed, in a transaction of its own, so that nothing is ever sealed with a key that a rollback took away';
comment on column data_key.id is 'stands in every value that it has sealed';
comment on column data_key.wrapped is '32 bytes, sealed with a master key; a rotation of master keys seals these anew, and nothing else';

create table key_copy (
    key_id          uuid   primary key references api_key (id) on delete cascade,
    organization_id uuid   not null references organization (id) on delete cascade,
    sealed_key      bytea  not null,
    key_version     bigint not null default 1,
    sealed_secret   bytea,
    secret_version  bigint not null default 1
);
-- What is destroyed when an organization wants no copies any more.
create index key_copy_by_organization on key_copy (organization_id);
comment on table key_copy is 'current key and secret of each recoverable key, sealed with the data key of its organization; a key without a row is not recoverable, and never becomes it again. Apart from api_key, so that nothing that lists keys reads it';
comment on column key_copy.key_version is 'raised by each new token, and sealed in: an older copy that is put back does not open';
comment on column key_copy.secret_version is 'the same, of the secret';

-- Copies end in the transaction that takes away their reason, whoever makes the change.
create function destroy_copies_of_organization() returns trigger language plpgsql as $$
begin
    delete from key_copy where organization_id = new.id;
    return null;
end $$;

create function destroy_copy_of_key() returns trigger language plpgsql as $$
begin
    delete from key_copy where key_id = new.id;
    return null;
end $$;

create trigger organization_wants_no_copies after update on organization for each row
    when (old.recoverable_keys and not new.recoverable_keys) execute function destroy_copies_of_organization();
create trigger api_key_is_revoked after update on api_key for each row
    when (old.revoked_at is null and new.revoked_at is not null) execute function destroy_copy_of_key();
