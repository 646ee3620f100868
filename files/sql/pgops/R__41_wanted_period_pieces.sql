create or replace function pgops.wanted_period_pieces(
    parent regclass,
    policy jsonb,
    as_of timestamptz,
    parent_name text,
    is_there boolean
) returns setof pgops.partition_piece
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype := (pgops.key_column(parent, pgops.policy_column(policy))).key_type;
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
    today date := pgops.period_of(pgops.key_value(as_of, key_type, time_zone), key_type, every, time_zone);
    wanted date[];
    with_rows date[] := '{}';
    row_counts bigint[] := '{}';
begin
    wanted := pgops.wanted_periods(
        (today - (policy ->> 'behind')::integer * pgops.period_step(every))::date,
        (today + (policy ->> 'ahead')::integer * pgops.period_step(every))::date,
        every
    );
    if is_there then
        select coalesce(array_agg(d.first_day), '{}'), coalesce(array_agg(d.row_count), '{}') into with_rows, row_counts
        from pgops.default_partition_periods(parent, policy) as d;
    end if;
    -- Rows of the default partition get partitions of their own, the latest first where they are too many for one plan.
    return query
    with counted as (
        select d.first_day, d.row_count from unnest(with_rows, row_counts) as d (first_day, row_count)
    ),
    periods as (
        select w.first_day from unnest(wanted) as w (first_day)
        union all
        (
            select d.first_day from counted as d
            where d.first_day <> all (wanted)
            order by d.first_day desc
            limit pgops.configuration_value('plan_partitions_from_default')
        )
    )
    select p.*
    from pgops.pieces_of_periods(
        policy, key_type, parent_name,
        array(select p.first_day from periods as p order by p.first_day),
        array(select c.row_count from periods as p left join counted as c on c.first_day = p.first_day order by p.first_day)
    ) as p;
end
$$;

comment on function pgops.wanted_period_pieces(regclass, jsonb, timestamptz, text, boolean) is
    'The partitions that a policy by time wants at a moment: the current period, those ahead and behind, and those of rows '
    'that lie in the default partition. parent_name: of the table, for {parent}; is_there: false when it is yet to be made '
    'and parent is the one that it will belong to. Errors and locks: as pgops.default_partition_periods(), 54000 too many '
    'periods.';

revoke all on function pgops.wanted_period_pieces(regclass, jsonb, timestamptz, text, boolean) from public;
grant execute on function pgops.wanted_period_pieces(regclass, jsonb, timestamptz, text, boolean) to pgops_operator;
