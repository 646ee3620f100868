-- Partitions that came or went before the event trigger was there.
select app.remove_statement_triggers(), app.add_statement_triggers(), app.t1_partitions_changed();
