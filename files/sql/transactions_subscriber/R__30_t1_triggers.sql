-- Row-level triggers are copied to every partition by the server. The conditions spare the call for rows that are not in
-- the totals. ENABLE ALWAYS makes them fire under the apply worker, and in the initial copy.
create or replace trigger t1_count_insert after insert on app.t1
for each row when (new.state = 1) execute function app.t1_count_row();

create or replace trigger t1_count_update after update on app.t1
for each row when (
    (old.state = 1 or new.state = 1)
    and (old.state, old.amount, old.client_id, old.operation_type, old.date)
        is distinct from (new.state, new.amount, new.client_id, new.operation_type, new.date)
) execute function app.t1_count_row();

create or replace trigger t1_count_delete after delete on app.t1
for each row when (old.state = 1) execute function app.t1_count_row();

-- Statement-level: app.add_statement_triggers() of set transactions_ddl puts it on each partition.
create or replace trigger t1_truncate before truncate on app.t1
for each statement execute function app.t1_before_truncate();

alter table app.t1 enable always trigger t1_count_insert;
alter table app.t1 enable always trigger t1_count_update;
alter table app.t1 enable always trigger t1_count_delete;
alter table app.t1 enable always trigger t1_truncate;
