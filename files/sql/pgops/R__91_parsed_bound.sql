create or replace function pgops.parsed_bound(relation regclass, bound text) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    types text[] := pgops.partition_key_types(relation);
    tokens text[] := array(
        select t.token[1] from regexp_matches(bound, $re$E?'(?:[^']|'')*'|[()]|[^\s,()]+$re$, 'g') as t (token)
    );
    token text;
    values_seen text[] := '{}';
    result jsonb := '{}';
    list_name text;
    inside boolean := false;
begin
    if bound = 'DEFAULT' then
        return '{"default": true}';
    end if;
    if lower(tokens[3]) = 'with' then
        return (
            select jsonb_build_object('modulus', m.found[1]::integer, 'remainder', m.found[2]::integer)
            from regexp_matches(bound, 'modulus (\d+), remainder (\d+)', 'i') as m (found)
        );
    end if;
    foreach token in array tokens loop
        if token = '(' and not inside then
            inside := true;
            values_seen := '{}';
        elsif token = ')' then
            inside := false;
            result := result || jsonb_build_object(list_name, to_jsonb(values_seen));
        elsif inside then
            values_seen := values_seen || pgops.canonical_literal(relation, token,
                types[case list_name when 'values' then 1 else cardinality(values_seen) + 1 end]);
        else
            list_name := case token when 'FROM' then 'from' when 'TO' then 'to' when 'IN' then 'values' end;
        end if;
    end loop;
    return result;
end
$$;

comment on function pgops.parsed_bound(regclass, text) is
    'A partition bound as pg_get_expr() or CREATE TABLE writes it, as an object: from, to (range) or values (list) with '
    'literals in the form of pgops.canonical_literal(), modulus, remainder (hash), or default.';

revoke all on function pgops.parsed_bound(regclass, text) from public;
grant execute on function pgops.parsed_bound(regclass, text) to pgops_operator;
