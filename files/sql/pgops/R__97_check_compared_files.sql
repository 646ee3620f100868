create or replace function pgops.check_compared_files(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if operation.progress -> 'compared_files' <> pgops.compared_files(operation) then
        raise exception 'a table whose rows were compared was rewritten, or is a partition no more, or another one has become one'
            using errcode = 'PG006';
    end if;
end
$$;

comment on function pgops.check_compared_files(pgops.operation) is
    'Asks before a switch and under its locks whether the tables are those whose rows were compared. Errors: PG006 they are not.';

revoke all on function pgops.check_compared_files(pgops.operation) from public;
grant execute on function pgops.check_compared_files(pgops.operation) to pgops_operator;
