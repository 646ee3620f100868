grant usage on schema app to partition_lab_app, partition_lab_operator, partition_lab_reader, pgops_monitor;

select app.grant_rights();
