create or replace function pgops.bound_clause(bound jsonb) returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return case
    when bound ? 'default' then 'default'
    when bound ? 'from' then format('for values from (%s) to (%s)',
        (select string_agg(f.literal, ', ' order by f.position)
            from jsonb_array_elements_text(bound -> 'from') with ordinality as f (literal, position)),
        (select string_agg(t.literal, ', ' order by t.position)
            from jsonb_array_elements_text(bound -> 'to') with ordinality as t (literal, position)))
    when bound ? 'values' then format('for values in (%s)',
        (select string_agg(v.literal, ', ' order by v.position)
            from jsonb_array_elements_text(bound -> 'values') with ordinality as v (literal, position)))
    else format('for values with (modulus %s, remainder %s)', bound ->> 'modulus', bound ->> 'remainder')
end;

comment on function pgops.bound_clause(jsonb) is
    'The clause of ATTACH PARTITION for a bound that pgops.parsed_bound() or pgops.wanted_bound() has made.';

revoke all on function pgops.bound_clause(jsonb) from public;
grant execute on function pgops.bound_clause(jsonb) to pgops_operator;
