create or replace function pgops.operation_switch(operation_id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.check_can_act_on(o.relation) from pgops.operation as o where o.operation_id = operation_switch.operation_id;
    update pgops.operation as o set switch_requested = true
    where o.operation_id = operation_switch.operation_id and o.finished_at is null;
    if not found then
        raise exception 'there is no unfinished operation %', operation_id using errcode = 'undefined_object';
    end if;
end
$$;

comment on function pgops.operation_switch(bigint) is
    'Tells an operation with the option "switch": "wait" that the moment has come. Errors: 42704 there is no such '
    'operation, or it is finished; 42501 may not act for the owner.';

revoke all on function pgops.operation_switch(bigint) from public;
grant execute on function pgops.operation_switch(bigint) to pgops_operator;
