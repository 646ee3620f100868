create or replace function pgops.default_partition_has_rows(parent regclass) returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    source regclass;
    result boolean;
begin
    -- Plain tables with a policy only: nothing of a table's owner runs when one is read for existence. What has come to the
    -- name of one since may be a view, or have foreign tables below it: the server samples no views.
    if exists (select from pgops.partition_policy as p where p.parent = default_partition_has_rows.parent) then
        for source in
            select d.partition from pgops.default_partitions(parent) as d
            join pg_class as c on c.oid = d.partition and c.relkind = 'r'
        loop
            execute format('select exists (select from only %s tablesample system (100))', source) into result;
            exit when result;
        end loop;
    end if;
    return result;
end
$$;

comment on function pgops.default_partition_has_rows(regclass) is
    'Whether rows lie in the default partition of a table with a policy, or in one of a nested table; null where there is '
    'none or it is no plain table. Security definer, because monitors may not read the table itself. '
    'Locks: ACCESS SHARE on the default partitions.';

revoke all on function pgops.default_partition_has_rows(regclass) from public;
grant execute on function pgops.default_partition_has_rows(regclass) to pgops_monitor;
