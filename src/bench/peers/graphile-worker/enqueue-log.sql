-- The same as enqueue.sql, with a row for each delivery that tells its fate.
with published as (
    insert into event (id, at, type, data)
    select e ->> 'id', now(), e ->> 'type', e -> 'data' from json_array_elements(cast(? as json)) e
    on conflict (id) do nothing
    returning id, at, type, data
), each as materialized (
    select gen_random_uuid() as delivery, w.id as webhook, p.* from published p cross join webhook w
), deliveries as (
    insert into delivery (id, webhook_id, event_id) select delivery, webhook, id from each
)
select count(*) from graphile_worker.add_jobs(array(
    select ('deliver', json_build_object('delivery', delivery, 'webhook', webhook, 'event', id, 'type', type,
                                         'timestamp', at, 'data', data), null, null, 10, null, null, null)
           ::graphile_worker.job_spec
      from each))
