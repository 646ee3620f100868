create or replace function pgops.periods_ahead(parent regclass, policy jsonb) returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype;
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
    covered tsmultirange;
    first_day date;
    ahead integer := -1;
begin
    if pgops.policy_kind(policy) <> 'period' then
        return null;
    end if;
    key_type := (pgops.range_key(parent)).key_type;
    covered := pgops.covered_range(parent);
    first_day := pgops.period_of(pgops.key_value(now(), key_type, time_zone), key_type, every, time_zone);
    while ahead < 1000 and covered @> tsrange(
        pgops.period_bound(first_day, key_type, time_zone),
        pgops.period_bound((first_day + pgops.period_step(every))::date, key_type, time_zone)
    ) loop
        ahead := ahead + 1;
        first_day := first_day + pgops.period_step(every);
    end loop;
    return ahead;
end
$$;

comment on function pgops.periods_ahead(regclass, jsonb) is
    'Number of periods after the current one that partitions cover without a gap, at most 1000; -1 when not even the '
    'current one is covered; null for a policy that is not by time. Reads the catalogue only.';

revoke all on function pgops.periods_ahead(regclass, jsonb) from public;
grant execute on function pgops.periods_ahead(regclass, jsonb) to pgops_monitor;
