create or replace function app.totals_drift() returns table (
    client_id bigint,
    operation_type text,
    total_amount numeric,
    total_transactions bigint,
    recounted_amount numeric,
    recounted_transactions bigint
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        client_id,
        operation_type,
        total.amount,
        total.transactions,
        recount.amount,
        recount.transactions
    from app.t1_totals as total
    full join (
        select t1.client_id, t1.operation_type, sum(t1.amount) as amount, count(*) as transactions
        from app.t1
        where t1.state = 1
        group by t1.client_id, t1.operation_type
    ) as recount using (client_id, operation_type)
    where (total.amount, total.transactions) is distinct from (recount.amount, recount.transactions);
end
$$;

comment on function app.totals_drift() is
    'Groups in which app.t1_totals differs from a recount of app.t1; nothing when all are right. Null amounts: the '
    'group is missing on that side. Reads both in one snapshot, so writers disturb neither it nor its result. '
    'Needs SELECT on app.t1 and app.t1_totals. Locks: ACCESS SHARE.';

revoke all on function app.totals_drift() from public;
