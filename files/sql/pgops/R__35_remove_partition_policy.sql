create or replace function pgops.remove_partition_policy(parent regclass) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.check_can_act_on(parent);
    delete from pgops.partition_policy as p where p.parent = remove_partition_policy.parent;
    return found;
end
$$;

comment on function pgops.remove_partition_policy(regclass) is
    'Forgets the policy of a table; its partitions stay. Returns true when there was one. Needs pgops_operator and the '
    'right to SET ROLE to the table''s owner. Errors: 42501 may not act for the owner. Locks: none on the table.';

revoke all on function pgops.remove_partition_policy(regclass) from public;
grant execute on function pgops.remove_partition_policy(regclass) to pgops_operator;
