create or replace function pgops.wanted_number_pieces(
    parent regclass,
    policy jsonb,
    parent_name text,
    is_there boolean
) returns setof pgops.partition_piece
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    every numeric := policy #>> '{by,every}';
    key_type regtype := (pgops.key_column(parent, pgops.policy_column(policy))).key_type;
    current_number numeric := 0;
    wanted numeric[];
    with_rows numeric[] := '{}';
    row_counts bigint[] := '{}';
begin
    if is_there then
        current_number := coalesce(pgops.multiple_below(pgops.highest_key(parent), every), 0);
        select coalesce(array_agg(d.first_number), '{}'), coalesce(array_agg(d.row_count), '{}')
        into with_rows, row_counts
        from pgops.default_partition_numbers(parent, policy) as d;
    end if;
    wanted := pgops.wanted_numbers(
        current_number - (policy ->> 'behind')::integer * every, current_number + (policy ->> 'ahead')::integer * every, every
    );
    return query
    with counted as (
        select d.first_number, d.row_count from unnest(with_rows, row_counts) as d (first_number, row_count)
    ),
    numbers as (
        select w.first_number from unnest(wanted) as w (first_number)
        union all
        (
            select d.first_number from counted as d
            where d.first_number <> all (wanted)
            order by d.first_number desc
            limit pgops.configuration_value('plan_partitions_from_default')
        )
    )
    select p.*
    from pgops.pieces_of_numbers(
        policy, key_type, parent_name,
        array(select n.first_number from numbers as n order by n.first_number),
        array(
            select c.row_count from numbers as n left join counted as c on c.first_number = n.first_number
            order by n.first_number
        )
    ) as p;
end
$$;

comment on function pgops.wanted_number_pieces(regclass, jsonb, text, boolean) is
    'The partitions that a policy by number wants: that of the highest key in the table (of 0, without rows), those ahead '
    'and behind, and those of rows that lie in the default partition. Arguments: as pgops.wanted_period_pieces(). '
    'Errors and locks: as pgops.highest_key() and pgops.default_partition_numbers().';

revoke all on function pgops.wanted_number_pieces(regclass, jsonb, text, boolean) from public;
grant execute on function pgops.wanted_number_pieces(regclass, jsonb, text, boolean) to pgops_operator;
