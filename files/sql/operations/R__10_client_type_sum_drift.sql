create or replace function app.client_type_sum_drift()
returns table (client_id bigint, operation_type app.operation_type_enum, view_amount numeric, recounted_amount numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(found.client_id, recounted.client_id),
        coalesce(found.operation_type, recounted.operation_type),
        found.amount,
        recounted.total
    from app.client_type_sum_mv as found
    full join (
        select o.client_id, o.operation_type, sum(o.amount) as total
        from app.operations as o
        where o.status = 1
        group by o.client_id, o.operation_type
    ) as recounted on found.client_id = recounted.client_id and found.operation_type = recounted.operation_type
    where found.amount is distinct from recounted.total;
end;

comment on function app.client_type_sum_drift() is
    'Groups whose sum in app.client_type_sum_mv differs from a recount of app.operations: what has changed since the '
    'last refresh began. A null amount: the group is missing there. Reads the whole table. Needs SELECT on both. '
    'Locks: ACCESS SHARE.';

revoke all on function app.client_type_sum_drift() from public;
