create or replace function pgops.partition_step_is_due(parent regclass, step pgops.partition_step) returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
set standard_conforming_strings = on
as $$
declare
    existing record;
begin
    if step.operation = 'create_default' then
        return pgops.default_partition(parent) is null;
    end if;
    -- By name, so that many steps of one plan do not read all partitions each time.
    select pg_get_expr(c.relpartbound, c.oid) as bound, i.inhdetachpending into existing
    from pg_class as c
    join pg_inherits as i on i.inhrelid = c.oid
    where c.oid = pgops.find_relation(step.partition_name) and i.inhparent = parent;
    if step.operation in ('create', 'create_from_default') then
        return not found;
    end if;
    return found and existing.bound = step.bound and existing.inhdetachpending = (step.operation = 'finalize_detach');
end
$$;

comment on function pgops.partition_step_is_due(regclass, pgops.partition_step) is
    'Whether a planned step still has to be done to its direct parent: false when somebody else has done it since. A '
    'partition of another name that somebody has made meanwhile in the same place is found by the server, when the step '
    'attaches (pgops.bound_is_taken()). Reads the catalogue only.';

revoke all on function pgops.partition_step_is_due(regclass, pgops.partition_step) from public;
grant execute on function pgops.partition_step_is_due(regclass, pgops.partition_step) to pgops_operator;
