-- What people are told: in the panel, each with a read state of their own, and by e-mail.

create table notification (
    id              uuid primary key,
    organization_id uuid        not null references organization (id) on delete cascade,
    kind            text        not null,
    episode         text        not null,
    target_type     text        not null,
    target_id       uuid        not null,
    target_name     text        not null,
    parameters      jsonb       not null,
    at              timestamptz not null,
    resolved_at     timestamptz
);
create index notification_by_organization on notification (organization_id, id desc);
create unique index notification_open on notification (organization_id, kind, episode) where resolved_at is null;
comment on table notification is 'told once for an episode: while one stands open, telling it again changes nothing';
comment on column notification.kind is 'of NoticeKind; rows of kinds that a version does not know are passed over by it';
comment on column notification.episode is 'names what went wrong and has not recovered yet, such as the id of a credential';
comment on column notification.parameters is 'what the texts name, as text by name; never a secret';
comment on column notification.resolved_at is 'when the episode ended; null while it stands; told once and for all: the same as at';

create table notification_read (
    notification_id uuid        not null references notification (id) on delete cascade,
    person          text        not null check (length(person) <= 255),
    organization_id uuid        not null references organization (id) on delete cascade,
    read_at         timestamptz not null,
    primary key (notification_id, person)
);
create index notification_read_by_organization on notification_read (organization_id);
comment on table notification_read is 'a row for each that a person has read, also for those marked all at once: a mark by id would swallow one whose transaction commits later with an earlier id';
comment on column notification_read.person is 'subject of the token';

create table notification_mail (
    notification_id uuid        not null references notification (id) on delete cascade,
    address         text        not null,
    organization_id uuid        not null references organization (id) on delete cascade,
    attempts        integer     not null default 0,
    due_at          timestamptz not null,
    created_at      timestamptz not null,
    primary key (notification_id, address)
);
create index notification_mail_due on notification_mail (due_at);
create index notification_mail_by_organization on notification_mail (organization_id);
comment on table notification_mail is 'outbox: mails to send, written with the notification, deleted when sent or given up';
comment on column notification_mail.attempts is 'raised by each claim; whoever reports an outcome names the attempt, so that one whose lease ran out changes nothing';
comment on column notification_mail.due_at is 'when the next attempt may begin; a claim moves it to the end of its lease';
