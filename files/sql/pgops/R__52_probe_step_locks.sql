create or replace function pgops.probe_step_locks(parent regclass, operation text, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.lock_step(parent, operation, partition);
    raise exception using errcode = 'PG001', message = 'locks obtained';
exception
    -- Undoing the subtransaction gives the locks back.
    when sqlstate 'PG001' then
        null;
end
$$;

comment on function pgops.probe_step_locks(regclass, text, regclass) is
    'Obtains locks as pgops.lock_step() does and gives them back at once: asked before long work that ends with '
    'these locks. Errors: 55P03 not obtained in time, 42501 may not act for the owner.';

revoke all on function pgops.probe_step_locks(regclass, text, regclass) from public;
grant execute on function pgops.probe_step_locks(regclass, text, regclass) to pgops_operator;
