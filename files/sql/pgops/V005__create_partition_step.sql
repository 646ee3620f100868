create type pgops.partition_step as (
    operation text,
    partition_name text,
    lower_bound text,
    upper_bound text,
    row_count bigint,
    lock_level text,
    description text
);

comment on type pgops.partition_step is
    'A step of a partition plan; the columns are described at pgops.partition_plan().';
