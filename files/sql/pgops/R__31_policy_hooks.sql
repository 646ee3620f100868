create or replace function pgops.policy_hooks(value jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    hook record;
    argument_types text;
    parts text[];
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
        argument_types := case hook.key when 'moved' then 'regclass, regclass' else 'regclass' end;
        if jsonb_typeof(hook.value) <> 'string' or cardinality(parts) is distinct from 2
            or to_regprocedure(format('%I.%I(%s)', parts[1], parts[2], argument_types)) is null
        then
            perform pgops.refuse_policy_value('hooks.' || hook.key, hook.value,
                format('schema and name of a function that exists and takes (%s)', argument_types));
        end if;
    end loop;
    return value;
end
$$;

comment on function pgops.policy_hooks(jsonb) is
    'Hooks of a partition policy, null for none. Errors: 22023 unknown hook, or no such function.';

revoke all on function pgops.policy_hooks(jsonb) from public;
grant execute on function pgops.policy_hooks(jsonb) to pgops_operator;
