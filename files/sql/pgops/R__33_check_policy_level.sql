create or replace function pgops.check_policy_level(parent regclass, policy jsonb) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    kind text := pgops.policy_kind(policy);
    key record;
    nested jsonb := policy -> 'subpartitions';
    missing_column text;
begin
    select k.* into key from pgops.key_column(parent, pgops.policy_column(policy)) as k;
    perform pgops.check_key_type(parent, policy, key.key_type);
    perform pgops.check_retention_type(policy, key.key_type);
    case kind
        when 'bounds' then
            perform pgops.check_declared_bounds(policy, key.key_type, key.type_name, key.collation_name);
        when 'list' then
            perform pgops.check_declared_values(policy, key.key_type, key.type_name, key.collation_name);
        else
            null;
    end case;
    select c.name into missing_column
    from jsonb_path_query(policy, 'lax $.indexes[*].columns[*]') as i (value)
    cross join lateral (select i.value #>> '{}' as name) as c
    where not exists (
        select from pg_attribute as a
        where a.attrelid = parent and a.attname = c.name and a.attnum > 0 and not a.attisdropped
    );
    if found then
        perform pgops.refuse_policy_value('indexes', to_jsonb(missing_column), format('columns of %s', parent));
    end if;
    if nested is not null then
        perform pgops.check_nested_key(parent, pgops.policy_column(nested));
        perform pgops.check_policy_level(parent, nested);
    end if;
end
$$;

comment on function pgops.check_policy_level(regclass, jsonb) is
    'Raises unless what a completed policy says, of the table or of the partitions of partitions, fits the columns of the '
    'table. Errors: as pgops.check_policy().';

revoke all on function pgops.check_policy_level(regclass, jsonb) from public;
grant execute on function pgops.check_policy_level(regclass, jsonb) to pgops_operator;
