-- The catalogue of the installation, where the platform has brought its own document.

create table catalog (
    one        boolean primary key default true check (one),
    version    bigint      not null,
    content    text,
    changed_at timestamptz not null,
    changed_by text        not null
);
comment on table catalog is 'one row: what verdicts depend on besides keys, hence told to replicas like those; nothing of it belongs to an organization';
comment on column catalog.version is 'raised by every change; the ETag of the catalogue';
comment on column catalog.content is 'groups, scopes and methods as they were read from the document (dev.latchkey.catalog.CatalogText), so that all replicas, of whatever version, hold the same; null: those built in. This service''s own are not in it';
comment on column catalog.changed_at is 'of the last change, in database time';
comment on column catalog.changed_by is 'subject of the token of whoever made the last change';

insert into catalog (version, changed_at, changed_by) values (0, now(), 'installation');

create function tell_of_catalog() returns trigger language plpgsql as $$
begin
    perform pg_notify('latchkey', 'catalog');
    return null;
end $$;

create trigger catalog_changed after insert or update or delete or truncate on catalog
    for each statement execute function tell_of_catalog();
