create or replace function pgops.bound_condition(relation regclass, bound jsonb) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    types text[] := pgops.partition_key_types(relation);
    keys text[] := array(
        select coalesce(quote_ident(a.attname), e.expression)
        from pg_partitioned_table as p
        cross join unnest(p.partattrs::int2[]) with ordinality as k (attnum, position)
        left join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = k.attnum and k.attnum <> 0
        left join unnest(pgops.partition_key_expressions(relation)) with ordinality as e (expression, number)
            on k.attnum = 0
            and e.number = (select count(*) from unnest((p.partattrs::int2[])[0 : k.position - 1]) as b (n) where b.n = 0)
        where p.partrelid = relation
        order by k.position
    );
begin
    if bound ? 'values' then
        return (
            select string_agg(case v.literal when 'NULL' then format('%s is null', keys[1])
                else format('%s = (%s)::%s', keys[1], v.literal, types[1]) end, ' or ')
            from jsonb_array_elements_text(bound -> 'values') as v (literal)
        );
    elsif bound ? 'modulus' then
        return format('satisfies_hash_partition(%s::oid, %s, %s, %s)', relation::oid, bound ->> 'modulus',
            bound ->> 'remainder', array_to_string(keys, ', '));
    end if;
    -- Rows that lie within the first column's range; for a key of several columns that may be more than the bound takes.
    return concat_ws(' and ',
        format('%s is not null', keys[1]),
        case when bound #>> '{from,0}' not in ('MINVALUE', 'MAXVALUE') then
            format('%s >= (%s)::%s', keys[1], bound #>> '{from,0}', types[1]) end,
        case when bound #>> '{to,0}' not in ('MINVALUE', 'MAXVALUE') then
            format('%s %s (%s)::%s', keys[1], case cardinality(keys) when 1 then '<' else '<=' end,
                bound #>> '{to,0}', types[1]) end
    );
end
$$;

comment on function pgops.bound_condition(regclass, jsonb) is
    'A condition that all rows of a bound meet, and for a key of one column no others.';

revoke all on function pgops.bound_condition(regclass, jsonb) from public;
grant execute on function pgops.bound_condition(regclass, jsonb) to pgops_operator;
