create or replace function pgops.default_row_counts(parent regclass, pieces pgops.partition_piece[]) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set lock_timeout = '5s' -- whoever waits to read holds up no one
as $$
declare
    source regclass := pgops.default_partition(parent);
    key record := pgops.partition_key(parent);
    previous_role text;
    query text := (
        select format('select array[%s]::bigint[] from %s', string_agg(
            format('count(*) filter (where %s)', pgops.piece_condition(
                key.column_name, row(null, p.lower_bound, p.upper_bound, p.list_values, null, null, null)::pgops.partition_piece
            )), ', ' order by p.number), source)
        from unnest(pieces) with ordinality as p (
            partition_name, lower_bound, upper_bound, list_values, modulus, remainder, row_count, number
        )
    );
    row_counts bigint[];
begin
    if pieces = '{}' or not exists (select from pg_class as c where c.oid = source and c.relkind = 'r') then
        return null;
    end if;
    previous_role := pgops.become_owner(parent);
    execute query into row_counts;
    perform set_config('role', previous_role, true);
    return row_counts;
end
$$;

comment on function pgops.default_row_counts(regclass, pgops.partition_piece[]) is
    'How many rows of the default partition belong to each of the pieces, by RANGE or LIST; null without such a partition '
    'or when it is no plain table. Reads it once, as its owner. Errors and locks: as pgops.default_partition_periods().';

revoke all on function pgops.default_row_counts(regclass, pgops.partition_piece[]) from public;
grant execute on function pgops.default_row_counts(regclass, pgops.partition_piece[]) to pgops_operator;
