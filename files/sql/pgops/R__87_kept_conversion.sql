create or replace function pgops.kept_conversion(relation regclass, operation text) returns pgops.operation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    found_operation pgops.operation;
    owner_name name := pgops.check_can_act_on(relation);
begin
    select o.* into found_operation from pgops.operation as o
    where o.operation = 'convert'
        and o.finished_at is null
        and (
            o.relation = kept_conversion.relation
            -- Of somebody else's row that names this table nothing holds for it.
            or (o.targets #>> '{0,oid}')::oid = kept_conversion.relation and o.relation_owner = owner_name
        )
    order by o.operation_id desc
    limit 1;
    if not found then
        raise exception '% of % is not possible: it has no conversion that is not finished', operation, relation
            using errcode = 'object_not_in_prerequisite_state';
    elsif not pgops.is_kept(found_operation)
        and found_operation.progress ->> 'end' is distinct from operation
    then
        raise exception '% of % is not possible: its conversion (operation %) is in phase %', operation, relation,
            found_operation.operation_id, found_operation.phase using errcode = 'object_not_in_prerequisite_state',
            hint = format('CALL pgops.operation_resume(%s) goes on with it.', found_operation.operation_id);
    elsif operation = 'undo' and found_operation.method = 'follow' then
        raise exception 'undo of % is not possible: the table is what it was, and % a second one', relation,
            found_operation.targets #>> '{0,name}' using errcode = 'object_not_in_prerequisite_state',
            hint = format('CALL pgops.operation_apply(%L, ''finish'') ends the keeping in step; then drop what is not needed.', relation);
    elsif exists (
        select from pgops.operation as o
        where o.relation = (found_operation.targets #>> '{0,oid}')::oid and o.finished_at is null
    ) then
        raise exception '% of % is not possible while another operation changes its partitions', operation, relation
            using errcode = 'object_in_use';
    end if;
    return found_operation;
end
$$;

comment on function pgops.kept_conversion(regclass, text) is
    'The conversion of a table whose two tables are kept in step, for undo or finish. relation: either of them. '
    'Errors: 55000 there is none such, 55006 another operation changes the partitions, 42501 may not act for the owner.';

revoke all on function pgops.kept_conversion(regclass, text) from public;
grant execute on function pgops.kept_conversion(regclass, text) to pgops_operator;
