create or replace function pgops.call_hook(
    parent regclass,
    policy jsonb,
    hook text,
    variadic arguments regclass[]
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    hook_function text[] := parse_ident(policy #>> array['hooks', hook]);
begin
    if hook_function is not null then
        perform pgops.run_as_owner(parent, format('select %I.%I(%s)', hook_function[1], hook_function[2],
            (select string_agg(format('%s::regclass', a.relation::oid), ', ') from unnest(arguments) as a (relation))));
    end if;
end
$$;

comment on function pgops.call_hook(regclass, jsonb, text, regclass[]) is
    'Calls a hook of a policy (attached, detaching, moved), where it names one, as owner of the parent and in the '
    'transaction of the step: an error in the hook undoes the step.';

revoke all on function pgops.call_hook(regclass, jsonb, text, regclass[]) from public;
grant execute on function pgops.call_hook(regclass, jsonb, text, regclass[]) to pgops_operator;
