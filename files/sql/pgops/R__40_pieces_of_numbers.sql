create or replace function pgops.pieces_of_numbers(
    policy jsonb,
    key_type regtype,
    parent_name text,
    first_numbers numeric[],
    row_counts bigint[] default '{}'
) returns setof pgops.partition_piece
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        pgops.check_partition_name(replace(replace(replace(
            policy ->> 'name', '{from}', n.lower_bound::text), '{to}', n.upper_bound::text), '{parent}', parent_name)),
        -- What the type cannot hold is no bound of it, but there is nothing beyond.
        case when n.lower_bound < n.minimum then null else n.lower_bound::text end,
        case when n.upper_bound > n.maximum then null else n.upper_bound::text end,
        null::text[],
        null::integer,
        null::integer,
        n.row_count
    from (
        select
            p.first_number as lower_bound, p.first_number + (policy #>> '{by,every}')::numeric as upper_bound,
            coalesce(p.row_count, 0) as row_count,
            case key_type
                when 'int2'::regtype then -32768
                when 'int4'::regtype then -2147483648
                when 'int8'::regtype then -9223372036854775808
            end::numeric as minimum,
            case key_type
                when 'int2'::regtype then 32767
                when 'int4'::regtype then 2147483647
                when 'int8'::regtype then 9223372036854775807
            end::numeric as maximum
        from unnest(first_numbers, row_counts) as p (first_number, row_count)
    ) as n
    where coalesce(n.lower_bound <= n.maximum and n.upper_bound > n.minimum, true)
    order by n.lower_bound;
end;

comment on function pgops.pieces_of_numbers(jsonb, regtype, text, numeric[], bigint[]) is
    'The partitions of a policy by number, given by where they begin, with the number of their rows in the default '
    'partition. parent_name: of their table, for {parent}. Errors: 42622 names too long.';

revoke all on function pgops.pieces_of_numbers(jsonb, regtype, text, numeric[], bigint[]) from public;
grant execute on function pgops.pieces_of_numbers(jsonb, regtype, text, numeric[], bigint[]) to pgops_operator;
