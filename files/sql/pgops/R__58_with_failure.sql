create or replace function pgops.with_failure(failed text[], parent regclass, problems text[]) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
return case problems
    when '{}' then failed
    else failed || format('%s: %s', parent, problems[1])
end;

comment on function pgops.with_failure(text[], regclass, text[]) is
    'The list of failed tables, with a table and the first of its problems added where it has any.';

revoke all on function pgops.with_failure(text[], regclass, text[]) from public;
grant execute on function pgops.with_failure(text[], regclass, text[]) to pgops_operator;
