create or replace function pgops.default_has_rows_of(relation regclass, bound jsonb) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return pgops.has_rows(relation, pgops.default_partition(relation), pgops.bound_condition(relation, bound));
end
$$;

comment on function pgops.default_has_rows_of(regclass, jsonb) is
    'Whether the default partition has rows of a bound. Errors: as pgops.has_rows(). '
    'Locks: ACCESS SHARE on the default partition.';

revoke all on function pgops.default_has_rows_of(regclass, jsonb) from public;
grant execute on function pgops.default_has_rows_of(regclass, jsonb) to pgops_operator;
