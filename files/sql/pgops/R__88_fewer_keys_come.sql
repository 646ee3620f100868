create or replace function pgops.fewer_keys_come(operation pgops.operation, keys bigint) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    keys_before bigint := (operation.progress ->> 'keys_before')::bigint;
    are_fewer boolean := coalesce(keys < keys_before, true);
begin
    update pgops.operation as o
    set progress = case when are_fewer then o.progress || jsonb_build_object('keys_before', keys) else o.progress - 'keys_before' end
    where o.operation_id = operation.operation_id;
    return are_fewer;
end
$$;

comment on function pgops.fewer_keys_come(pgops.operation, bigint) is
    'Whether another round of carrying changed rows along will have less to do: as many come while a round lasts as in the one before '
    'where it takes as long, and then there will not be fewer. keys: of this round. Notes it for the next one.';

revoke all on function pgops.fewer_keys_come(pgops.operation, bigint) from public;
grant execute on function pgops.fewer_keys_come(pgops.operation, bigint) to pgops_operator;
