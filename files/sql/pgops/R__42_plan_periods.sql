create or replace function pgops.plan_periods(
    parent regclass,
    policy jsonb,
    wanted date[],
    not_before timestamp default null
) returns setof pgops.partition_step
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype := (pgops.range_key(parent)).key_type;
    existing tsrange[] := array(
        select tsrange(p.lower_bound, p.upper_bound) from pgops.partitions(parent) as p where not p.is_default
    );
    covered tsmultirange := coalesce((select range_agg(e.taken) from unnest(existing) as e (taken)), '{}');
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
    schema_name text := (select c.relnamespace::regnamespace::text from pg_class as c where c.oid = parent);
    -- It is there before the other steps of the plan run.
    default_partition text := coalesce(
        pgops.default_partition(parent)::text, (select d.partition_name from pgops.plan_default(parent, policy) as d)
    );
    period record;
    bounds tsrange;
    gaps tsmultirange;
begin
    for period in
        select p.first_day, coalesce(d.row_count, 0) as row_count
        from unnest(wanted) as p (first_day)
        left join pgops.default_partition_periods(parent, policy) as d on d.first_day = p.first_day
        order by p.first_day
    loop
        -- Empty where a zone left out the whole period (Apia had no 30 December 2011).
        bounds := tsrange(
            pgops.period_bound(period.first_day, key_type, time_zone),
            pgops.period_bound((period.first_day + pgops.period_step(every))::date, key_type, time_zone)
        );
        gaps := tsmultirange(bounds) - covered;
        continue when isempty(bounds) or upper(bounds) <= not_before;
        -- A period has its partition when just one lies within it: that of its bounds, or of what others left of it.
        continue when isempty(gaps) and (
            bounds = any (existing) or (select count(*) from unnest(existing) as e (taken) where e.taken <@ bounds) = 1
        );
        return next pgops.plan_period(
            parent,
            format('%s.%I', schema_name, pgops.partition_name(policy ->> 'name', period.first_day)),
            bounds,
            gaps,
            default_partition,
            period.row_count
        );
    end loop;
end
$$;

comment on function pgops.plan_periods(regclass, jsonb, date[], timestamp) is
    'The steps that cover the wanted periods (their first days) but those wholly before a key value, in order of time. '
    'A period that others cover in part gets a partition for the rest; one that others cover is blocked. '
    'Errors and locks: as pgops.default_partition_periods(), 42622 names too long.';

revoke all on function pgops.plan_periods(regclass, jsonb, date[], timestamp) from public;
grant execute on function pgops.plan_periods(regclass, jsonb, date[], timestamp) to pgops_operator;
