-- Row-level triggers are copied to every partition by the server. The conditions spare the call for rows that are not in
-- the totals.
create or replace trigger t1_count_insert after insert on app.t1
for each row when (new.state = 1) execute function app.t1_count_row();

create or replace trigger t1_count_update after update on app.t1
for each row when (
    (old.state = 1 or new.state = 1)
    and (old.state, old.amount, old.message, old.date) is distinct from (new.state, new.amount, new.message, new.date)
) execute function app.t1_count_row();

create or replace trigger t1_count_delete after delete on app.t1
for each row when (old.state = 1) execute function app.t1_count_row();

-- The same for the apply worker and the initial copy, but BEFORE: for every transaction that fires an AFTER trigger of a
-- partition, the worker would log "resource was not closed" (seen on 16.15 and 18.6). The worker moves a row to another
-- partition as a deletion and an insertion, so each change is counted once.
create or replace trigger t1_apply_insert before insert on app.t1
for each row when (new.state = 1) execute function app.t1_count_row();

create or replace trigger t1_apply_update before update on app.t1
for each row when (
    (old.state = 1 or new.state = 1)
    and (old.state, old.amount, old.message, old.date) is distinct from (new.state, new.amount, new.message, new.date)
) execute function app.t1_count_row();

create or replace trigger t1_apply_delete before delete on app.t1
for each row when (old.state = 1) execute function app.t1_count_row();

-- Statement-level: app.add_statement_triggers() of set transactions_ddl puts it on each partition.
create or replace trigger t1_truncate before truncate on app.t1
for each statement execute function app.t1_before_truncate();

alter table app.t1 enable trigger t1_count_insert;
alter table app.t1 enable trigger t1_count_update;
alter table app.t1 enable trigger t1_count_delete;
alter table app.t1 enable replica trigger t1_apply_insert;
alter table app.t1 enable replica trigger t1_apply_update;
alter table app.t1 enable replica trigger t1_apply_delete;
alter table app.t1 enable always trigger t1_truncate;
