create or replace function pgops.perform_guard(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    default_partition regclass := pgops.default_partition(root);
    guard_name text := 'pgops_operation_' || operation.operation_id;
    route regclass := pgops.find_relation(pgops.operation_object(root, operation.operation_id, 'route'));
    condition text;
    is_valid boolean;
begin
    if default_partition is null or default_partition = any (pgops.operation_old_tables(operation))
        or not pgops.default_is_large(root)
    then
        return true;
    end if;
    select k.convalidated into is_valid from pg_constraint as k
    where k.conrelid = default_partition and k.conname = guard_name;
    if is_valid is null then
        select string_agg(format('not (%s)',
            pgops.bound_check(root, pgops.find_relation(coalesce(t.target ->> 'route', t.target ->> 'made_as')), route)), ' and ')
        into condition from jsonb_array_elements(operation.targets) as t (target) where not t.target ? 'inside';
        perform pgops.run_within(root, format('alter table %s add constraint %I check (%s) not valid', default_partition,
            guard_name, condition), deadline);
        return false;
    elsif not is_valid then
        perform pgops.run_within(root, format('alter table %s validate constraint %I', default_partition, guard_name), deadline);
    end if;
    return true;
end
$$;

comment on function pgops.perform_guard(pgops.operation, timestamptz) is
    'Phase guard: gives a large default partition that stays a CHECK which excludes the new bounds, so that attaching '
    'them need not look through it. It demands nothing new, because these rows belong to other partitions already. '
    'Returns true when it is there and valid, or not needed. Errors: 55P03 locks not obtained in time. '
    'Locks: ACCESS EXCLUSIVE on the default partition for a moment, then SHARE UPDATE EXCLUSIVE while it is looked through.';

revoke all on function pgops.perform_guard(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_guard(pgops.operation, timestamptz) to pgops_operator;
