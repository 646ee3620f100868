create or replace function pgops.partition_policy_of(parent regclass) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    stored jsonb;
begin
    select p.policy into stored from pgops.partition_policy as p where p.parent = partition_policy_of.parent;
    if not found then
        raise exception '% has no partition policy', coalesce(parent::text, 'null')
            using errcode = 'undefined_object',
                hint = 'Declare one: SELECT pgops.set_partition_policy(table, policy).';
    end if;
    return stored;
end
$$;

comment on function pgops.partition_policy_of(regclass) is 'The stored policy of a table. Errors: 42704 there is none.';

revoke all on function pgops.partition_policy_of(regclass) from public;
grant execute on function pgops.partition_policy_of(regclass) to pgops_operator;
