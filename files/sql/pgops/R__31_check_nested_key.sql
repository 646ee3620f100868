create or replace function pgops.check_nested_key(parent regclass, column_name name) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    attribute record;
    index_name text;
begin
    select a.attnum, a.attgenerated into attribute
    from pg_attribute as a
    where a.attrelid = parent and a.attname = column_name and a.attnum > 0 and not a.attisdropped;
    if attribute.attgenerated <> '' then
        raise exception 'column "%" of % is a generated column; accepted in "subpartitions": another one',
            column_name, parent using errcode = 'feature_not_supported';
    end if;
    select i.indexrelid::regclass::text into index_name
    from pg_index as i
    where i.indrelid = parent and (i.indisunique or i.indisexclusion)
        and attribute.attnum <> all (i.indkey::int2[])
    limit 1;
    if found then
        raise exception 'column "%" of % is not in its unique index %; accepted in "subpartitions": a column of every one',
            column_name, parent, index_name using errcode = 'feature_not_supported',
            hint = 'The server keeps rows unique within one partition only.';
    end if;
end
$$;

comment on function pgops.check_nested_key(regclass, name) is
    'Raises unless partitions of the table can be partitioned by a column. Errors: 0A000 a generated column, or not in '
    'every unique index.';

revoke all on function pgops.check_nested_key(regclass, name) from public;
grant execute on function pgops.check_nested_key(regclass, name) to pgops_operator;
