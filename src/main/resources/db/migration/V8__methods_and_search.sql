-- The API methods that keys are limited to, and indexes by which lists of keys are narrowed.

alter table api_key
    add column methods text[] constraint api_key_methods_not_empty check (cardinality(methods) > 0),
    add column start   text not null default '';
comment on column api_key.methods is 'patterns METHOD /path of which one has to fit; null: all that the scopes cover';
comment on column api_key.start is 'that of the current material, kept here as well for api_key_search; what people are shown comes from key_material';

update api_key k set start = m.start from key_material m where m.key_id = k.id and m.state = 'current';

-- What a key is found by, as numbers: its organization, its scopes, and each three characters that follow one another in a
-- text. By hashes, since an index of numbers is small and any collision is looked through; by functions of PostgreSQL alone, as
-- pg_trgm with btree_gin would have to be allowed for in managed databases, and asks each text of every organization besides.
-- Not in parallel: workers would be started for what is then not executed (dev.latchkey.key.KeySearch).
create function search_marks(organization uuid, said text, scopes text[]) returns bigint[]
    language plpgsql immutable parallel restricted cost 200 as $$
declare
    marks bigint[] := array[hashtextextended('@' || organization::text, 0)];
begin
    for i in 1 .. coalesce(cardinality(scopes), 0) loop
        marks := marks || hashtextextended('#' || scopes[i], 0);
    end loop;
    for i in 1 .. coalesce(length(said), 0) - 2 loop
        marks := marks || hashtextextended(substr(said, i, 3), 0);
    end loop;
    -- Alone as well where they are not ASCII, as a text of one or two of them may be rare. Most texts have none.
    if octet_length(said) <> length(said) then
        for i in 1 .. length(said) loop
            if ascii(substr(said, i, 1)) > 127 then
                marks := marks || hashtextextended(substr(said, i, 1), 0);
            end if;
        end loop;
    end if;
    return marks;
end $$;
comment on function search_marks is 'what api_key_search holds of a key, and what is sought in it; its results are stored: another way to make them is another function and another index';

-- As few of them as take in the whole text: each list of keys that one more brings costs as much as all that it holds, and what
-- is found is looked through anyway. Of fewer than three characters those that are not ASCII.
create function sought_marks(organization uuid, said text, scope text) returns bigint[]
    language plpgsql immutable parallel restricted as $$
declare
    marks bigint[] := array[hashtextextended('@' || organization::text, 0)];
    characters constant int := coalesce(length(said), 0);
begin
    if scope is not null then
        marks := marks || hashtextextended('#' || scope, 0);
    end if;
    if characters < 3 then
        for i in 1 .. characters loop
            if ascii(substr(said, i, 1)) > 127 then
                marks := marks || hashtextextended(substr(said, i, 1), 0);
            end if;
        end loop;
    else
        for i in 1 .. (characters + 2) / 3 loop
            marks := marks || hashtextextended(substr(said, least(3 * i - 2, characters - 2), 3), 0);
        end loop;
    end if;
    return marks;
end $$;
comment on function sought_marks is 'which of search_marks a key has that holds this text and this scope; null: any';

-- Ids are not in it: their characters are all unlike, which would make the index twice as large and writes eight times as slow.
-- New entries wait in a list that every search reads to its end: kept short.
create index api_key_search on api_key using gin (
    search_marks(organization_id, lower(name || E'\n' || coalesce(description, '') || E'\n' || start), scopes))
    with (gin_pending_list_limit = 512);

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
