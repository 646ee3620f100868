create or replace function app.remake_totals_view() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    grants text[] := array(
        select format('grant %s on app.t1_totals to %s', a.privilege_type,
            case a.grantee when 0 then 'public' else a.grantee::regrole::text end)
        from pg_class as c
        cross join lateral aclexplode(c.relacl) as a
        where c.oid = 'app.t1_totals'::regclass and a.grantee <> c.relowner
    );
    grant_command text;
begin
    drop table app.t1_totals;
    perform pgivm.create_immv('app.t1_totals', rtrim(pg_get_viewdef('app.t1_totals_source'::regclass), ';'));
    foreach grant_command in array grants loop
        execute grant_command;
    end loop;
end
$$;

comment on function app.remake_totals_view() is
    'Makes the incremental view app.t1_totals anew from the query of app.t1_totals_source, with the grants that it had. '
    'Errors: 2BP01 other objects depend on it. Locks: ACCESS EXCLUSIVE on app.t1_totals.';

revoke all on function app.remake_totals_view() from public;
