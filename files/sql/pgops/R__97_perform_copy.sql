create or replace function pgops.perform_copy(operation pgops.operation) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    columns text := pgops.stored_columns(root);
    all_sources jsonb := operation.sources;
    source record;
    first_block bigint;
    rows_copied bigint := 0;
begin
    -- What lies in later blocks was written after the triggers were there: the log has its keys.
    if not all_sources #> '{0}' ? 'blocks' then
        select jsonb_agg(s.source || jsonb_build_object('next_block', 0,
            'blocks', case when s.source ? 'partitioned' then 0 else pgops.relation_blocks((s.source ->> 'oid')::oid::regclass) end,
            'filenode', pg_relation_filenode((s.source ->> 'oid')::oid)::bigint) order by s.number)
        into all_sources from jsonb_array_elements(all_sources) with ordinality as s (source, number);
    end if;
    select s.number - 1 as position, (s.source ->> 'oid')::oid::regclass as name, (s.source ->> 'next_block')::bigint as next_block,
        (s.source ->> 'blocks')::bigint as blocks
    into source
    from jsonb_array_elements(all_sources) with ordinality as s (source, number)
    where (s.source ->> 'next_block')::bigint < (s.source ->> 'blocks')::bigint
    order by s.number limit 1;
    if source.name is not null then
        first_block := source.next_block + (operation.options ->> 'batch_blocks')::bigint;
        rows_copied := pgops.run_on_all_rows(root, format(
            'insert into %1$s (%2$s) overriding system value select %2$s from only %3$s'
            ' where ctid >= ''(%4$s,0)'' and ctid < ''(%5$s,0)''',
            pgops.operation_object(root, operation.operation_id, 'route'), columns, source.name, source.next_block, first_block));
        all_sources := jsonb_set(all_sources, array[source.position::text, 'next_block'], to_jsonb(least(first_block, source.blocks)));
    end if;
    -- VACUUM FULL and CLUSTER put rows elsewhere without a change that triggers could note.
    if exists (
        select from jsonb_array_elements(all_sources) as s (source)
        where pg_relation_filenode((s.source ->> 'oid')::oid) <> (s.source ->> 'filenode')::oid
    ) then
        raise exception 'a table whose rows are copied was rewritten' using errcode = 'PG003';
    end if;
    update pgops.operation as o
    set sources = all_sources, copied_rows = o.copied_rows + rows_copied
    where o.operation_id = operation.operation_id;
    return not all_sources @? '$[*] ? (@.next_block < @.blocks)';
end
$$;

comment on function pgops.perform_copy(pgops.operation) is
    'Phase copy: copies the next blocks of a source (option batch_blocks) into the new tables; returns true when none is '
    'left. Errors: PG003 a source was rewritten. Locks: ACCESS SHARE on the source.';

revoke all on function pgops.perform_copy(pgops.operation) from public;
grant execute on function pgops.perform_copy(pgops.operation) to pgops_operator;
