create or replace function pgops.replay_before_locks(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    statements text[] := pgops.replay_statements(operation, false);
    few_keys bigint := (operation.options ->> 'max_replay_keys')::bigint;
    keys bigint;
    keys_before bigint;
begin
    -- Then rows are held while their copies are made, and the table cannot be locked by whom their writers wait for.
    if operation.progress ? 'watching' then
        return;
    end if;
    loop
        keys := pgops.replay_keys(operation, statements);
        -- As many change meanwhile as in the round before: there will not be fewer.
        exit when keys <= few_keys or keys >= keys_before;
        keys_before := keys;
    end loop;
exception
    -- A row and another that has taken over its unique value since were seen at different moments.
    when unique_violation or exclusion_violation then
        raise exception 'rows changed while they were carried along: %', sqlerrm using errcode = 'serialization_failure';
end
$$;

comment on function pgops.replay_before_locks(pgops.operation) is
    'Carries changed rows along once more, right before the locks of a switch are asked for, so that few are left to be carried '
    'along while others wait. Each of its statements sees what is committed by then: who changes a row between them leaves its '
    'key in the log, and it is carried along again. Errors: 40001 rows changed in a way that one of these moments cannot '
    'show, to be tried again.';

revoke all on function pgops.replay_before_locks(pgops.operation) from public;
grant execute on function pgops.replay_before_locks(pgops.operation) to pgops_operator;
