-- What a deploy adds to the table itself.
select
    cardinality(
        pgops.plan_range_steps(
            'app.operations',
            %(first_month)s::timestamp at time zone 'UTC',
            (%(last_month)s::timestamp + interval '1 month') at time zone 'UTC'
        )
    ) > 0 as months,
    not exists (select from app.test_data) as data
