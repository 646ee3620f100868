create or replace function pgops.wanted_range_end(
    relation regclass,
    types text[],
    value jsonb,
    unlimited text
) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    given text[] := case
        when jsonb_typeof(value) = 'array' then array(select jsonb_array_elements_text(value))
        else array[value #>> '{}']
    end;
    time_zone text := pgops.operation_time_zone(relation);
    literals text[] := '{}';
begin
    if cardinality(given) > cardinality(types) or cardinality(given) = 0 then
        perform pgops.refuse_operation(format('%s has %s values; accepted: at most %s, as many as %s has key columns',
            value, cardinality(given), cardinality(types), relation));
    end if;
    -- What is left out of a key of several columns: the smallest, so that (2024) means from or up to all of 2024.
    for number in 1 .. cardinality(types) loop
        literals := literals || case
            when number > cardinality(given) and literals[number - 1] not in ('MINVALUE', 'MAXVALUE') then 'MINVALUE'
            when number > cardinality(given) then literals[number - 1]
            when given[number] is null then unlimited
            else pgops.canonical_literal(relation, quote_literal(case when types[number] ~ '^timestamp.* with time zone$'
                then pgops.given_value(given[number], 'timestamptz', time_zone) else given[number] end), types[number])
        end;
    end loop;
    return to_jsonb(literals);
end
$$;

comment on function pgops.wanted_range_end(regclass, text[], jsonb, text) is
    'One end of a range as a list of literals, one a key column. value: a scalar or a list; null is without limit; dates and '
    'times without offset are of pgops.operation_time_zone(). '
    'unlimited: MINVALUE or MAXVALUE. Errors: 22023 too many values, and those of the types.';

revoke all on function pgops.wanted_range_end(regclass, text[], jsonb, text) from public;
grant execute on function pgops.wanted_range_end(regclass, text[], jsonb, text) to pgops_operator;
