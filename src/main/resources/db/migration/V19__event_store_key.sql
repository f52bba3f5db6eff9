-- All attempts of a delivery have the same body, whatever becomes of the store meanwhile.

alter table event add column store_key text;
comment on column event.store_key is 'the store''s key when it was published, as receivers are told it; null: of no store, or published before this was kept, where it is the store''s key as it is now';
