create or replace function pgops.subpartition_names(target jsonb) returns setof text
language sql
immutable
set search_path = pg_catalog, pg_temp
begin atomic
    select n.value #>> '{}'
    from jsonb_path_query(target -> 'subpartitions', 'strict $.** ? (@.type() == "object").partition_name') as n (value);
end;

comment on function pgops.subpartition_names(jsonb) is
    'The names, quoted and with schema, of the partitions at all levels that a new partition of an operation gets from the start.';

revoke all on function pgops.subpartition_names(jsonb) from public;
grant execute on function pgops.subpartition_names(jsonb) to pgops_operator;
