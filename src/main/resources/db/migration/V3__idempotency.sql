-- Writes that carried an Idempotency-Key, and their answers for the replay.

create table idempotency (
    id              uuid primary key,
    organization_id uuid references organization (id) on delete cascade,
    body_mac        bytea       not null check (octet_length(body_mac) = 32),
    object_id       uuid,
    answer          bytea,
    answer_dies_at  timestamptz,
    created_at      timestamptz not null,
    expires_at      timestamptz not null
);
-- What the purge looks for.
create index idempotency_by_expiry on idempotency (expires_at);
create index idempotency_by_death_of_answer on idempotency (answer_dies_at) where answer is not null and answer_dies_at is not null;
-- What the deletion of an organization looks for.
create index idempotency_by_organization on idempotency (organization_id);
comment on table idempotency is 'inserted in the transaction of the change, so that a change is carried out once whatever crashes; a refusal is inserted after its rollback, together with its answer. A change that runs holds the advisory lock of the first 8 bytes of id';
comment on column idempotency.id is 'first 16 bytes of HMAC-SHA-256(pepper, caller, organization, route, Idempotency-Key); the Idempotency-Key itself is nowhere';
comment on column idempotency.organization_id is 'null where the platform acts for no organization';
comment on column idempotency.body_mac is 'HMAC-SHA-256(pepper, id and body as it was received); a repeat with another body is refused';
comment on column idempotency.object_id is 'what was made or changed; null where nothing was, since the request was refused';
comment on column idempotency.answer is 'status, headers and body, sealed by a key derived from master key and Idempotency-Key; null until it was made, for good when it was lost, and again after answer_dies_at';
comment on column idempotency.answer_dies_at is 'database time from which on an answer that carries a secret is not replayed; null: as long as the row';
comment on column idempotency.created_at is 'database time at which the transaction of the change began; an answer that is missing some seconds later (latchkey.idempotency.answer-patience) is lost';
comment on column idempotency.expires_at is 'database time from which on the row counts as absent';
