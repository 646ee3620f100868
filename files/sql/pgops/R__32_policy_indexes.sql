create or replace function pgops.policy_indexes(value jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    index record;
begin
    if value is null or value in ('null', '[]') then
        return null;
    end if;
    if jsonb_typeof(value) <> 'array' then
        perform pgops.refuse_policy_value('indexes', value, 'a list of indexes, such as [{"columns": ["client_id"]}]');
    end if;
    for index in
        select format('indexes[%s]', i.position - 1) as key, i.value from jsonb_array_elements(value)
        with ordinality as i (value, position)
    loop
        perform pgops.check_policy_keys(index.key, index.value, array['columns', 'include', 'method', 'unique']);
        perform pgops.check_index_columns(index.key || '.columns', index.value -> 'columns');
        if index.value -> 'include' is not null then
            perform pgops.check_index_columns(index.key || '.include', index.value -> 'include');
        end if;
        if not exists (
            select from pg_am as m where m.amtype = 'i' and m.amname = coalesce(index.value ->> 'method', 'btree')
        ) then
            perform pgops.refuse_policy_value(index.key || '.method', index.value -> 'method', format(
                'an access method of this database (%s)',
                (select string_agg(m.amname, ', ' order by m.amname) from pg_am as m where m.amtype = 'i')
            ));
        end if;
        if jsonb_typeof(index.value -> 'unique') not in ('boolean', 'null') then
            perform pgops.refuse_policy_value(index.key || '.unique', index.value -> 'unique', 'true or false');
        end if;
    end loop;
    return value;
end
$$;

comment on function pgops.policy_indexes(jsonb) is
    'Indexes of new partitions beyond those of the table, null for none. Names of columns only: no expression of '
    'somebody else is to run with the rights of the table''s owner. Errors: 22023 with the key, the value and what is '
    'accepted.';

revoke all on function pgops.policy_indexes(jsonb) from public;
grant execute on function pgops.policy_indexes(jsonb) to pgops_operator;
