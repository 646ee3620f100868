-- What a working subscriber shows; a row a claim.
select
    'the subscription is running' as claim,
    coalesce(bool_or(s.pid is not null and s.relid is null), false) as holds,
    coalesce(string_agg(format('worker %s, received %s', s.pid, s.received_lsn), '; '), 'there is no subscription') as seen
from pg_stat_subscription as s
where s.subname = 't1_subscription'
union all
select
    'all tables are copied', count(*) > 0 and bool_and(r.srsubstate = 'r'),
    coalesce(string_agg(format('%s: %s', r.srrelid::regclass, r.srsubstate), '; '), 'it has no tables')
from pg_subscription_rel as r
union all
select 'totals equal a recount', count(*) = 0, format('%s groups differ: %s', count(*), coalesce(json_agg(d)::text, '[]'))
from (select * from app.totals_drift() limit 5) as d
