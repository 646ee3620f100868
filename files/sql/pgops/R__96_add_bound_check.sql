create or replace function pgops.add_bound_check(operation pgops.operation, target jsonb, route regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    root regclass := operation.relation;
    condition text := pgops.bound_check(root, pgops.find_relation(target ->> 'made_as'), route);
    outside jsonb := pgops.operation_outside(operation, target);
begin
    while outside is not null loop
        condition := pgops.renamed_hash(condition, pgops.find_relation(outside ->> 'route'), pgops.find_relation(outside ->> 'made_as'));
        outside := pgops.operation_outside(operation, outside);
    end loop;
    -- The new default partition leaves to the partitions that stay what the old one does; a nested table keeps its own bounds.
    if target -> 'bound' ? 'default' and not target ? 'inside' then
        condition := concat_ws(' and ', condition,
            pgops.default_check_without(operation, pgops.operation_old_tables(operation)));
    else
        condition := concat_ws(' and ', condition, pg_get_partition_constraintdef(root));
    end if;
    if condition <> '' then
        perform pgops.run_as_owner(root, format('alter table %s add constraint %I check (%s)', target ->> 'made_as',
            'pgops_operation_' || operation.operation_id, condition));
    end if;
end
$$;

comment on function pgops.add_bound_check(pgops.operation, jsonb, regclass) is
    'Gives a new table a CHECK in the words in which the server itself puts its bound, so that it believes it.';

revoke all on function pgops.add_bound_check(pgops.operation, jsonb, regclass) from public;
grant execute on function pgops.add_bound_check(pgops.operation, jsonb, regclass) to pgops_operator;
