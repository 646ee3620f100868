create or replace view app.t1_totals_source as
select client_id, operation_type, sum(amount) as amount, sum(transactions) as transactions
from app.t1_month_total
where transactions <> 0
group by client_id, operation_type;

comment on view app.t1_totals_source is
    'The query of the incremental view app.t1_totals: app.repair_totals() compares the two and remakes the view from it.';
