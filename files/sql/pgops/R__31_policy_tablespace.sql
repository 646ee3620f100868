create or replace function pgops.policy_tablespace(value jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if value is null or value = 'null' then
        return null;
    end if;
    if jsonb_typeof(value) <> 'string' or not exists (select from pg_tablespace as t where t.spcname = value #>> '{}') then
        perform pgops.refuse_policy_value('tablespace', value, format('a tablespace of this cluster (%s)',
            (select string_agg(t.spcname, ', ' order by t.spcname) from pg_tablespace as t where t.spcname <> 'pg_global')));
    end if;
    return value;
end
$$;

comment on function pgops.policy_tablespace(jsonb) is
    'Tablespace of new partitions, null for that of the table. Errors: 22023 there is none of the name.';

revoke all on function pgops.policy_tablespace(jsonb) from public;
grant execute on function pgops.policy_tablespace(jsonb) to pgops_operator;
