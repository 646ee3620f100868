create or replace function pgops.wanted_bound(relation regclass, piece jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    strategy "char" := (select p.partstrat from pg_partitioned_table as p where p.partrelid = relation);
    types text[] := pgops.partition_key_types(relation);
    accepted text[] := case strategy when 'h' then array['modulus', 'remainder'] when 'l' then array['values'] else array['from', 'to'] end;
    is_other boolean := exists (select from jsonb_object_keys(piece) as k (name) where k.name <> all('name'::text || accepted));
begin
    if strategy = 'h' then
        if is_other or coalesce(piece ->> 'modulus' !~ '^[0-9]{1,9}$', true) or coalesce(piece ->> 'remainder' !~ '^[0-9]{1,9}$', true)
            or (piece ->> 'remainder')::integer >= (piece ->> 'modulus')::integer
        then
            perform pgops.refuse_operation(format('%s is no bound of %s; accepted: "modulus" and a smaller "remainder", '
                'as in {"name": "p0", "modulus": 8, "remainder": 0}', piece, relation));
        end if;
        return jsonb_build_object('modulus', (piece ->> 'modulus')::integer, 'remainder', (piece ->> 'remainder')::integer);
    elsif strategy = 'l' then
        if is_other or jsonb_typeof(piece -> 'values') is distinct from 'array' or piece -> 'values' = '[]' then
            perform pgops.refuse_operation(format('%s is no bound of %s; accepted: "values" with a list, '
                'as in {"name": "eu", "values": ["de", "fr", null]}', piece, relation));
        end if;
        return jsonb_build_object('values', to_jsonb(array(
            select pgops.canonical_literal(relation, coalesce(quote_literal(v.value), 'NULL'), types[1])
            from jsonb_array_elements_text(piece -> 'values') as v (value)
        )));
    end if;
    if is_other or not piece ?| accepted then
        perform pgops.refuse_operation(format('%s is no bound of %s; accepted: "from" (included) and "to" (excluded), '
            'as in {"name": "p", "from": "2024-01-01", "to": "2024-02-01"}', piece, relation));
    end if;
    return jsonb_build_object(
        'from', pgops.wanted_range_end(relation, types, piece -> 'from', 'MINVALUE'),
        'to', pgops.wanted_range_end(relation, types, piece -> 'to', 'MAXVALUE')
    );
end
$$;

comment on function pgops.wanted_bound(regclass, jsonb) is
    'The bound that a piece of an operation''s arguments asks for, in the form of pgops.parsed_bound(): "from" and "to" '
    '(values, or lists of them where several columns are the key; null or absent: without limit), "values", or "modulus" '
    'and "remainder". Errors: 22023 not the bound of such a table, and those of the key''s type.';

revoke all on function pgops.wanted_bound(regclass, jsonb) from public;
grant execute on function pgops.wanted_bound(regclass, jsonb) to pgops_operator;
