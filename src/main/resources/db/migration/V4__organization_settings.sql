-- What an organization can set, and how it ends.

alter table organization
    add column recoverable_keys     boolean     not null default true,
    add column key_max_age_days     integer     not null default 90
        constraint organization_key_max_age check (key_max_age_days between 1 and 3650),
    add column notification_emails  text[]      not null default '{}',
    add column notify_by_email      text[],
    add column version              bigint      not null default 0,
    add column updated_at           timestamptz not null default now(),
    add column deletion_requested_at timestamptz,
    add column deleted_rows         bigint      not null default 0;
comment on column organization.recoverable_keys is 'whether keys may be made so that people can be shown them again';
comment on column organization.key_max_age_days is 'days; the review of keys names older ones, nothing refuses them';
comment on column organization.notification_emails is 'who is told by e-mail; one mail for each address';
comment on column organization.notify_by_email is 'kinds of notifications that are also mailed; null: those that are by default, also of later versions';
comment on column organization.version is 'raised by every change; the ETag of the organization';
comment on column organization.deletion_requested_at is 'not null: it is being deleted, and seen by the platform alone; from some seconds later on, any replica may delete its rows in batches, holding this row locked for each';
comment on column organization.deleted_rows is 'rows that the deletion has counted so far: those of tables that reference this one; what goes with them is not counted';

-- The deletion looks for work every few seconds; there is hardly ever any.
create index organization_to_delete on organization (deletion_requested_at) where deletion_requested_at is not null;
