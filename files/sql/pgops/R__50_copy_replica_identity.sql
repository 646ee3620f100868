create or replace function pgops.copy_replica_identity(parent regclass, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    replica_identity text;
begin
    select case c.relreplident
        when 'f' then 'full'
        when 'n' then 'nothing'
        when 'i' then 'using index ' || (
            select quote_ident(x.relname)
            from pg_index as p
            join pg_inherits as h on h.inhparent = p.indexrelid
            join pg_index as i on i.indexrelid = h.inhrelid and i.indrelid = partition
            join pg_class as x on x.oid = i.indexrelid
            where p.indrelid = parent and p.indisreplident
        )
    end into replica_identity
    from pg_class as c where c.oid = parent;
    if replica_identity is not null then
        perform pgops.run_as_owner(parent, format('alter table %s replica identity %s', partition, replica_identity));
    end if;
end
$$;

comment on function pgops.copy_replica_identity(regclass, regclass) is
    'Gives an attached partition the replica identity of the parent; an index is taken through its partition.';

revoke all on function pgops.copy_replica_identity(regclass, regclass) from public;
grant execute on function pgops.copy_replica_identity(regclass, regclass) to pgops_operator;
