create or replace function pgops.policy_hooks(value jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    hook record;
    parts text[];
    argument_count integer;
begin
    if value is null or value in ('null', '{}') then
        return null;
    end if;
    perform pgops.check_policy_keys('hooks', value, array['attached', 'detaching', 'moved']);
    for hook in select h.key, h.value, h.value #>> '{}' as name from jsonb_each(value) as h order by h.key loop
        begin
            parts := parse_ident(hook.name);
        exception
            when invalid_parameter_value then
                parts := null;
        end;
        argument_count := case hook.key when 'moved' then 2 else 1 end;
        if jsonb_typeof(hook.value) <> 'string' or cardinality(parts) is distinct from 2
            or not exists (
                select from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
                where n.nspname = parts[1] and p.proname = parts[2] and p.prokind = 'f'
                    and p.proargtypes::oid[] = array_fill('regclass'::regtype::oid, array[argument_count], array[0])
            )
        then
            perform pgops.refuse_policy_value('hooks.' || hook.key, hook.value,
                format('schema and name of a function that exists and takes (%s)',
                    concat_ws(', ', 'regclass', case argument_count when 2 then 'regclass' end)));
        end if;
    end loop;
    return value;
end
$$;

comment on function pgops.policy_hooks(jsonb) is
    'Hooks of a partition policy, null for none. Errors: 22023 unknown hook, or no such function.';

revoke all on function pgops.policy_hooks(jsonb) from public;
grant execute on function pgops.policy_hooks(jsonb) to pgops_operator;
