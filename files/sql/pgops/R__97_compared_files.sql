create or replace function pgops.compared_files(operation pgops.operation) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_object_agg(l.leaf::oid::text, pg_relation_filenode(l.leaf)::bigint), '{}')
    from unnest(case
        when operation.progress ? 'switched'
            then array(select t.leaf from pgops.table_leaves((operation.targets #>> '{0,oid}')::oid::regclass) as t (leaf))
        when operation.method in ('convert', 'follow') then array(select t.leaf from pgops.table_leaves(operation.relation) as t (leaf))
        else pgops.operation_sources(operation)
    end) as l (leaf);
end;

comment on function pgops.compared_files(pgops.operation) is
    'The tables that hold the rows which an operation copies, by OID, each with the number of its file: another one is a table '
    'that came or went, or one that was rewritten, by which rows change without a trigger.';

revoke all on function pgops.compared_files(pgops.operation) from public;
grant execute on function pgops.compared_files(pgops.operation) to pgops_operator;
