create or replace function pgops.merged_bound(relation regclass, bounds jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    bound jsonb;
    result jsonb := bounds -> 0;
    modulus numeric;
begin
    if result ? 'values' then
        return jsonb_build_object('values', (
            select jsonb_agg(v.literal) from jsonb_array_elements(bounds) as b (bound)
            cross join jsonb_array_elements(b.bound -> 'values') as v (literal)
        ));
    elsif result ? 'modulus' then
        select round(1 / sum(1::numeric / (b.bound ->> 'modulus')::integer), 6) into modulus
        from jsonb_array_elements(bounds) as b (bound);
        if modulus % 1 <> 0 or (
            select count(distinct (b.bound ->> 'remainder')::integer % modulus) from jsonb_array_elements(bounds) as b (bound)
        ) > 1 then
            perform pgops.refuse_operation(format('the bounds %s of partitions of %s do not make up one bound', bounds, relation),
                'Modulus 8 remainder 1 and modulus 8 remainder 5 make modulus 4 remainder 1.');
        end if;
        return jsonb_build_object('modulus', modulus::integer,
            'remainder', (result ->> 'remainder')::integer % modulus::integer);
    end if;
    for bound in select b.bound from jsonb_array_elements(bounds) as b (bound) loop
        if pgops.compare_range_ends(relation, bound -> 'from', result -> 'from') < 0 then
            result := jsonb_set(result, '{from}', bound -> 'from');
        end if;
        if pgops.compare_range_ends(relation, bound -> 'to', result -> 'to') > 0 then
            result := jsonb_set(result, '{to}', bound -> 'to');
        end if;
    end loop;
    return result;
end
$$;

comment on function pgops.merged_bound(regclass, jsonb) is
    'The one bound that takes what a list of bounds takes; for ranges with gaps between them, the gaps too. '
    'Errors: 22023 bounds of a HASH table that make up no bound.';

revoke all on function pgops.merged_bound(regclass, jsonb) from public;
grant execute on function pgops.merged_bound(regclass, jsonb) to pgops_operator;
