create or replace function pgops.check_index_columns(key text, value jsonb) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if jsonb_typeof(value) is distinct from 'array' or value = '[]'
        or exists (select from jsonb_array_elements(value) as c (value) where jsonb_typeof(c.value) <> 'string')
    then
        perform pgops.refuse_policy_value(key, value, 'a list of columns of the table');
    end if;
end
$$;

comment on function pgops.check_index_columns(text, jsonb) is 'Raises 22023 unless the value is a list of names.';

revoke all on function pgops.check_index_columns(text, jsonb) from public;
grant execute on function pgops.check_index_columns(text, jsonb) to pgops_operator;
