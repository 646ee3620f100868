create or replace view app.t1_totals as
select client_id, operation_type, sum(amount) as amount, sum(transactions) as transactions
from app.t1_recorded_total
group by client_id, operation_type
having sum(transactions) <> 0;

comment on view app.t1_totals is
    'Sum of amount and number of rows of app.t1 by client and operation type, over rows of state 1: exact at every '
    'moment. A plain view, because pg_ivm does not maintain incremental views under the apply worker.';
