create or replace function pgops.phase_state(phase text) returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return case
    when phase in ('create', 'redesign') then 'planned'
    when phase in ('capture', 'copy', 'restart') then 'copying'
    when phase in ('settle', 'index', 'guard', 'compare') then 'replaying'
    when phase = 'wait' then 'waiting'
    when phase in ('catch_up', 'switch') then 'switching'
    when phase in ('follow_up', 'archive', 'clean', 'undo') then 'finishing'
    else phase
end;

comment on function pgops.phase_state(text) is 'The state that pgops.operation shows while a phase is next or under way.';

revoke all on function pgops.phase_state(text) from public;
grant execute on function pgops.phase_state(text) to pgops_operator;
