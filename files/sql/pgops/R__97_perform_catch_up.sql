create or replace function pgops.perform_catch_up(operation pgops.operation, out next_phase text, out keys bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    old_log regclass := pgops.old_key_log(operation);
    log_name text := pgops.operation_object(operation.relation, operation.operation_id, 'log');
    few_keys bigint := (operation.options ->> 'max_replay_keys')::bigint;
    fewer_keys_come boolean;
begin
    keys := pgops.replay_keys(operation, pgops.replay_statements(operation, false));
    perform pgops.drop_old_key_log(operation);
    -- Of rows that are held, a round carries along only some.
    fewer_keys_come := old_log is not null or operation.progress ? 'watching' or pgops.fewer_keys_come(operation, keys);
    next_phase := case
        when old_log is not null then 'catch_up'
        when keys > 20 * few_keys and fewer_keys_come then 'catch_up'
        -- To read past keys that are carried along and dead may be what a round takes longest for. Not where rows are held: they are
        -- carried along some at a time, and an old log must be read at once.
        when not operation.progress ? 'watching'
            and pgops.relation_blocks(pgops.find_relation(log_name)) > pgops.configuration_value('operation_log_blocks') then 'renew_log'
        -- What is prepared for the switch takes as long as some rounds, and pgops.replay_before_locks() follows.
        when keys > 4 * few_keys and fewer_keys_come then 'catch_up'
        else 'switch'
    end;
end
$$;

comment on function pgops.perform_catch_up(pgops.operation) is
    'Phase catch_up: carries changed rows along until few are left. Returns the phase that follows and the number of keys. '
    'Errors: those of pgops.replay_keys().';

revoke all on function pgops.perform_catch_up(pgops.operation) from public;
grant execute on function pgops.perform_catch_up(pgops.operation) to pgops_operator;
