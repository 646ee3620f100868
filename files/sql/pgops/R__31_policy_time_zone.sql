create or replace function pgops.policy_time_zone(value jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if value is null or value = 'null' then
        return '"UTC"';
    end if;
    if value <> '"UTC"' and jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[A-Za-z_]+(/[A-Za-z_]+)+$' then
        perform now() at time zone (value #>> '{}');
    -- AT TIME ZONE takes more than names, with signs that surprise ('UTC+2' lies west of Greenwich). The view reads all
    -- zones from disk, which takes a hundred times longer.
    elsif value <> '"UTC"' and not exists (select from pg_timezone_names as z where to_jsonb(z.name) = value) then
        raise invalid_parameter_value;
    end if;
    return value;
exception
    when invalid_parameter_value then
        perform pgops.refuse_policy_value('time_zone', value,
            'a name from pg_timezone_names, such as "UTC" or "Europe/Berlin"');
        return null;
end
$$;

comment on function pgops.policy_time_zone(jsonb) is
    'Time zone of a partition policy, UTC when the key is missing. Errors: 22023 not in pg_timezone_names.';

revoke all on function pgops.policy_time_zone(jsonb) from public;
grant execute on function pgops.policy_time_zone(jsonb) to pgops_operator;
