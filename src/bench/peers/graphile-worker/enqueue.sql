-- One batch of events, [{"id", "type", "data"}], once for each id, and a job for each endpoint: what publishing is. The body
-- travels in the job, since a look-up for each job would cost the dispatcher more.
with published as (
    insert into event (id, at, type, data)
    select e ->> 'id', now(), e ->> 'type', e -> 'data' from json_array_elements(cast(? as json)) e
    on conflict (id) do nothing
    returning id, at, type, data
)
select count(*) from graphile_worker.add_jobs(array(
    select ('deliver', json_build_object('delivery', gen_random_uuid(), 'webhook', w.id, 'event', p.id, 'type', p.type,
                                         'timestamp', p.at, 'data', p.data), null, null, 10, null, null, null)
           ::graphile_worker.job_spec
      from published p cross join webhook w))
