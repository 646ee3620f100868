create or replace function pgops.probe_locks(parent regclass, relations regclass[], lock_modes text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.lock_relations(parent, relations, lock_modes);
    raise exception using errcode = 'PG001', message = 'locks obtained';
exception
    -- Undoing the subtransaction gives the locks back.
    when sqlstate 'PG001' then
        null;
end
$$;

comment on function pgops.probe_locks(regclass, regclass[], text[]) is
    'Obtains locks as pgops.lock_relations() does and gives them back at once: asked before long work that ends with '
    'these locks. Errors: 55P03 not obtained in time, 42501 may not act for the owner.';

revoke all on function pgops.probe_locks(regclass, regclass[], text[]) from public;
grant execute on function pgops.probe_locks(regclass, regclass[], text[]) to pgops_operator;
