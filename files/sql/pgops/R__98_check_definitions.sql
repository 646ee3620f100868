create or replace function pgops.check_definitions(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    definitions jsonb := pgops.operation_definitions(operation);
    changed text := (
        select string_agg((d.oid)::oid::regclass::text, ', ' order by d.oid)
        from jsonb_each_text(operation.progress -> 'definitions') as d (oid, definition)
        where definitions ->> d.oid is distinct from d.definition
    );
begin
    if changed is not null and operation.method = 'attach' then
        raise exception 'the definition of % was changed', changed using errcode = 'PG004';
    elsif changed is not null then
        raise exception 'the definition of % was changed (a column, constraint, key, index, privilege, policy, option or comment) '
            'after the new tables were made, and they do not have that', changed
            using errcode = 'object_not_in_prerequisite_state',
                hint = format('CALL pgops.operation_cancel(%s), and begin anew.', operation.operation_id);
    end if;
end
$$;

comment on function pgops.check_definitions(pgops.operation) is
    'Refuses to let new tables take the place of others whose definition has changed since the new ones were made: the change '
    'would be undone by it. Errors: 55000 it was changed; PG004 the same of an operation whose new table is empty.';

revoke all on function pgops.check_definitions(pgops.operation) from public;
grant execute on function pgops.check_definitions(pgops.operation) to pgops_operator;
