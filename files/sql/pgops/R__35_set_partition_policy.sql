create or replace function pgops.set_partition_policy(parent regclass, policy jsonb) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    wanted jsonb := pgops.complete_policy(policy);
    rows_changed integer;
begin
    perform pgops.check_can_act_on(parent);
    perform pgops.check_policy(parent, wanted);
    insert into pgops.partition_policy as p (parent, policy)
    values (set_partition_policy.parent, wanted)
    on conflict on constraint partition_policy_pkey do update set policy = excluded.policy
    where p.policy <> excluded.policy;
    get diagnostics rows_changed = row_count;
    return rows_changed > 0;
end
$$;

comment on function pgops.set_partition_policy(regclass, jsonb) is $$Declares how the partitions of a table are kept;
returns true when that is new or changed. Nothing happens to the table until pgops.partition_apply() or
pgops.maintain() runs. Keys of the policy:
by (object): what the table is partitioned by and how it is cut, one of
  {"range": column, "every": "day", "week" (from Monday), "month", "quarter" or "year"}: date, timestamp, timestamptz;
  {"range": column, "every": number}: smallint, integer, bigint, numeric, cut at the multiples of the number;
  {"range": column} beside partitions, {"list": column} beside partitions, {"hash": column, "modulus": number}.
name (text): pattern of partition names without schema, such as "t1_{year}_{month}"; fields by time {year} {quarter}
  {month} {week} {day}, by number {from} {to}, by hash {remainder}. Partitions are made in the schema of the table.
partitions (list): by given bounds {"name", "from" (included), "to" (excluded)}, without from or to unbounded; by list
  {"name", "values"}, null for NULL.
ahead (default 3): partitions that exist after the current one, by number after that of the highest key. behind (default
  0): before it.
default (true, false or a name, default true = <table>_default): whether a default partition is made. One that is
  there is never removed. A table by hash has none.
retention (object, default none; RANGE only): keep = "24 months" (days, weeks, months, years), for numbers how far below
  the highest key; then = keep, detach, archive or drop; for archive into = a table, reason = a text. Touches only
  partitions wholly older, never the default.
time_zone (a name from pg_timezone_names, default UTC): whose midnights are the bounds; dates as given bounds of a
  timestamptz are such midnights.
hooks (object): attached, detaching = functions (partition regclass), moved = function (from regclass, to regclass).
storage_parameters (object): of new partitions, such as {"fillfactor": 90}.
tablespace (a name): of new partitions; default that of the table.
indexes (list): of new partitions only, {"columns": [..], "include": [..], "method": "btree", "unique": false}.
subpartitions (object): how each new partition is partitioned in turn: a policy without retention and hooks, whose names
  have the field {parent}. The default partition is not partitioned.
Needs pgops_operator and the right to SET ROLE to the table's owner.
Errors: 22023 with the key, the value and what is accepted; 42622 names over 63 bytes; 42501 may not act for the owner;
42809, 0A000 not a table partitioned as the policy says. Locks: none on the table.$$;

revoke all on function pgops.set_partition_policy(regclass, jsonb) from public;
grant execute on function pgops.set_partition_policy(regclass, jsonb) to pgops_operator;
