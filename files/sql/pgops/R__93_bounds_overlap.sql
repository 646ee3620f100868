create or replace function pgops.bounds_overlap(relation regclass, one jsonb, other jsonb) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if one ? 'default' or other ? 'default' then
        return one ? 'default' and other ? 'default';
    elsif one ? 'values' then
        return exists (
            select from jsonb_array_elements_text(one -> 'values') as o (literal)
            join jsonb_array_elements_text(other -> 'values') as t (literal) on t.literal = o.literal
        );
    elsif one ? 'modulus' then
        return ((one ->> 'remainder')::integer - (other ->> 'remainder')::integer)
            % gcd((one ->> 'modulus')::integer, (other ->> 'modulus')::integer) = 0;
    end if;
    return pgops.compare_range_ends(relation, one -> 'from', other -> 'to') < 0
        and pgops.compare_range_ends(relation, other -> 'from', one -> 'to') < 0;
end
$$;

comment on function pgops.bounds_overlap(regclass, jsonb, jsonb) is
    'Whether two bounds of partitions of a table would both take some row.';

revoke all on function pgops.bounds_overlap(regclass, jsonb, jsonb) from public;
grant execute on function pgops.bounds_overlap(regclass, jsonb, jsonb) to pgops_operator;
