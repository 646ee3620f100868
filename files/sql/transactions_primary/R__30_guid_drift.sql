create or replace function app.guid_drift() returns table (
    transaction_guid uuid,
    date timestamptz,
    id bigint,
    problem text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        coalesce(t1.transaction_guid, g.transaction_guid),
        coalesce(t1.date, g.date),
        coalesce(t1.id, g.id),
        case
            when g.transaction_guid is null then 'not registered'
            when t1.transaction_guid is null then 'registered, but not in app.t1'
            else 'registered with another row'
        end
    from app.t1
    full join app.t1_guid as g on g.transaction_guid = t1.transaction_guid
    where (g.date, g.id) is distinct from (t1.date, t1.id);
end
$$;

comment on function app.guid_drift() is
    'Rows of app.t1 and of the registry app.t1_guid that do not match; nothing when all do. A guid that stands in two '
    'rows of app.t1 shows as "registered with another row". Needs SELECT on both. Locks: ACCESS SHARE.';

revoke all on function app.guid_drift() from public;
