create or replace function pgops.replay_key(relation regclass, sources regclass[]) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_agg(
        jsonb_build_object(
            'name', quote_ident(a.attname),
            'type', format_type(a.atttypid, a.atttypmod) || coalesce(' collate ' || nullif(a.attcollation, 0)::regcollation, ''),
            'equals', format('operator(%I.%s)', n.nspname, o.oprname)
        )
        order by k.position
    )
    from (
        select i.indexrelid, i.indrelid, i.indkey, i.indclass, i.indnkeyatts
        from pg_index as i
        join pg_class as x on x.oid = i.indexrelid
        join pg_am as m on m.oid = x.relam
        where (i.indrelid = relation or array[i.indrelid::regclass] = sources)
            and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and m.amname = 'btree'
            and not exists (
                select from unnest((i.indkey::int2[])[0 : i.indnkeyatts - 1]) as k (attnum)
                where k.attnum <= 0 or not pgops.is_never_null(i.indrelid, k.attnum)
            )
        order by i.indisprimary desc, i.indrelid = relation desc, i.indnkeyatts asc, i.indexrelid asc
        limit 1
    ) as i
    cross join unnest(
        (i.indkey::int2[])[0 : i.indnkeyatts - 1], (i.indclass::oid[])[0 : i.indnkeyatts - 1]
    ) with ordinality as k (attnum, opclass, position)
    join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
    join pg_opclass as c on c.oid = k.opclass
    join pg_amop as p
        on p.amopfamily = c.opcfamily and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
        and p.amopstrategy = 3
    join pg_operator as o on o.oid = p.amopopr
    join pg_namespace as n on n.oid = o.oprnamespace;
end;

comment on function pgops.replay_key(regclass, regclass[]) is
    'The columns by which changed rows are found again while they are copied: of the primary key, or of a unique index '
    'over columns that are NOT NULL, of the table or of the only source; null for none.';

revoke all on function pgops.replay_key(regclass, regclass[]) from public;
grant execute on function pgops.replay_key(regclass, regclass[]) to pgops_operator;
