create or replace function pgops.carry_foreign_keys(source regclass, target regclass, valid boolean) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- One that is added and validated in one step keeps writers out of the referenced table while all rows are read.
    select x.command
    from pg_constraint as k
    -- A key to a partitioned table has rows for its partitions, too.
    left join pg_constraint as p on p.oid = k.conparentid
    cross join lateral (
        select regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') as definition,
            pg_get_constraintdef(k.oid) ~ ' NOT ENFORCED$' as is_idle
    ) as d
    -- Partitioned tables have their keys before they have partitions.
    cross join (select c.relkind = 'p' and carry_foreign_keys.valid as is_empty from pg_class as c where c.oid = target) as e
    cross join lateral (values
        (1, format('alter table %s add constraint %I %s%s', target, k.conname, d.definition,
            case when not d.is_idle and not e.is_empty then ' not valid' end)),
        (2, case when valid and not e.is_empty then format('alter table %s validate constraint %I', target, k.conname) end),
        (3, format('comment on constraint %I on %s is ', k.conname, target)
            || quote_literal(obj_description(k.oid, 'pg_constraint')))
    ) as x (place, command)
    where k.conrelid = source
        and k.contype = 'f'
        and k.convalidated = valid
        and p.conrelid is distinct from k.conrelid
        and x.command is not null
        and not exists (
            select from pg_constraint as t where t.conrelid = target and t.contype = 'f' and t.conname = k.conname
        )
    order by k.conname, x.place;
end;

comment on function pgops.carry_foreign_keys(regclass, regclass, boolean) is
    'Commands that give a table the foreign keys of another to other tables that it lacks. The valid ones, before ATTACH '
    'PARTITION, which then need not look through the table, are added NOT VALID and validated, each in a transaction of its '
    'own (one that is partitioned has no rows yet, and gets them valid); those that are not valid, after it, which might take one for that of the root. '
    'Locks: SHARE ROW EXCLUSIVE on the referenced table for a moment, ROW SHARE while rows are looked through.';

revoke all on function pgops.carry_foreign_keys(regclass, regclass, boolean) from public;
grant execute on function pgops.carry_foreign_keys(regclass, regclass, boolean) to pgops_operator;
