create or replace function pgops.attached_definition(relation regclass) returns text
language sql
stable
strict
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(md5(string_agg(f.fact, E'\n' order by f.fact collate "C")), '')
    from (
        select format('key %s', row(k.conname, k.convalidated, pg_get_constraintdef(k.oid))) as fact
        from pg_constraint as k where k.conrelid = relation and k.contype = 'f' and k.conparentid = 0
        union all
        select format('index %s', row(pg_get_indexdef(i.indexrelid), i.indisvalid))
        from pg_index as i where i.indrelid = relation
    ) as f;
end;

comment on function pgops.attached_definition(regclass) is
    'A hash of the foreign keys and indexes of a table: what a new partition has to have before it is attached, because the server '
    'would make or prove it under the locks of ATTACH PARTITION.';

revoke all on function pgops.attached_definition(regclass) from public;
grant execute on function pgops.attached_definition(regclass) to pgops_operator;
