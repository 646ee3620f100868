create or replace function app.repair_totals_view() returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    view_kind "char" := (select c.relkind from pg_class as c where c.oid = to_regclass('app.t1_totals'));
    maintained boolean;
    wrong_totals bigint;
begin
    if view_kind = 'v' then
        return 0; -- a plain view of app.t1_month_total, on a server without pg_ivm
    end if;
    if view_kind is null or not exists (select from pg_extension where extname = 'pg_ivm') then
        raise exception 'app.t1_totals cannot be repaired: %',
            case when view_kind is null then 'it is missing' else 'extension pg_ivm is missing' end
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'Run the playbook that deploys the system: it creates the extension and the incremental view.';
    end if;
    -- Writers of the totals are done, and the next ones wait, before the comparison and until the view is right.
    lock table app.t1_month_total in share row exclusive mode;
    select count(*) into wrong_totals
    from app.t1_totals as total
    full join app.t1_totals_source as source using (client_id, operation_type)
    where (total.amount, total.transactions) is distinct from (source.amount, source.transactions);
    execute
        'select i.ispopulated and exists ('
        '    select from pg_trigger as t'
        '    where t.tgrelid = ''app.t1_month_total''::regclass and t.tgname like ''IVM\_trigger%'' and t.tgenabled = ''O'''
        ') from pgivm.pg_ivm_immv as i where i.immvrelid = ''app.t1_totals''::regclass'
    into maintained;
    if maintained is null then -- an ordinary table: pg_dump does not save what makes it an incremental view
        perform app.remake_totals_view();
        return greatest(wrong_totals, 1);
    end if;
    if not maintained then
        perform pgivm.refresh_immv('app.t1_totals', false);
    end if;
    if not maintained or wrong_totals > 0 then
        perform pgivm.refresh_immv('app.t1_totals', true);
        return greatest(wrong_totals, 1);
    end if;
    return 0;
end
$$;

comment on function app.repair_totals_view() is
    'Compares the incremental view app.t1_totals with its base, refreshes it when it is wrong, remakes it when it is not '
    'maintained (after pg_restore it is an ordinary table). Returns how many totals were wrong, at least 1 when it was '
    'not maintained. Errors: 55000 view or extension are missing. Locks: SHARE ROW EXCLUSIVE on app.t1_month_total, '
    'ACCESS EXCLUSIVE on the view when it is mended.';

revoke all on function app.repair_totals_view() from public;
