create or replace function pgops.perform_uncheck(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    checked regclass;
    check_name text := 'pgops_operation_' || operation.operation_id;
begin
    select k.conrelid::regclass into checked
    from pg_constraint as k
    where k.conname = check_name
        and (k.conrelid = pgops.default_partition(operation.relation)
            or k.conrelid in (select (t.target ->> 'oid')::oid from jsonb_array_elements(operation.targets) as t (target)))
    order by k.oid
    limit 1;
    if checked is null then
        return true;
    end if;
    perform pgops.run_within(operation.relation, format('alter table %s drop constraint %I', checked, check_name), deadline);
    return false;
end
$$;

comment on function pgops.perform_uncheck(pgops.operation, timestamptz) is
    'Phase uncheck: drops one of the CHECKs that had ATTACH PARTITION believe the new bounds, which stand now; returns true when '
    'none is left. Errors: 55P03 locks not obtained in time. Locks: ACCESS EXCLUSIVE on the one partition, for a moment.';

revoke all on function pgops.perform_uncheck(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_uncheck(pgops.operation, timestamptz) to pgops_operator;
