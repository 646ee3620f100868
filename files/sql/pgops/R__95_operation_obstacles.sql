create or replace function pgops.operation_obstacles(relation regclass, sources regclass[], operation text) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('foreign key "%s" of %s refers to %s: drop it, and add it again afterwards', k.conname, k.conrelid::regclass,
        k.confrelid::regclass)
    from pg_constraint as k
    where k.contype = 'f' and k.conparentid = 0 and (k.confrelid = relation or k.confrelid = any(sources))
        and operation in ('add', 'split', 'merge', 'drain')
    union all
    select format('foreign key "%s" of %s: drop it, and add it again afterwards', k.conname, k.conrelid::regclass)
    from pg_constraint as k
    where k.contype = 'f' and k.conparentid = 0 and (k.conrelid = relation or k.conrelid = any(sources))
        and operation in ('add', 'split', 'merge', 'drain') and sources <> '{}'
    union all
    select format('publication "%s" publishes every new table%s, also those in which rows are collected', p.pubname,
        case when p.puballtables then '' else ' of schema ' || c.relnamespace::regnamespace end)
    from pg_class as c
    join pg_publication as p
        on p.puballtables or exists (
            select from pg_publication_namespace as s where s.pnpubid = p.oid and s.pnnspid = c.relnamespace
        )
    where c.oid = relation and sources <> '{}' and operation in ('add', 'split', 'merge', 'drain')
    union all
    select format('%s is no plain table%s', c.oid::regclass,
        case c.relkind when 'p' then ', it has partitions of its own: act on those' else '' end)
    from pg_class as c
    where c.oid = any(sources) and c.relkind <> 'r' and operation in ('add', 'split', 'merge', 'drain', 'archive')
    union all
    select format('%s is a temporary table', c.oid::regclass) from pg_class as c where c.oid = relation and c.relpersistence = 't';
end;

comment on function pgops.operation_obstacles(regclass, regclass[], text) is
    'What stands in the way of an operation, each with what to do. Reads the catalogue only.';

revoke all on function pgops.operation_obstacles(regclass, regclass[], text) from public;
grant execute on function pgops.operation_obstacles(regclass, regclass[], text) to pgops_operator;
