create or replace function pgops.converted_keys(relation regclass, policy jsonb) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.convert_key(policy);
    every text := policy #>> '{by,every}';
    key_type regtype := (
        select a.atttypid from pg_attribute as a where a.attrelid = relation and a.attname = key.column_name
    );
    key_value text := quote_ident(key.column_name);
    found_keys text[];
begin
    if key.strategy <> 'range' or every is null or policy ? 'partitions' then
        return '{}';
    elsif every !~ '[a-z]' then
        -- As pgops.multiple_below(), of built-in functions only.
        key_value := format('(div(%1$s::numeric, %2$s) - (mod(%1$s::numeric, %2$s) < 0)::integer) * %2$s', key_value, every);
    else
        if key_type = 'timestamptz'::regtype then
            key_value := format('%s at time zone %L', key_value, policy ->> 'time_zone');
        end if;
        key_value := format('date_trunc(%L, %s)::date', every, key_value);
    end if;
    found_keys := pgops.value_as_owner(relation, format('select array_agg(distinct %s) from %s where %s', key_value, relation,
        case when every ~ '[a-z]' then format('isfinite(%I)', key.column_name)
            else format('%1$I::numeric not in (''NaN'', ''Infinity'', ''-Infinity'')', key.column_name) end));
    if cardinality(found_keys) > pgops.configuration_value('plan_partitions') then
        raise exception 'the rows of % would need % partitions, more than the setting plan_partitions', relation,
            cardinality(found_keys) using errcode = 'program_limit_exceeded',
            hint = 'Cut it into longer pieces, or raise plan_partitions in pgops.configuration.';
    end if;
    return coalesce(found_keys, '{}');
end
$$;

comment on function pgops.converted_keys(regclass, jsonb) is
    'Where the pieces begin that the rows of a table ask for, beyond those that a policy by time or number wants anyway: '
    'first days, or numbers. Rows without a finite key ask for none. Reads the whole table as its owner. '
    'Errors: 54000 more than the setting plan_partitions.';

revoke all on function pgops.converted_keys(regclass, jsonb) from public;
grant execute on function pgops.converted_keys(regclass, jsonb) to pgops_operator;
