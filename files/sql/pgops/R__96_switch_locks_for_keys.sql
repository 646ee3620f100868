create or replace function pgops.switch_locks_for_keys(
    method text,
    relation regclass,
    sources regclass[]
) returns table (locked regclass, lock_mode text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select k.locked, case when bool_or(k.lock_mode = 'access exclusive') then 'access exclusive' else max(k.lock_mode) end
    from (
        select c.relation as locked, case when method = 'swap' then 'access exclusive' else c.lock_mode end as lock_mode
        from pgops.carry_locks(sources) as c
        union all
        select t.relid, 'access exclusive'
        from unnest(sources) as s (source)
        cross join pgops.referencing_keys(s.source) as r (oid)
        join pg_constraint as k on k.oid = r.oid
        cross join pg_partition_tree(k.confrelid) as t
        where method = 'swap'
        union all
        select k.confrelid, 'access exclusive' from pg_constraint as k
        where method = 'attach' and k.conrelid = relation and k.contype = 'f'
        union all
        select k.conrelid, 'share row exclusive'
        from pgops.referencing_keys(relation) as r (oid)
        join pg_constraint as k on k.oid = r.oid
        where method = 'attach'
    ) as k
    group by k.locked;
end;

comment on function pgops.switch_locks_for_keys(text, regclass, regclass[]) is
    'What a switch locks beyond the tables that it exchanges, because foreign keys lead to them or from them.';

revoke all on function pgops.switch_locks_for_keys(text, regclass, regclass[]) from public;
grant execute on function pgops.switch_locks_for_keys(text, regclass, regclass[]) to pgops_operator;
