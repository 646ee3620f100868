create or replace function pgops.configuration_value(name text) returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    found_value bigint;
begin
    select setting.value into found_value from pgops.configuration as setting
    where setting.name = configuration_value.name;
    if not found then
        raise exception 'pgops.configuration has no setting "%"', configuration_value.name
            using errcode = 'undefined_object',
                hint = 'Its settings: ' || (select string_agg(c.name, ', ' order by c.name) from pgops.configuration as c);
    end if;
    return found_value;
end
$$;

comment on function pgops.configuration_value(text) is
    'Value of an engine setting, in the unit that pgops.configuration gives. Errors: 42704 unknown name.';

revoke all on function pgops.configuration_value(text) from public;
grant execute on function pgops.configuration_value(text) to pgops_monitor;
