create or replace function pgops.perform_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    partition regclass
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    default_partition regclass := pgops.default_partition(parent);
    rows_moved bigint;
begin
    perform pgops.lock_step(parent, step.operation, partition);
    case step.operation
        when 'create_default' then
            perform pgops.create_default_partition(parent, policy, partition);
        when 'create', 'create_from_default' then
            rows_moved := pgops.create_partition(parent, policy, step, partition, default_partition);
        when 'detach', 'drop' then
            perform pgops.remove_partition(parent, step.operation, partition);
        when 'finalize_detach' then
            perform pgops.finalize_detach(parent, partition);
    end case;
    return rows_moved;
end
$$;

comment on function pgops.perform_partition_step(regclass, jsonb, pgops.partition_step, regclass) is
    'Locks what a step of a plan needs and does it. parent, policy: of the table that the partition belongs to. partition: '
    'as pgops.prepare_partition_step() returns it. Returns the number of rows moved, null for steps that move none. '
    'Errors: 55P03 locks not obtained in time, and those of the operation. Locks: pgops.step_locks().';

revoke all on function pgops.perform_partition_step(regclass, jsonb, pgops.partition_step, regclass) from public;
grant execute on function pgops.perform_partition_step(regclass, jsonb, pgops.partition_step, regclass) to pgops_operator;
