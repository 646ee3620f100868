create or replace function pgops.prepare_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step
) returns regclass
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass := pgops.find_relation(step.partition_name);
begin
    case step.operation
        when 'create_default' then
            partition := pgops.make_table_like(parent, policy, step.partition_name);
        when 'create', 'create_from_default' then
            partition := pgops.make_partition(parent, policy, step.partition_name, step.subpartitions);
        when 'detach', 'drop' then
            perform pgops.call_hook(parent, policy, 'detaching', partition);
        else
            null;
    end case;
    return partition;
end
$$;

comment on function pgops.prepare_partition_step(regclass, jsonb, pgops.partition_step) is
    'What can be done for a step before its locks are asked for: makes the table that is to be attached, or calls the hook '
    '"detaching". Returns the partition. Errors: 42P07 the name is taken, and those of pgops.make_partition().';

revoke all on function pgops.prepare_partition_step(regclass, jsonb, pgops.partition_step) from public;
grant execute on function pgops.prepare_partition_step(regclass, jsonb, pgops.partition_step) to pgops_operator;
