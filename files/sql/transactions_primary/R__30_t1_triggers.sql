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

-- Seen on 16.14 and 18.6: when a MERGE through the root inserts a row and then updates another, the transition table of
-- the UPDATE trigger receives the inserted row in place of the updated one. Where partitions have a BEFORE INSERT row
-- trigger the server takes another path, which is right; it is enough that there is one. Never called, it costs some
-- tens of nanoseconds a row.
create or replace trigger t1_insert_row before insert on app.t1
for each row when (false) execute function app.t1_before_insert();
