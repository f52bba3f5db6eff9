-- Renewal of OAuth 2 tokens: which pair stands, when its successor is asked for, and who is asking.

alter table credential add column pair_version bigint not null default 1;
comment on column credential.pair_version is 'raised whenever the access or refresh token of it becomes another one, whoever writes that. What was asked for with one pair is written only where that pair still stands';

-- By the versions that credential.sealed names, which no change of a token leaves as they were.
create function raise_pair_version() returns trigger language plpgsql as $$
begin
    new.pair_version := old.pair_version + 1;
    return new;
end $$;
create trigger credential_pair before update on credential for each row
    when (old.sealed -> 'accessToken' is distinct from new.sealed -> 'accessToken'
          or old.sealed -> 'refreshToken' is distinct from new.sealed -> 'refreshToken')
    execute function raise_pair_version();

alter table credential_state add column renewal text check (renewal in ('failing', 'ended'));
comment on column credential_state.renewal is 'failing: the last try to renew it gave no pair, and it is tried again; ended: somebody has to authorize it anew; null: neither. A test that passes does not make it green as long as this stands';

-- Those that have trouble, of which few do.
create index credential_state_renewal on credential_state (credential_id) where renewal is not null;

-- What ends although it is renewed, or because nothing renews it.
create index credential_state_ends on credential_state (ends_at) where ends_at is not null;

create table credential_renewal (
    credential_id   uuid             primary key references credential (id) on delete cascade,
    organization_id uuid             not null references organization (id) on delete cascade,
    host            text             not null,
    app             text             not null,
    jitter          double precision not null default random(),
    issued_at       timestamptz      not null,
    refresh_ends_at timestamptz,
    scopes          text,
    due_at          timestamptz,
    lease_until     timestamptz,
    fence           bigint           not null default 0,
    attempt         integer          not null default 0,
    presented       integer          not null default 0,
    error           text,
    http_status     integer,
    failing_since   timestamptz,
    told            text             check (told in ('failed', 'ended')),
    by_app          boolean          not null default false
) with (fillfactor = 70);
create index credential_renewal_due on credential_renewal (due_at) where due_at is not null;
create index credential_renewal_by_organization on credential_renewal (organization_id);
comment on table credential_renewal is 'one row for each OAuth 2 credential that something renews. Its times are the database''s. Apart from credential, since it changes with each claim';
comment on column credential_renewal.host is 'host and port of its token endpoint, what has a circuit and a bound of how much is under way; behind the organization where the address is of its own choosing, so that nobody ends the patience with a host that others renew at. Empty where nothing renews it';
comment on column credential_renewal.app is 'a tag of that host, the client id and its secret: what has one fault together when the client is refused';
comment on column credential_renewal.jitter is 'its own share, 0 to 1, of the span by which a renewal may be earlier';
comment on column credential_renewal.issued_at is 'when the pair that stands was given';
comment on column credential_renewal.refresh_ends_at is 'when its refresh token ends; null: it does not, or nobody knows';
comment on column credential_renewal.scopes is 'what the provider says that it has granted, between blanks; null: it never said';
comment on column credential_renewal.due_at is 'when it is asked for next; null: not by itself';
comment on column credential_renewal.lease_until is 'until when it is one replica''s alone; null: nobody''s';
comment on column credential_renewal.fence is 'raised by each claim: who holds an older one may neither claim nor write a failure. A pair that was given is written whatever the fence, where credential.pair_version is the one that it was asked for with';
comment on column credential_renewal.attempt is 'how many claims in a row have given no pair';
comment on column credential_renewal.presented is 'how often the refresh token that stands may have been presented without an answer that is known: raised before it is sent, taken back when an answer shows that it was not spent. At 2 it is presented no more. Not counted where being presented spends nothing';
comment on column credential_renewal.error is 'what the last try has come to, a word: invalid_grant, timeout, …';
comment on column credential_renewal.failing_since is 'since when no try has given a pair; null: the last one has';
comment on column credential_renewal.by_app is 'whether the last try failed because its app was refused; says nothing where none has failed since the last pair';
comment on column credential_renewal.told is 'what people were told since it last worked; null: nothing';

create table renewal_app (
    organization_id uuid        not null references organization (id) on delete cascade,
    app             text        not null,
    failures        integer     not null,
    retry_at        timestamptz not null,
    told            boolean     not null,
    primary key (organization_id, app)
);
comment on table renewal_app is 'OAuth apps that their provider does not accept (failures above 0): nothing of theirs is renewed before retry_at, and then one as a trial; or that have asked too often (0), and wait until then. A row goes when no credential that was stopped by it is left';
comment on column renewal_app.told is 'whether people were told that it is refused';

create table token_host (
    host       text        primary key,
    failures   integer     not null,
    open_until timestamptz not null,
    failed_at  timestamptz not null
);
comment on table token_host is 'token endpoints that have failed, whosever credentials were renewed there: the circuit of each. A row goes when one answers';
comment on column token_host.failures is 'in a row, without those that came while the circuit was open';
comment on column token_host.open_until is 'nobody asks before; then one does, as a trial';
