create or replace function pgops.convert_policy(relation regclass, arguments jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    table_name text := coalesce(arguments ->> 'new_name', (select c.relname from pg_class as c where c.oid = relation));
    policy jsonb := pgops.complete_policy(arguments - array['old_name', 'new_name', 'wider_keys', 'drop_old']);
begin
    -- The new table has another name while it is filled.
    if policy -> 'default' = 'true' then
        policy := jsonb_set(policy, '{default}', to_jsonb(pgops.fitted_name(table_name, '_default')));
    end if;
    return policy;
end
$$;

comment on function pgops.convert_policy(regclass, jsonb) is
    'The policy in the arguments of a conversion, complete, its default partition with a name. Errors: 22023 as '
    'pgops.set_partition_policy().';

revoke all on function pgops.convert_policy(regclass, jsonb) from public;
grant execute on function pgops.convert_policy(regclass, jsonb) to pgops_operator;
