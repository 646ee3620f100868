create or replace function pgops.drop_old_key_log(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    old_log regclass := pgops.old_key_log(operation);
begin
    if old_log is not null then
        perform pgops.run_as_owner(operation.relation, format('drop table %s', old_log));
    end if;
end
$$;

comment on function pgops.drop_old_key_log(pgops.operation) is
    'Drops the log of changed keys that was replaced, if there is one: its keys are carried along, or not needed any more.';

revoke all on function pgops.drop_old_key_log(pgops.operation) from public;
grant execute on function pgops.drop_old_key_log(pgops.operation) to pgops_operator;
