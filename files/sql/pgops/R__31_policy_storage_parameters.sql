create or replace function pgops.policy_storage_parameters(value jsonb) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    parameter record;
begin
    if value is null or value in ('null', '{}') then
        return null;
    end if;
    if jsonb_typeof(value) <> 'object' then
        perform pgops.refuse_policy_value('storage_parameters', value, 'an object of names and values');
    end if;
    for parameter in select p.key, p.value from jsonb_each(value) as p order by p.key loop
        if parameter.key !~ '^(toast\.)?[a-z_]+$' or jsonb_typeof(parameter.value) not in ('number', 'string', 'boolean') then
            perform pgops.refuse_policy_value('storage_parameters.' || parameter.key, parameter.value,
                'a storage parameter of CREATE TABLE, such as "fillfactor": 90');
        end if;
    end loop;
    return value;
end
$$;

comment on function pgops.policy_storage_parameters(jsonb) is
    'Storage parameters of the partitions that a policy makes, null for none; a partitioned table can hold none itself. '
    'Errors: 22023 names or values of a wrong form; the server judges the rest when a partition is made.';

revoke all on function pgops.policy_storage_parameters(jsonb) from public;
grant execute on function pgops.policy_storage_parameters(jsonb) to pgops_operator;
