create or replace function pgops.bound_within(relation regclass, inner_bound jsonb, outer_bound jsonb) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if inner_bound ? 'values' then
        return outer_bound -> 'values' @> (inner_bound -> 'values');
    elsif inner_bound ? 'modulus' then
        return (inner_bound ->> 'modulus')::integer % (outer_bound ->> 'modulus')::integer = 0
            and (inner_bound ->> 'remainder')::integer % (outer_bound ->> 'modulus')::integer
                = (outer_bound ->> 'remainder')::integer;
    end if;
    return pgops.compare_range_ends(relation, inner_bound -> 'from', outer_bound -> 'from') >= 0
        and pgops.compare_range_ends(relation, inner_bound -> 'to', outer_bound -> 'to') <= 0;
end
$$;

comment on function pgops.bound_within(regclass, jsonb, jsonb) is
    'Whether every row that one bound takes is taken by another one, too.';

revoke all on function pgops.bound_within(regclass, jsonb, jsonb) from public;
grant execute on function pgops.bound_within(regclass, jsonb, jsonb) to pgops_operator;
