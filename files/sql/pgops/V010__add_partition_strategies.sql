-- Of the schema's own objects: nothing outside calls those functions, and the files R__* make anew those that are used. The
-- table holds a row a partitioned table.
-- squawk-ignore-file ban-drop-function, ban-drop-constraint, constraint-missing-not-valid
drop function if exists pgops.plan_steps(regclass, timestamptz);
drop function if exists pgops.partition_plan(regclass, jsonb, timestamptz);
drop function if exists pgops.plan_maintained_periods(regclass, jsonb, timestamptz);
drop function if exists pgops.plan_periods(regclass, jsonb, date[], timestamp);
drop function if exists pgops.plan_period(regclass, text, tsrange, tsmultirange, text, bigint);
drop function if exists pgops.plan_retention(regclass, jsonb, timestamptz);
drop function if exists pgops.plan_interrupted_detach(regclass);
drop function if exists pgops.create_range_partition(regclass, jsonb, pgops.partition_step);
drop function if exists pgops.partitions_within(regclass, tsrange);
drop function if exists pgops.check_policy_name(jsonb, text);
drop function if exists pgops.bound_value(text, regtype);
drop function if exists pgops.policy_retention(jsonb);
drop function if exists pgops.policy_default(jsonb);
drop function if exists pgops.default_partition_name(regclass, jsonb);

alter table pgops.partition_policy drop constraint strategy_known;
alter table pgops.partition_policy add constraint strategy_known check (strategy in ('range', 'list', 'hash'));

comment on column pgops.partition_policy.strategy is 'Partitioning strategy of the table: range, list or hash.';

alter type pgops.partition_step
    add attribute parent_name text,
    add attribute bound text,
    add attribute subpartitions jsonb;

create type pgops.partition_piece as (
    partition_name text,
    lower_bound text,
    upper_bound text,
    list_values text[],
    modulus integer,
    remainder integer,
    row_count bigint
);

comment on type pgops.partition_piece is
    'A partition as a policy wants it or a bound says it. partition_name: without schema and quotes. RANGE: lower_bound '
    '(included) and upper_bound (excluded), null for MINVALUE and MAXVALUE. LIST: list_values, with null for NULL. HASH: '
    'modulus and remainder. row_count: its rows in the default partition, null where nobody has counted.';
