-- All attempts of a delivery have the same body, whatever becomes of the store meanwhile.

-- The lock takes no time to use, and may take long to get, where a dump or a report reads the table. Whoever publishes would
-- wait behind who waits for it: so nobody waits for longer than a tenth of a second, and tries again for minutes.
do $$
begin
    for attempt in 1 .. 600 loop
        begin
            set local lock_timeout = '100ms';
            alter table event add column store_key text;
            exit;
        exception when lock_not_available then
            if attempt = 600 then
                raise;
            end if;
            perform pg_sleep(0.5);
        end;
    end loop;
end
$$;
comment on column event.store_key is 'the store''s key when it was published, as receivers are told it; null: of no store, or published before this was kept, where it is the store''s key as it is now';
