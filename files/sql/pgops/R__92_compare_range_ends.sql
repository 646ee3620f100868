create or replace function pgops.compare_range_ends(relation regclass, one jsonb, other jsonb) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    types text[] := pgops.partition_key_types(relation);
    left_value text;
    right_value text;
    operators text[];
    difference integer;
begin
    for number in 1 .. cardinality(types) loop
        left_value := one ->> number - 1;
        right_value := other ->> number - 1;
        if left_value = right_value then
            -- Columns after MINVALUE or MAXVALUE do not count.
            exit when left_value in ('MINVALUE', 'MAXVALUE');
            continue;
        end if;
        if left_value = 'MINVALUE' or right_value = 'MAXVALUE' then
            return -1;
        elsif left_value = 'MAXVALUE' or right_value = 'MINVALUE' then
            return 1;
        end if;
        operators := coalesce(operators, pgops.partition_key_less_operators(relation));
        difference := pgops.value_as_owner(relation, format(
            'select case when (%1$s)::%3$s%5$s %4$s (%2$s)::%3$s then -1 when (%2$s)::%3$s%5$s %4$s (%1$s)::%3$s then 1'
            ' else 0 end',
            left_value, right_value, types[number], operators[number],
            (select ' collate ' || k.partcollation[number - 1]::regcollation
                from pg_partitioned_table as k where k.partrelid = relation and k.partcollation[number - 1] <> 0)))::integer;
        if difference <> 0 then
            return difference;
        end if;
    end loop;
    return 0;
end
$$;

comment on function pgops.compare_range_ends(regclass, jsonb, jsonb) is
    'Which of two ends of ranges, as lists of literals, comes first in the order of the partition key: -1 the one, 1 the '
    'other, 0 neither.';

revoke all on function pgops.compare_range_ends(regclass, jsonb, jsonb) from public;
grant execute on function pgops.compare_range_ends(regclass, jsonb, jsonb) to pgops_operator;
