-- On the root; app.add_statement_triggers() of set transactions_ddl puts the same ones on each partition, since a
-- statement that names a partition fires only that partition's.
create or replace trigger t1_insert after insert on app.t1
referencing new table as new_rows
for each statement execute function app.t1_after_insert();

create or replace trigger t1_update after update on app.t1
referencing old table as old_rows new table as new_rows
for each statement execute function app.t1_after_update();

create or replace trigger t1_delete after delete on app.t1
referencing old table as old_rows
for each statement execute function app.t1_after_delete();

create or replace trigger t1_truncate before truncate on app.t1
for each statement execute function app.t1_before_truncate();
