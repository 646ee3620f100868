create or replace view app.totals_audit_status as
select
    audited_at,
    extract(epoch from clock_timestamp() - audited_at)::bigint as age_seconds,
    extract(epoch from duration) as duration_seconds,
    wrong_groups,
    wrong_guids,
    outcome
from app.totals_audit
order by audited_at desc
limit 1;

comment on view app.totals_audit_status is 'The last outcome of app.audit_totals(), for monitoring; empty before the first.';
