-- The API methods that keys are limited to, and indexes by which lists of keys are narrowed.

alter table api_key
    add column methods text[] constraint api_key_methods_not_empty check (cardinality(methods) > 0),
    add column start   text not null default '';
comment on column api_key.methods is 'patterns METHOD /path of which one has to fit; null: all that the scopes cover';
comment on column api_key.start is 'that of the current material, kept here as well for api_key_search; what people are shown comes from key_material';

update api_key k set start = m.start from key_material m where m.key_id = k.id and m.state = 'current';

-- What a key is found by, as numbers: its organization and its scopes, by their hashes, and each three bytes that follow one
-- another in a text. Bytes of UTF-8, not characters: what holds a text holds its bytes, too, and a byte is taken from its place
-- while a character is counted up to. In numbers, since an index of numbers is small, and any that mean two things are looked
-- through; by functions of PostgreSQL alone, as pg_trgm with btree_gin would have to be allowed for in managed databases, and
-- asks each text of every organization besides. Not in parallel: workers would be started for what is then not executed
-- (dev.latchkey.key.KeySearch).
create function search_marks(organization uuid, said text, scopes text[]) returns bigint[]
    language plpgsql immutable parallel restricted cost 200 as $$
declare
    marks bigint[] := array[hashtextextended('@' || organization::text, 0)];
    bytes bytea := convert_to(said, 'UTF8');
begin
    for i in 1 .. coalesce(cardinality(scopes), 0) loop
        marks := marks || hashtextextended('#' || scopes[i], 0);
    end loop;
    for i in 0 .. coalesce(octet_length(bytes), 0) - 3 loop
        marks := marks || (((get_byte(bytes, i) << 8 | get_byte(bytes, i + 1)) << 8) | get_byte(bytes, i + 2))::bigint;
    end loop;
    return marks;
end $$;
comment on function search_marks is 'what api_key_search holds of a key, and what is sought in it; its results are stored: another way to make them is another function and another index';

-- As few of them as take in the whole text: each list of keys that one more brings costs as much as all that it holds, and what
-- is found is looked through anyway. Of a text of fewer than three bytes none.
create function sought_marks(organization uuid, said text, scope text) returns bigint[]
    language plpgsql immutable parallel restricted as $$
declare
    marks bigint[] := array[hashtextextended('@' || organization::text, 0)];
    bytes bytea := convert_to(said, 'UTF8');
    size int := coalesce(octet_length(bytes), 0);
    i int;
begin
    if scope is not null then
        marks := marks || hashtextextended('#' || scope, 0);
    end if;
    for nth in 0 .. case when size < 3 then -1 else (size - 1) / 3 end loop
        i := least(3 * nth, size - 3);
        marks := marks || (((get_byte(bytes, i) << 8 | get_byte(bytes, i + 1)) << 8) | get_byte(bytes, i + 2))::bigint;
    end loop;
    return marks;
end $$;
comment on function sought_marks is 'which of search_marks a key has that holds this text and this scope; null: any';

-- Ids are not in it: their characters are all unlike, which would make the index twice as large and writes eight times as slow.
-- New entries wait in a list that every search reads to its end, and go from there into the index together: the more of them,
-- the less each costs. Its bound is PostgreSQL's, 4 MiB, some 2,000 keys, which searches read in milliseconds; imports go beyond
-- it and empty the list themselves (dev.latchkey.key.SearchList).
create index api_key_search on api_key using gin (
    search_marks(organization_id, lower(name || E'\n' || coalesce(description, '') || E'\n' || start), scopes));

-- In the order of lists, so that a page is at their beginning wherever its keys are. Whether a key has expired is decided by
-- time: asked in the index, and of no key that has not.
create index api_key_revoked on api_key (organization_id, id desc) where revoked_at is not null;
create index api_key_inactive on api_key (organization_id, id desc) where revoked_at is null and not active;
create index api_key_switched_on on api_key (organization_id, id desc, coalesce(expires_at, 'infinity'))
    where revoked_at is null and active;
-- Two for access: one that held both kinds would hold every key, and be walked through whole where the newest would do.
create index api_key_of_all_stores on api_key (organization_id, id desc) where all_stores;
create index api_key_of_some_stores on api_key (organization_id, id desc) where not all_stores;

-- With the keys in it, so that those of a store are found in the index alone.
drop index api_key_store_by_store;
create index api_key_store_by_store on api_key_store (store_id, key_id);
