create or replace function pgops.attach_commands(parent text, subpartitions jsonb) returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    subpartition jsonb;
begin
    -- From the top, as in pgops.attach_partition().
    for subpartition in select s.value from jsonb_array_elements(subpartitions) as s loop
        return next format('alter table %s attach partition %s %s', parent, subpartition ->> 'partition_name', subpartition ->> 'bound');
        return query select c.* from pgops.attach_commands(subpartition ->> 'partition_name', subpartition -> 'subpartitions') as c;
    end loop;
end
$$;

comment on function pgops.attach_commands(text, jsonb) is
    'The commands that attach the partitions of a new partition, which is attached itself by then. parent: its name, quoted and '
    'with schema; subpartitions: as pgops.plan_subpartitions() gives them; null for none.';

revoke all on function pgops.attach_commands(text, jsonb) from public;
grant execute on function pgops.attach_commands(text, jsonb) to pgops_operator;
