create or replace procedure app.audit_totals()
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    started_at constant timestamptz := clock_timestamp();
    wrong_groups bigint;
    wrong_guids bigint;
    found_wrong boolean;
begin
    select count(*) into wrong_groups from app.totals_drift();
    if to_regprocedure('app.guid_drift()') is not null then
        select count(*) into wrong_guids from app.guid_drift();
    end if;
    found_wrong := wrong_groups > 0 or wrong_guids > 0;
    insert into app.totals_audit (duration, wrong_groups, wrong_guids)
    values (clock_timestamp() - started_at, wrong_groups, wrong_guids);
    delete from app.totals_audit where audited_at < now() - interval '1 year';
    perform pgops.log_event(
        case when found_wrong then 'error' else 'info' end,
        'app.audit_totals',
        'app.t1_totals',
        case
            when found_wrong
                then format('%s groups and %s guids differ from app.t1; see app.totals_drift() and app.guid_drift(), '
                    'mend them with app.repair_totals()', wrong_groups, coalesce(wrong_guids, 0))
            else 'totals equal a recount of app.t1'
        end,
        jsonb_build_object('wrong_groups', wrong_groups, 'wrong_guids', wrong_guids)
    );
    if found_wrong then
        raise warning 'totals are wrong: % groups and % guids differ from app.t1', wrong_groups, coalesce(wrong_guids, 0)
            using hint = 'Run SELECT * FROM app.repair_totals();';
    end if;
end
$$;

comment on procedure app.audit_totals() is
    'Compares the totals, and on the primary the guids, with app.t1; keeps the outcome in app.totals_audit and logs an '
    'event of severity info or error. Needs pgops_operator, SELECT on app.t1, app.t1_totals and app.t1_guid. '
    'Locks: ACCESS SHARE.';

revoke all on procedure app.audit_totals() from public;
