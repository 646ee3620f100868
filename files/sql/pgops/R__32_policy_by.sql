create or replace function pgops.policy_by(policy jsonb) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    by_key jsonb := policy -> 'by';
    strategy text;
begin
    perform pgops.check_policy_keys('by', by_key, array['range', 'every', 'list', 'hash', 'modulus']);
    by_key := jsonb_strip_nulls(by_key);
    strategy := pgops.policy_strategy(policy);
    if (select count(*) from jsonb_object_keys(by_key) as k (name) where k.name in ('range', 'list', 'hash')) > 1 then
        perform pgops.refuse_policy_value('by', by_key, 'one of "range", "list" and "hash"');
    end if;
    perform pgops.check_policy_keys('by', by_key, case strategy
        when 'range' then array['range', 'every'] when 'list' then array['list'] else array['hash', 'modulus']
    end);
    case pgops.policy_kind(policy)
        when 'period' then
            if jsonb_typeof(by_key -> 'every') is distinct from 'string'
                or pgops.period_step(by_key ->> 'every') is null
            then
                perform pgops.refuse_policy_value('by.every', by_key -> 'every',
                    '"day", "week", "month", "quarter" or "year", for a key of numbers a whole number, or no such key'
                    ' and "partitions" with their bounds');
            end if;
        when 'number' then
            if by_key ->> 'every' !~ '^[1-9][0-9]{0,17}$' then
                perform pgops.refuse_policy_value('by.every', by_key -> 'every', 'a whole number from 1 to 18 digits');
            end if;
            by_key := by_key || jsonb_build_object('every', (by_key ->> 'every')::bigint);
        when 'hash' then
            if by_key ->> 'modulus' is null or by_key ->> 'modulus' !~ '^[1-9][0-9]{0,4}$' then
                perform pgops.refuse_policy_value('by.modulus', by_key -> 'modulus', 'a whole number from 1 to 99999');
            end if;
            by_key := by_key || jsonb_build_object('modulus', (by_key ->> 'modulus')::integer);
        else
            null;
    end case;
    if jsonb_typeof(by_key -> strategy) is distinct from 'string' then
        perform pgops.refuse_policy_value('by.' || strategy, by_key -> strategy,
            'the column that the table is partitioned by');
    end if;
    return by_key;
end
$$;

comment on function pgops.policy_by(jsonb) is
    'What a policy partitions by, its numbers as numbers. Errors: 22023 with the key, the value and what is accepted.';

revoke all on function pgops.policy_by(jsonb) from public;
grant execute on function pgops.policy_by(jsonb) to pgops_operator;
