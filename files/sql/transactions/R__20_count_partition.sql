create or replace function app.count_partition(partition regclass, sign integer) returns bigint
language sql
set search_path = pg_catalog, pg_temp
return app.count_rows(format(
    'select app.month_of(date), client_id, operation_type, %s * amount, %s from %s where state = 1',
    sign, sign, partition
));

comment on function app.count_partition(regclass, integer) is
    'Adds the rows of one partition to the totals (sign 1) or takes them out (sign -1); returns how many totals changed. '
    'Locks: ACCESS SHARE on the partition, and as app.add_to_totals().';

revoke all on function app.count_partition(regclass, integer) from public;
