create or replace function pgops.keep_to_owner(root regclass, relation regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    command text;
begin
    for command in select r.* from pgops.revoke_from_others(relation) as r loop
        perform pgops.run_as_owner(root, command);
    end loop;
end
$$;

comment on function pgops.keep_to_owner(regclass, regclass) is
    'Takes from everybody but the owner what default privileges have given of a table that was made for an operation: it holds '
    'rows or keys of a table (root) of which they may have no rights.';

revoke all on function pgops.keep_to_owner(regclass, regclass) from public;
grant execute on function pgops.keep_to_owner(regclass, regclass) to pgops_operator;
