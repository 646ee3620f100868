create or replace function pgops.plan_default(parent regclass, policy jsonb) returns setof pgops.partition_step
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    step pgops.partition_step;
begin
    if pgops.default_partition(parent) is not null or coalesce(policy -> 'default', 'false') = 'false' then
        return;
    end if;
    select
        format('%s.%I', c.relnamespace::regnamespace, pgops.default_partition_name(c.relname, policy)),
        format('%s.%I', c.relnamespace::regnamespace, c.relname)
    into step.partition_name, step.parent_name
    from pg_class as c where c.oid = parent;
    step.bound := 'DEFAULT';
    if pgops.find_relation(step.partition_name) is null then
        step.operation := 'create_default';
        step.lock_level := pgops.step_locks_in_words(parent, step.operation);
        step.description := format('make %s for rows that no other partition takes', step.partition_name);
    else
        step.operation := 'blocked';
        step.lock_level := 'none';
        step.description := format('cannot make the default partition %s: a relation of that name exists; attach it,'
            ' rename it, or give another name as "default" in the policy', step.partition_name);
    end if;
    return next step;
end
$$;

comment on function pgops.plan_default(regclass, jsonb) is
    'The step that makes the default partition, none where there is one or the policy wants none. Reads the catalogue '
    'only.';

revoke all on function pgops.plan_default(regclass, jsonb) from public;
grant execute on function pgops.plan_default(regclass, jsonb) to pgops_operator;
