create or replace function pgops.remove_partition(parent regclass, operation text, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.run_as_owner(parent, format('alter table %s detach partition %s', parent, partition));
    if operation = 'drop' then
        perform pgops.run_as_owner(parent, format('drop %s %s',
            (select case c.relkind when 'f' then 'foreign table' else 'table' end from pg_class as c where c.oid = partition),
            partition));
    end if;
end
$$;

comment on function pgops.remove_partition(regclass, text, regclass) is
    'Detaches a partition, or detaches and drops it. Errors: 23503 a foreign key refers to its rows. '
    'Locks: held already, pgops.step_locks().';

revoke all on function pgops.remove_partition(regclass, text, regclass) from public;
grant execute on function pgops.remove_partition(regclass, text, regclass) to pgops_operator;
