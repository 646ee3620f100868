create or replace function pgops.bounds_cover(relation regclass, pieces jsonb, whole jsonb) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    reached jsonb := whole -> 'from';
    piece jsonb;
begin
    if whole ? 'values' then
        return (
            select jsonb_agg(v.literal) from jsonb_array_elements(pieces) as p (piece)
            cross join jsonb_array_elements(p.piece -> 'values') as v (literal)
        ) @> (whole -> 'values');
    elsif whole ? 'modulus' then
        return (
            select sum(1::numeric / (p.piece ->> 'modulus')::integer) * (whole ->> 'modulus')::integer > 0.999999
            from jsonb_array_elements(pieces) as p (piece)
        );
    end if;
    while pgops.compare_range_ends(relation, reached, whole -> 'to') < 0 loop
        select p.piece into piece from jsonb_array_elements(pieces) as p (piece)
        where pgops.compare_range_ends(relation, p.piece -> 'from', reached) = 0
            and pgops.compare_range_ends(relation, p.piece -> 'to', reached) > 0
        limit 1;
        if not found then
            return false;
        end if;
        reached := piece -> 'to';
    end loop;
    return true;
end
$$;

comment on function pgops.bounds_cover(regclass, jsonb, jsonb) is
    'Whether bounds (a list of them) that lie within another one, and do not overlap, take all rows that this one takes.';

revoke all on function pgops.bounds_cover(regclass, jsonb, jsonb) from public;
grant execute on function pgops.bounds_cover(regclass, jsonb, jsonb) to pgops_operator;
