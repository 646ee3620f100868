create or replace function pgops.step_locks(
    parent regclass,
    operation text,
    partition regclass,
    has_default boolean
) returns table (locked regclass, lock_mode text, with_partitions boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    removes boolean := operation in ('detach', 'archive', 'drop');
    -- Tables whose foreign keys are made or taken away.
    keyed oid[] := case
        when operation in ('archive', 'drop') then array(
            select partition::oid union select t.relid from pg_partition_tree(partition) as t
        )
        when operation in ('detach', 'finalize_detach') then array[partition::oid]
        else array[parent::oid]
    end;
begin
    return query
    select parent, case
        when removes then 'access exclusive'
        when has_default and operation in ('create', 'create_from_default') then 'share row exclusive'
        else 'share update exclusive'
    end, false;
    return query
    select l.relation, 'access exclusive', coalesce(c.relkind = 'p', false)
    from (values
        (1, case when removes or operation = 'finalize_detach' then partition end, removes or operation = 'finalize_detach'),
        (2, pgops.default_partition(parent), has_default and operation not in ('create_default', 'finalize_detach'))
    ) as l (number, relation, is_locked)
    left join pg_class as c on c.oid = l.relation
    where l.is_locked
    order by l.number;
    -- Triggers come into being on the tables that keys lead to, with their partitions, or go; a key that leads to a partition
    -- which leaves goes from the table that has it.
    return query
    select k.relation::regclass, case when bool_or(k.exclusive) then 'access exclusive' else 'share row exclusive' end, bool_or(k.deep)
    from (
        select f.confrelid as relation, operation in ('archive', 'drop') as exclusive, c.relkind = 'p' as deep
        from pg_constraint as f
        join pg_class as c on c.oid = f.confrelid
        left join pg_constraint as above on above.oid = f.conparentid
        where f.contype = 'f' and f.conrelid = any(keyed)
            -- Not those to the single partitions of a table that the key as a whole leads to.
            and above.conrelid is distinct from f.conrelid
            and (f.conparentid <> 0 or operation not in ('detach', 'finalize_detach'))
        union all
        select f.conrelid, removes or operation = 'finalize_detach', false
        from pgops.referencing_keys(parent) as r (oid)
        join pg_constraint as f on f.oid = r.oid
    ) as k
    group by k.relation
    order by k.relation;
end
$$;

comment on function pgops.step_locks(regclass, text, regclass, boolean) is
    'What a step of a plan locks more strongly than reading does, beyond new tables, in the order in which it does: the parent, '
    'alone, the partition that leaves, the default partition, then tables that foreign keys lead to or come from. '
    'has_default: whether there is a default partition when the step runs; locked is null for one that is not there yet. '
    'Reads the catalogue only.';

revoke all on function pgops.step_locks(regclass, text, regclass, boolean) from public;
grant execute on function pgops.step_locks(regclass, text, regclass, boolean) to pgops_operator;
