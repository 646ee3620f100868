create or replace function pgops.carry_key_obstacles(relation regclass, source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select o.obstacle
    from pgops.referencing_keys(source) as r (oid)
    join pg_constraint as k on k.oid = r.oid
    join pg_class as c on c.oid = k.conrelid
    join pg_class as t on t.oid = relation
    cross join lateral (
        select format('foreign key "%s" of %s refers to %s', k.conname, k.conrelid::regclass, k.confrelid::regclass) as who
    ) as w
    cross join lateral (
        select pg_partition_root(k.conrelid) = pg_partition_root(relation) is true as to_itself
    ) as i
    cross join lateral (values
        (i.to_itself, format('%s, so the table refers to itself: drop the key, and add it again afterwards', w.who)),
        (
            not i.to_itself and k.confrelid = source and source <> relation,
            format('%s itself, whose rows move to tables of other names: make it refer to %s', w.who, relation)
        ),
        (
            not i.to_itself and c.relkind = 'p' and current_setting('server_version_num')::integer < 180000
                and not (k.confrelid = source and source <> relation),
            format('%s, and PostgreSQL %s cannot add a key of a partitioned table as NOT VALID: drop the key and add it '
                'again afterwards, or do this on PostgreSQL 18', w.who,
                current_setting('server_version_num')::integer / 10000)
        ),
        (
            not pg_has_role(t.relowner, c.relowner, 'USAGE'),
            format('%s, which belongs to %s, so that %s, the owner of %s, can neither drop nor add the key: drop it, or '
                'GRANT %s TO %s', w.who, c.relowner::regrole, t.relowner::regrole, relation, c.relowner::regrole,
                t.relowner::regrole)
        )
    ) as o (holds, obstacle)
    where o.holds
    union all
    select format('foreign key "%s" of %s refers to %s, on which its owner %s has no REFERENCES privilege any more: GRANT '
        'REFERENCES ON %s TO %s', k.conname, source, k.confrelid::regclass, c.relowner::regrole, k.confrelid::regclass,
        c.relowner::regrole)
    from pg_constraint as k
    join pg_class as c on c.oid = k.conrelid
    where k.conrelid = source
        and k.contype = 'f'
        and not has_table_privilege(c.relowner, k.confrelid, 'REFERENCES')
        and not exists (
            select from unnest(k.confkey) as f (attnum)
            having bool_and(has_column_privilege(c.relowner, k.confrelid, f.attnum, 'REFERENCES'))
        )
    union all
    select format('trigger of the server for foreign key "%s" of %s is not enabled as usual: ALTER TABLE %s ENABLE TRIGGER ALL',
        k.conname, k.conrelid::regclass, t.tgrelid::regclass)
    from pg_trigger as t
    join pg_constraint as k on k.oid = t.tgconstraint and k.contype = 'f'
    where t.tgisinternal
        and t.tgenabled <> 'O'
        and (source in (t.tgrelid, k.conrelid) or k.oid in (select r.oid from pgops.referencing_keys(source) as r (oid)));
end;

comment on function pgops.carry_key_obstacles(regclass, regclass) is
    'Why foreign keys that refer to a table, or to the partitioned tables above it, or that it has itself, cannot be dropped '
    'and added again.';

revoke all on function pgops.carry_key_obstacles(regclass, regclass) from public;
grant execute on function pgops.carry_key_obstacles(regclass, regclass) to pgops_operator;
