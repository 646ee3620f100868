create or replace function pgops.carry_indexes(source regclass, target regclass) returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    index record;
    index_name text;
    taken text[] := array(
        select o.relname
        from pg_class as o
        join pg_class as c on c.relnamespace = o.relnamespace
        where c.oid = target
    );
begin
    for index in
        with every_index as (
            select
                i.indexrelid,
                i.indrelid,
                c.relname,
                k.contype,
                d.definition,
                -- Of several equal ones, the first is the first of the other table.
                row_number() over (
                    partition by i.indrelid, i.indisunique, k.contype, d.definition order by c.relname
                ) as number,
                i.indisunique
            from pg_index as i
            join pg_class as c on c.oid = i.indexrelid
            left join pg_constraint as k
                on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
            cross join lateral (
                -- Deferrable or not is said by the constraint alone.
                select pgops.index_definition(i.indexrelid) || coalesce(pg_get_constraintdef(k.oid), '') as definition
            ) as d
            where i.indrelid in (source, target) and i.indisvalid
        )
        select s.indexrelid, s.relname, t.relname as present
        from every_index as s
        left join every_index as t
            on t.indrelid = target
                and t.indisunique = s.indisunique
                and t.contype is not distinct from s.contype
                and t.definition = s.definition
                and t.number = s.number
        where s.indrelid = source
        order by s.contype is distinct from 'p', s.contype nulls last, not s.indisunique, s.relname
    loop
        index_name := pgops.carried_name(source, target, index.relname, index.present, taken);
        taken := taken || index_name;
        if index.present <> index_name then
            return next format('alter index %s.%I rename to %I',
                (select c.relnamespace::regnamespace from pg_class as c where c.oid = target), index.present, index_name);
        end if;
        return query
            select c.* from pgops.carry_index(source, target, index.indexrelid, index_name, index.present is not null) as c;
    end loop;
    return query
        select format('alter table %s replica identity %s', target, case c.relreplident when 'f' then 'full' else 'nothing' end)
        from pg_class as c where c.oid = source and c.relreplident in ('f', 'n');
end
$$;

comment on function pgops.carry_indexes(regclass, regclass) is
    'Commands that give a filled table the indexes of another that it lacks, and the constraints that stand on indexes, the '
    'primary key first, with all that pgops.carry_index() carries, and the replica identity.';

revoke all on function pgops.carry_indexes(regclass, regclass) from public;
grant execute on function pgops.carry_indexes(regclass, regclass) to pgops_operator;
