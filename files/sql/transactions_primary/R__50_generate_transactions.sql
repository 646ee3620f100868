create or replace procedure app.generate_transactions(
    row_count bigint default 100000,
    first_month date default (date_trunc('month', now() at time zone 'UTC') - interval '4 months')::date,
    months integer default 4,
    clients integer default 1000,
    seed bigint default 1
)
language plpgsql
as $$
declare
    started_at constant timestamptz := clock_timestamp();
    generation app.generation;
    generated_rows bigint := 0;
    policy jsonb;
    found record;
    month_start timestamptz;
    month_end timestamptz;
    make_partition boolean;
begin
    call pgops.check_can_commit('app.generate_transactions');
    perform app.check_generation(row_count, first_month, months, clients, seed);
    generation := app.begin_generation(row_count, first_month, months, clients, seed);
    policy := pgops.partition_policy_of('app.t1');
    for month_number in 0 .. months - 1 loop
        month_start := (first_month + month_number * interval '1 month') at time zone 'UTC';
        month_end := (first_month + (month_number + 1) * interval '1 month') at time zone 'UTC';
        found := app.find_month(generation, month_number);
        if found.has_rows then
            raise notice '%: has been generated before', to_char(month_start at time zone 'UTC', 'YYYY-MM');
            continue;
        end if;
        make_partition := not exists (
            select from app.t1_partition as p where p.lower_bound <= month_start and p.upper_bound >= month_end
        );
        -- A partition of our own, filled before it is attached, is the fastest way. Other periods than months, and rows of
        -- the month that are in the default partition, are for the engine. So is a table that is published: what is written
        -- before the table is a partition would reach no subscriber.
        if make_partition and (
            not policy @> '{"by": {"every": "month"}, "time_zone": "UTC"}'
            or exists (
                select from pg_catalog.pg_publication_tables as p
                join pg_catalog.pg_partition_tree('app.t1') as t
                    on t.relid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', p.schemaname, p.tablename))
            )
            or exists (select from app.t1 where t1.date >= month_start and t1.date < month_end)
        ) then
            call pgops.partition_ensure('app.t1', month_start, month_end);
            make_partition := false;
        end if;
        -- Gives up the locks of these questions: a partition cannot be attached while others hold them too.
        commit;
        if app.claim_month(generation, month_number, found.recorded_at) then
            generated_rows := generated_rows + app.generate_month(
                generation,
                month_number,
                case when make_partition then app.make_month_table((month_start at time zone 'UTC')::date) end
            );
        else
            raise notice '%: another session is generating it', to_char(month_start at time zone 'UTC', 'YYYY-MM');
        end if;
        commit;
    end loop;
    raise notice '% of % rows generated now, % rows/s', generated_rows, row_count,
        (generated_rows / extract(epoch from clock_timestamp() - started_at))::bigint;
end
$$;

comment on procedure app.generate_transactions(bigint, date, integer, integer, bigint) is
$$Fills app.t1 with row_count made-up rows, spread evenly over a number of months from first_month on (the first day of a
month, UTC) and over a number of clients. The same arguments always give the same rows, guids included; the ids too
where the sequence stands at the same place. Makes the months it needs through the engine, commits month by month,
reports each with its rows/s as NOTICE.
Called again with the same arguments it goes on where it was interrupted, and adds nothing to months that are complete;
months whose rows have been removed are generated again with the same ids. Two sessions that call it at the same time
share the months.
Needs to be called outside a transaction block by a superuser or by the owner of app.t1 with pgops_operator.
Errors: 22023 an argument, with its value and what is accepted; 2D000 called inside a transaction block or from a
function; 55P03 as app.reserve_ids(). Locks: as app.generate_month(), a month at a time. No search_path is set, because
a procedure with settings may not commit.$$;

revoke all on procedure app.generate_transactions(bigint, date, integer, integer, bigint) from public;
