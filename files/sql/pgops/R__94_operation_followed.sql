create or replace function pgops.operation_followed(operation pgops.operation, target jsonb) returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when target ? 'followed' then (target ->> 'followed')::oid::regclass
        when target -> 'bound' ? 'default' then pgops.default_partition(operation.relation)
        -- What leaves the default partition becomes like every new partition.
        when operation.operation in ('add', 'drain') then operation.relation
        else (operation.sources #>> '{0,oid}')::oid::regclass
    end;
end;

comment on function pgops.operation_followed(pgops.operation, jsonb) is
    'The table that a new one is made after: of partitions of partitions the one that it takes the place of, else the default '
    'partition, the first source, or for rows that leave the default partition the partitioned table.';

revoke all on function pgops.operation_followed(pgops.operation, jsonb) from public;
grant execute on function pgops.operation_followed(pgops.operation, jsonb) to pgops_operator;
