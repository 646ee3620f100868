create or replace view app.t1_recorded_total as
select month, client_id, operation_type, amount, transactions
from app.t1_month_total;

comment on view app.t1_recorded_total is
    'Totals by month as recorded; on the subscriber the changes that are not folded yet are part of it.';
