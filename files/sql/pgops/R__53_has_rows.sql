create or replace function pgops.has_rows(parent regclass, relation regclass, condition text) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
as $$
begin
    return pgops.run_as_owner(parent, format('select from %s where %s limit 1', relation, condition)) > 0;
end
$$;

comment on function pgops.has_rows(regclass, regclass, text) is
    'Whether a partition of the parent has a row that meets a condition, asked as owner of the parent. '
    'Errors: 42501 may not act for the owner, or row-level security would hide rows.';

revoke all on function pgops.has_rows(regclass, regclass, text) from public;
grant execute on function pgops.has_rows(regclass, regclass, text) to pgops_operator;
