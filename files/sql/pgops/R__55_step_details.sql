create or replace function pgops.step_details(step pgops.partition_step) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
return jsonb_strip_nulls(jsonb_build_object('lower_bound', step.lower_bound, 'upper_bound', step.upper_bound,
    'bound', step.bound, 'who', session_user));

comment on function pgops.step_details(pgops.partition_step) is
    'Details that each event of a step has, whatever became of it.';

revoke all on function pgops.step_details(pgops.partition_step) from public;
grant execute on function pgops.step_details(pgops.partition_step) to pgops_operator;
