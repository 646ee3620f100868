-- The schema may be there already: whoever applies the scripts records them in it.
create schema if not exists pgops;

comment on schema pgops is
    'Engine of pgops.fleet: partition policies, maintenance, events. Called by pg_cron and by Ansible alike.';

-- Roles belong to the whole cluster: another database, or another session at this moment, may have made them.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['pgops_monitor', 'pgops_operator'] loop
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then
                null;
        end;
    end loop;
end
$$;

comment on role pgops_monitor is 'Reads events, policies, settings and status views of schema pgops.';
comment on role pgops_operator is
    'May call the engine (schema pgops); acts only on tables whose owner the caller may SET ROLE to.';

-- An operator sees what a monitor sees.
grant pgops_monitor to pgops_operator;

revoke all on schema pgops from public;
grant usage on schema pgops to pgops_monitor;
