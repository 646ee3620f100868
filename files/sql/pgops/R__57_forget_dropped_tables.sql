create or replace function pgops.forget_dropped_tables() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    forgotten record;
begin
    for forgotten in
        delete from pgops.partition_policy as p
        where not exists (select from pg_class as c where c.oid = p.parent)
        returning p.parent, p.policy
    loop
        perform pgops.log_partition_event('warning', forgotten.parent, format(
            'the table of the policy with the partition names "%s" no longer exists: policy removed',
            forgotten.policy ->> 'name'), forgotten.policy);
    end loop;
end
$$;

comment on function pgops.forget_dropped_tables() is
    'Removes policies whose tables are gone, with a warning each. Locks: ROW EXCLUSIVE on pgops.partition_policy.';

revoke all on function pgops.forget_dropped_tables() from public;
grant execute on function pgops.forget_dropped_tables() to pgops_operator;
