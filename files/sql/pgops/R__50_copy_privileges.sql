create or replace function pgops.copy_privileges(parent regclass, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    command text;
begin
    for command in select c.* from pgops.carry_privileges(parent, partition) as c loop
        perform pgops.run_as_owner(parent, command);
    end loop;
end
$$;

comment on function pgops.copy_privileges(regclass, regclass) is
    'Gives a new partition the privileges of the parent, on the table and on columns, and no others: access through the '
    'parent needs none on the partition, access straight to it does.';

revoke all on function pgops.copy_privileges(regclass, regclass) from public;
grant execute on function pgops.copy_privileges(regclass, regclass) to pgops_operator;
