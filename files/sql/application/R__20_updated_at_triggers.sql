-- An update that changes nothing leaves the row, and so the time of its last change, as it was.
create or replace trigger keep_updated_at before update on app.users
for each row when (old.* is distinct from new.*) execute function app.keep_updated_at();

create or replace trigger keep_updated_at before update on app.data_entries
for each row when (old.* is distinct from new.*) execute function app.keep_updated_at();
