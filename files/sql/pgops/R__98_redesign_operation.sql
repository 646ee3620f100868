create or replace function pgops.redesign_operation(operation_id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
    design jsonb;
    left_over record;
begin
    select o.* into operation from pgops.operation as o
    where o.operation_id = redesign_operation.operation_id and o.runner_pid = pg_backend_pid() for update;
    perform pgops.drop_new_tables(operation);
    design := pgops.operation_design(operation.relation, operation.operation, operation.arguments);
    for left_over in
        select t.tgname as trigger_name, t.tgrelid::regclass as name
        from unnest(pgops.operation_old_tables(operation)) as o (old_table)
        join pg_trigger as t
            on t.tgrelid = o.old_table
            and t.tgname in ('pgops_operation_' || operation.operation_id, 'pgops_operation_' || operation.operation_id || '_truncate')
        where not design -> 'sources' @> jsonb_build_array(jsonb_build_object('oid', o.old_table::oid::bigint))
    loop
        perform pgops.run_as_owner(left_over.name, format('drop trigger %I on %s', left_over.trigger_name, left_over.name));
    end loop;
    update pgops.operation as o
    set method = design ->> 'method', sources = design -> 'sources', key_columns = design -> 'key_columns',
        targets = pgops.name_new_tables(operation.relation, operation.operation_id, design),
        phase = 'create', state = pgops.phase_state('create')
    where o.operation_id = redesign_operation.operation_id;
end
$$;

comment on function pgops.redesign_operation(bigint) is
    'Designs an operation anew that has found the table other than it was designed for, before its switch. '
    'What is no source any more loses its triggers. Errors: as pgops.operation_design().';

revoke all on function pgops.redesign_operation(bigint) from public;
grant execute on function pgops.redesign_operation(bigint) to pgops_operator;
