create or replace function pgops.start_archive(policy jsonb, step pgops.partition_step) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    parent regclass := pgops.find_relation(step.parent_name);
begin
    if not pgops.partition_step_is_due(parent, step) then
        return null;
    end if;
    return pgops.start_operation(parent, 'archive', pgops.archive_arguments(policy)
        || jsonb_build_object('partition', (parse_ident(step.partition_name))[2]), '{}');
end
$$;

comment on function pgops.start_archive(jsonb, pgops.partition_step) is
    'Begins the operation that archives the partition of a step, or takes it up where it was left; returns its number, null '
    'when somebody else has taken the partition away since. Errors: those of pgops.start_operation().';

revoke all on function pgops.start_archive(jsonb, pgops.partition_step) from public;
grant execute on function pgops.start_archive(jsonb, pgops.partition_step) to pgops_operator;
