create or replace function pgops.check_policy_name(value jsonb, every text) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    pattern text := value #>> '{}';
    fields text[];
    accepted text[];
begin
    -- What tells two periods of this length apart, as alternatives.
    accepted := case every
        when 'day' then array['{year}{month}{day}']
        when 'week' then array['{year}{week}', '{year}{month}{day}']
        when 'month' then array['{year}{month}']
        when 'quarter' then array['{year}{quarter}', '{year}{month}']
        when 'year' then array['{year}']
    end;
    if jsonb_typeof(value) is distinct from 'string' or pattern like '%.%'
        or regexp_replace(pattern, '\{(year|quarter|month|week|day)\}', '', 'g') ~ '[{}]'
    then
        perform pgops.refuse_policy_value('name', value,
            'text without schema and with the fields {year} {quarter} {month} {week} {day}, such as "t1_{year}_{month}"');
    end if;
    select coalesce(array_agg(f.field[1]), '{}') into fields from regexp_matches(pattern, '\{\w+\}', 'g') as f (field);
    if '{week}' = any (fields) and (every <> 'week' or fields && array['{quarter}', '{month}', '{day}'])
        or not exists (
            select from unnest(accepted) as a (needed)
            where (select bool_and(f.field[1] = any (fields)) from regexp_matches(a.needed, '\{\w+\}', 'g') as f (field))
        )
    then
        perform pgops.refuse_policy_value('name', value, format(
            'for every %s a name with the fields %s', every, array_to_string(accepted, ' or ')
        ));
    end if;
    perform pgops.partition_name(pattern, date '2000-01-03');
end
$$;

comment on function pgops.check_policy_name(jsonb, text) is
    'Raises 22023 unless a name pattern is well formed and gives each period a name of its own, 42622 when such a name '
    'has more than 63 bytes.';

revoke all on function pgops.check_policy_name(jsonb, text) from public;
grant execute on function pgops.check_policy_name(jsonb, text) to pgops_operator;
