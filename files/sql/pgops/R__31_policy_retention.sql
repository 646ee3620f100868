create or replace function pgops.policy_retention(value jsonb, kind text) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    number_form constant text := '^[1-9][0-9]{0,17}$';
    interval_form constant text := '^[1-9][0-9]{0,4} (day|week|month|year)s?$';
begin
    if value is null or value = 'null' then
        return null;
    end if;
    perform pgops.check_policy_keys('retention', value, array['keep', 'then', 'into', 'reason']);
    value := jsonb_strip_nulls(value);
    if not coalesce(
        kind <> 'number' and jsonb_typeof(value -> 'keep') = 'string' and value ->> 'keep' ~ interval_form
        or kind <> 'period' and value ->> 'keep' ~ number_form, false
    ) then
        perform pgops.refuse_policy_value('retention.keep', value -> 'keep', case kind
            when 'number' then 'a whole number: how far below the highest key'
            when 'period' then 'a number of days, weeks, months or years, such as "24 months"'
            else 'a number of days, weeks, months or years, such as "24 months", for a key of numbers a whole number'
        end);
    end if;
    if value ->> 'then' is null or value ->> 'then' not in ('keep', 'detach', 'archive', 'drop') then
        perform pgops.refuse_policy_value('retention.then', value -> 'then', '"keep", "detach" or "drop", or "archive"');
    end if;
    if value ->> 'then' = 'archive' then
        if value ->> 'into' is null or value ->> 'into' !~ '^[^."]+\.[^."]+$' then
            perform pgops.refuse_policy_value('retention.into', value -> 'into',
                'schema and name of the table that takes the rows, such as "app.t1_archive"');
        end if;
    elsif value ?| array['into', 'reason'] then
        perform pgops.refuse_policy_value('retention.then', value -> 'then', '"archive" beside "into" and "reason"');
    end if;
    return value;
end
$$;

comment on function pgops.policy_retention(jsonb, text) is
    'The retention of a partition policy of a kind, null for none. '
    'Errors: 22023 with the key, the value and what is accepted.';

revoke all on function pgops.policy_retention(jsonb, text) from public;
grant execute on function pgops.policy_retention(jsonb, text) to pgops_operator;
