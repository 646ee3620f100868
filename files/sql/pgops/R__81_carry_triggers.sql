create or replace function pgops.carry_triggers(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select x.command
    from pg_trigger as t
    join pg_proc as f on f.oid = t.tgfoid
    left join pg_trigger as p on p.oid = t.tgparentid
    cross join lateral (
        select format('CREATE %sTRIGGER %I ', case when t.tgconstraint <> 0 then 'CONSTRAINT ' end, t.tgname) as head,
            pg_get_triggerdef(t.oid) as whole
    ) as d
    cross join lateral (
        select substr(d.whole, length(d.head) + 1) as rest, format(' ON %s ', source) as place
    ) as r
    cross join lateral (values
        -- One of the root is cloned when the table is attached.
        -- An event trigger may have given it the same one when it was attached.
        (1, case when p.oid is null then replace(d.head, 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER')
            || split_part(r.rest, r.place, 1) || format(' ON %s ', target)
            || substr(r.rest, length(split_part(r.rest, r.place, 1)) + length(r.place) + 1) end),
        (2, case when t.tgenabled <> coalesce(p.tgenabled, 'O') then format('alter table %s %s trigger %I', target,
            case t.tgenabled when 'D' then 'disable' when 'R' then 'enable replica' when 'A' then 'enable always'
                else 'enable' end, t.tgname) end),
        (3, format('comment on trigger %I on %s is ', t.tgname, target)
            || quote_literal(obj_description(t.oid, 'pg_trigger')))
    ) as x (place, command)
    where t.tgrelid = source
        and not t.tgisinternal
        and f.pronamespace <> 'pgops'::regnamespace
        and not starts_with(t.tgname, 'pgops_operation_')
        and x.command is not null
    order by t.tgname, x.place;
end;

comment on function pgops.carry_triggers(regclass, regclass) is
    'Commands that give an attached table the triggers of another, enabled as they are there, with their comments. Of '
    'triggers that the root gives to all its partitions, only what differs; none of the engine''s own.';

revoke all on function pgops.carry_triggers(regclass, regclass) from public;
grant execute on function pgops.carry_triggers(regclass, regclass) to pgops_operator;
