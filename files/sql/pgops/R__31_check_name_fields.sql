create or replace function pgops.check_name_fields(
    value jsonb,
    fields text[],
    needed text[],
    example text,
    nested boolean
) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    accepted text[] := case when nested then array['{parent}'] else '{}' end || fields;
    found_fields text[];
begin
    found_fields := array(select f.field[1] from regexp_matches(value #>> '{}', '\{\w+\}', 'g') as f (field));
    if jsonb_typeof(value) is distinct from 'string' or value #>> '{}' like '%.%' or value #>> '{}' = ''
        or regexp_replace(value #>> '{}', '\{\w+\}', '', 'g') ~ '[{}]' or not found_fields <@ accepted
    then
        perform pgops.refuse_policy_value('name', value, format('text without schema and %s, such as "%s"',
            coalesce('with the fields ' || nullif(array_to_string(accepted, ' '), ''), 'without fields'), example));
    end if;
    -- Without it, the partitions of two parents would want one name.
    if nested and not '{parent}' = any (found_fields) then
        perform pgops.refuse_policy_value('name', value, 'in "subpartitions" a name with the field {parent}');
    end if;
    if not needed <@ found_fields then
        perform pgops.refuse_policy_value('name', value, 'a name with the field ' || array_to_string(needed, ' and '));
    end if;
end
$$;

comment on function pgops.check_name_fields(jsonb, text[], text[], text, boolean) is
    'Raises 22023 unless a name of partitions is well formed, has accepted fields only, all that are needed, and, when '
    'nested, {parent}.';

revoke all on function pgops.check_name_fields(jsonb, text[], text[], text, boolean) from public;
grant execute on function pgops.check_name_fields(jsonb, text[], text[], text, boolean) to pgops_operator;
