create or replace function pgops.partition_is_another(operation pgops.operation) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select exists(
        select from pg_inherits as i
        join pg_class as c on c.oid = i.inhrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where i.inhparent = operation.relation
            and operation.operation in ('detach', 'archive', 'drop')
            and operation.arguments ->> 'partition' in (
                c.relname, format('%I.%I', n.nspname, c.relname), format('%s.%s', n.nspname, c.relname)
            )
            and c.oid <> (operation.sources #>> '{0,oid}')::oid
    );
end;

comment on function pgops.partition_is_another(pgops.operation) is
    'Whether the partition that an operation takes out of its table has left it already, and another one has come to its name.';

revoke all on function pgops.partition_is_another(pgops.operation) from public;
grant execute on function pgops.partition_is_another(pgops.operation) to pgops_operator;
