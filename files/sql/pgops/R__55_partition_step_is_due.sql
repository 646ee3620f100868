create or replace function pgops.partition_step_is_due(parent regclass, step pgops.partition_step) returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype := (pgops.range_key(parent)).key_type;
begin
    if step.operation = 'create_default' then
        return pgops.default_partition(parent) is null;
    end if;
    if step.operation in ('create', 'create_from_default') then
        return not pgops.covered_range(parent) && tsrange(
            pgops.bound_value(step.lower_bound, key_type), pgops.bound_value(step.upper_bound, key_type)
        );
    end if;
    return exists (
        select from pgops.partitions(parent) as p
        where p.partition = pgops.find_relation(step.partition_name)
            and p.upper_bound = pgops.bound_value(step.upper_bound, key_type)
            and p.detach_pending = (step.operation = 'finalize_detach')
    );
end
$$;

comment on function pgops.partition_step_is_due(regclass, pgops.partition_step) is
    'Whether a planned step still has to be done: false when somebody else has done it since. Reads the catalogue only.';

revoke all on function pgops.partition_step_is_due(regclass, pgops.partition_step) from public;
grant execute on function pgops.partition_step_is_due(regclass, pgops.partition_step) to pgops_operator;
