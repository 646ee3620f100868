create or replace function pgops.operation_pieces(relation regclass, key text, pieces jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    piece jsonb;
    result jsonb := '[]';
begin
    if jsonb_typeof(pieces) is distinct from 'array' or pieces = '[]' then
        perform pgops.refuse_operation(format('"%s" is %s; accepted: a list of partitions, each with "name" and a bound',
            key, coalesce(pieces::text, 'missing')));
    end if;
    for piece in select p.piece from jsonb_array_elements(pieces) as p (piece) loop
        if jsonb_typeof(piece) <> 'object' or jsonb_typeof(piece -> 'name') <> 'string' then
            perform pgops.refuse_operation(format('"%s" has %s; accepted: objects, each with a text as "name", and a bound', key, piece));
        end if;
        result := result || pgops.operation_target(relation, piece ->> 'name', pgops.wanted_bound(relation, piece));
    end loop;
    return result;
end
$$;

comment on function pgops.operation_pieces(regclass, text, jsonb) is
    'Elements of pgops.operation.targets for a list of partitions in the arguments of an operation, each with "name" and '
    'the keys of pgops.wanted_bound(). key: what the list is called there. Errors: 22023.';

revoke all on function pgops.operation_pieces(regclass, text, jsonb) from public;
grant execute on function pgops.operation_pieces(regclass, text, jsonb) to pgops_operator;
