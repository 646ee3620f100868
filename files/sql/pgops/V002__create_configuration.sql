create table pgops.configuration (
    name text primary key,
    value bigint not null,
    unit text not null,
    minimum bigint not null,
    maximum bigint not null,
    meaning text not null,
    constraint value_in_range check (value between minimum and maximum)
);

comment on table pgops.configuration is
    'Settings of the engine. Change one with UPDATE as superuser; it holds from the next step on.';
comment on column pgops.configuration.name is 'Name of the setting.';
comment on column pgops.configuration.value is 'Value in force, in the unit of column unit.';
comment on column pgops.configuration.unit is 'Unit of value, minimum and maximum.';
comment on column pgops.configuration.minimum is 'Smallest accepted value.';
comment on column pgops.configuration.maximum is 'Largest accepted value.';
comment on column pgops.configuration.meaning is 'What the setting does.';

-- lock_timeout stays below deadlock_timeout (1 s by default), so that the engine gives way before the server looks for
-- a victim; measured: 50 to 100 ms with pauses of 0.2 to 0.5 s get the lock soonest after a long reader ends.
insert into pgops.configuration (name, value, unit, minimum, maximum, meaning) values
(
    'lock_timeout', 100, 'milliseconds', 1, 900,
    'Longest wait for the locks of one step; writers wait no longer behind it.'
),
(
    'retry_delay_minimum', 200, 'milliseconds', 1, 60000,
    'Shortest pause before a step that missed its locks is tried again.'
),
(
    'retry_delay_maximum', 500, 'milliseconds', 1, 60000,
    'Longest pause before a step that missed its locks is tried again.'
),
(
    'lock_tries', 40, 'tries', 1, 10000,
    'A step that missed its locks so many times is given up until the next run.'
),
(
    'plan_partitions', 1200, 'partitions', 1, 100000,
    'Largest number of periods that one plan may cover.'
),
(
    'plan_partitions_from_default', 24, 'partitions', 0, 1000,
    'Partitions outside the wanted periods that one plan makes for rows of the default partition.'
),
(
    'event_keep', 90, 'days', 1, 36500,
    'Events older than this are purged by pgops.maintain().'
);

grant select on pgops.configuration to pgops_monitor;
