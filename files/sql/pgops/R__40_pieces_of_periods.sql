create or replace function pgops.pieces_of_periods(
    policy jsonb,
    key_type regtype,
    parent_name text,
    first_days date[],
    row_counts bigint[] default '{}'
) returns setof pgops.partition_piece
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        pgops.check_partition_name(
            replace(pgops.partition_name(policy ->> 'name', b.first_day), '{parent}', parent_name)
        ),
        pgops.bound_literal(b.lower_bound, key_type),
        pgops.bound_literal(b.upper_bound, key_type),
        null::text[],
        null::integer,
        null::integer,
        b.row_count
    from (
        select
            p.first_day, coalesce(p.row_count, 0) as row_count,
            pgops.period_bound(p.first_day, key_type, policy ->> 'time_zone') as lower_bound,
            pgops.period_bound(
                (p.first_day + pgops.period_step(policy #>> '{by,every}'))::date, key_type, policy ->> 'time_zone'
            ) as upper_bound
        from unnest(first_days, row_counts) as p (first_day, row_count)
    ) as b
    -- Empty where a zone left out the whole period (Apia had no 30 December 2011).
    where b.lower_bound < b.upper_bound
    order by b.first_day;
end;

comment on function pgops.pieces_of_periods(jsonb, regtype, text, date[], bigint[]) is
    'The partitions of periods, given by their first days, with the number of their rows in the default partition. '
    'parent_name: of their table, for {parent}. Errors: 42622 names too long.';

revoke all on function pgops.pieces_of_periods(jsonb, regtype, text, date[], bigint[]) from public;
grant execute on function pgops.pieces_of_periods(jsonb, regtype, text, date[], bigint[]) to pgops_operator;
