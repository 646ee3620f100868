create or replace function pgops.check_policy_name(policy jsonb, by_key jsonb, nested boolean) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    pattern text := policy ->> 'name';
    fields text[];
    accepted text[];
begin
    case pgops.policy_kind(policy)
        when 'number' then
            perform pgops.check_name_fields(policy -> 'name', array['{from}', '{to}'], '{}', 't1_{from}', nested);
            if pattern not like '%{from}%' and pattern not like '%{to}%' then
                perform pgops.refuse_policy_value('name', policy -> 'name', 'a name with the field {from} or {to}');
            end if;
            perform pgops.check_partition_name(regexp_replace(replace(pattern, '{parent}', ''), '\{(from|to)\}', '0', 'g'));
        when 'hash' then
            perform pgops.check_name_fields(
                policy -> 'name', array['{remainder}'], array['{remainder}'], 't1_p{remainder}', nested
            );
            perform pgops.check_partition_name(replace(
                replace(pattern, '{parent}', ''), '{remainder}', ((by_key ->> 'modulus')::integer - 1)::text
            ));
        when 'period' then
            perform pgops.check_name_fields(policy -> 'name', array['{year}', '{quarter}', '{month}', '{week}', '{day}'],
                '{}', 't1_{year}_{month}', nested);
            -- What tells two periods of this length apart, as alternatives.
            accepted := case by_key ->> 'every'
                when 'day' then array['{year}{month}{day}']
                when 'week' then array['{year}{week}', '{year}{month}{day}']
                when 'month' then array['{year}{month}']
                when 'quarter' then array['{year}{quarter}', '{year}{month}']
                when 'year' then array['{year}']
            end;
            fields := array(select f.field[1] from regexp_matches(pattern, '\{\w+\}', 'g') as f (field));
            if '{week}' = any (fields)
                and (by_key ->> 'every' <> 'week' or fields && array['{quarter}', '{month}', '{day}'])
                or not exists (
                    select from unnest(accepted) as a (needed)
                    where (
                        select bool_and(f.field[1] = any (fields))
                        from regexp_matches(a.needed, '\{\w+\}', 'g') as f (field)
                    )
                )
            then
                perform pgops.refuse_policy_value('name', policy -> 'name', format(
                    'for every %s a name with the fields %s', by_key ->> 'every', array_to_string(accepted, ' or ')
                ));
            end if;
            perform pgops.partition_name(replace(pattern, '{parent}', ''), date '2000-01-03');
        else
            null; -- The names stand at the partitions.
    end case;
end
$$;

comment on function pgops.check_policy_name(jsonb, jsonb, boolean) is
    'Raises 22023 unless the name pattern of a policy is well formed and gives each partition a name of its own, 42622 '
    'when such a name has more than 63 bytes.';

revoke all on function pgops.check_policy_name(jsonb, jsonb, boolean) from public;
grant execute on function pgops.check_policy_name(jsonb, jsonb, boolean) to pgops_operator;
