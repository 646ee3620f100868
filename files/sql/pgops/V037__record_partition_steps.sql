-- Of the schema's own objects: nothing outside calls those functions, and the files R__* make anew those that are used.
-- squawk-ignore-file ban-drop-function
drop function if exists pgops.try_partition_step(regclass, jsonb, pgops.partition_step);
drop function if exists pgops.perform_partition_step(regclass, jsonb, pgops.partition_step);
drop function if exists pgops.create_default_partition(regclass, jsonb, text);
drop function if exists pgops.create_partition(regclass, jsonb, pgops.partition_step);
drop function if exists pgops.remove_partition(regclass, jsonb, pgops.partition_step);
drop function if exists pgops.finalize_detach(regclass, pgops.partition_step);
drop function if exists pgops.probe_locks(regclass, regclass[], text[]);
drop function if exists pgops.lock_relations(regclass, regclass[], text[]);

comment on column pgops.event.details is $$The same as values, for machines. Of a step of a policy (source "partitions",
messages that begin with create_default, create, create_from_default, detach, drop or finalize_detach): lower_bound,
upper_bound, bound; who: the session user; duration_ms: of the whole step, with pauses between tries; tries; longest_wait_ms:
of all tries the longest time from asking for locks until they were given back, by commit or by giving up, so the longest that
anybody waited behind the step. row_count: rows that moved (counted as they do), were detached or dropped. The latter are
counted before the locks are asked for, so that nobody waits for that: what is written between is not in it. Beyond 1,000
blocks it is the planner's figure in proportion to the size, and row_count_estimated is true; where they could not be
counted, row_count_problem says why. duration_ms, longest_wait_ms and tries are missing where the session died right after its
commit. A step that failed has an event of severity error with the same. archive: operation_id, for pgops.operation.$$;
