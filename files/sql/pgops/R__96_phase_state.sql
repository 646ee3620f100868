create or replace function pgops.phase_state(phase text) returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return case
    when phase in ('kept', 'keep_up') then 'kept'
    when phase in ('create', 'redesign') then 'planned'
    when phase in ('capture', 'copy', 'restart', 'copy_back') then 'copying'
    when phase in (
        'settle', 'index', 'watch', 'settle_keys', 'keys', 'guard', 'compare', 'return_catch_up', 'return_compare', 'end_catch_up', 'end_compare'
    ) then 'replaying'
    when phase = 'wait' then 'waiting'
    when phase in ('catch_up', 'renew_log', 'switch', 'return_switch', 'end_switch') then 'switching'
    when phase in (
        'uncheck', 'follow_up', 'archive', 'clean', 'undo', 'after', 'publish', 'return_after', 'return_clean', 'end_clean'
    ) then 'finishing'
    else phase
end;

comment on function pgops.phase_state(text) is 'The state that pgops.operation shows while a phase is next or under way.';

revoke all on function pgops.phase_state(text) from public;
grant execute on function pgops.phase_state(text) to pgops_operator;
