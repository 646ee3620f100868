create or replace function pgops.carry_locks(sources regclass[]) returns table (relation regclass, lock_mode text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select distinct on (l.relation) l.relation, l.lock_mode
    from unnest(sources) as s (source)
    cross join lateral (
        select k.conrelid::regclass, 'access exclusive'
        from pgops.referencing_keys(s.source) as r (oid)
        join pg_constraint as k on k.oid = r.oid
        union all
        select k.confrelid::regclass, 'access exclusive'
        from pg_constraint as k
        where k.conrelid = s.source and k.contype = 'f'
    ) as l (relation, lock_mode)
    where l.relation <> all(sources)
    order by l.relation, l.lock_mode;
end;

comment on function pgops.carry_locks(regclass[]) is
    'Tables beyond those that are replaced which a switch locks, and how: those with foreign keys to them, whose keys are '
    'dropped and added again, and those that they have foreign keys to, which the old tables lose.';

revoke all on function pgops.carry_locks(regclass[]) from public;
grant execute on function pgops.carry_locks(regclass[]) to pgops_operator;
