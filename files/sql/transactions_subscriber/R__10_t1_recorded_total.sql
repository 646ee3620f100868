create or replace view app.t1_recorded_total as
select month, client_id, operation_type, amount, transactions
from app.t1_month_total
union all
select app.month_of(date), client_id, operation_type, amount, transactions
from app.t1_total_change;

comment on view app.t1_recorded_total is
    'Totals by month as recorded; on the subscriber the changes that are not folded yet are part of it.';
