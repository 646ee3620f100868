-- Partitions that were there before the event trigger.
select app.add_statement_triggers(), app.t1_partitions_changed();
