create or replace function app.grant_rights() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    lab_table text;
begin
    foreach lab_table in array array['event_logs', 'users_distributed', 'orders_by_region', 'sales_data'] loop
        execute format('grant select on app.%I to partition_lab_reader', lab_table);
        execute format('grant select, insert on app.%I to partition_lab_app', lab_table);
        execute format('grant usage on sequence app.%I to partition_lab_app', lab_table || '_id_seq');
    end loop;
end
$$;

comment on function app.grant_rights() is
    'Lets partition_lab_reader read and partition_lab_app read and insert into the tables of the lab. Needs to be their '
    'owner.';

revoke all on function app.grant_rights() from public;
