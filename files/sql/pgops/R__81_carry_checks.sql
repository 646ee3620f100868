create or replace function pgops.carry_checks(source regclass, target regclass, filled boolean) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- CREATE TABLE LIKE makes valid what is not valid, and the rows that the other table has would be refused.
    select format('alter table %s drop constraint %I', target, t.conname)
    from pg_constraint as t
    join pg_constraint as s on s.conrelid = source and s.conname = t.conname and s.contype = t.contype
    where not filled and t.conrelid = target and t.contype in ('c', 'n') and t.convalidated and not s.convalidated
    union all
    select c.command
    from (
        select s.conname, x.place, x.command
        from pg_constraint as s
        left join pg_constraint as t on t.conrelid = target and t.conname = s.conname
        cross join lateral (values
            (1, case when t.oid is null
                then format('alter table %s add constraint %I %s', target, s.conname, pg_get_constraintdef(s.oid)) end),
            (2, case
                when obj_description(s.oid, 'pg_constraint') is distinct from obj_description(t.oid, 'pg_constraint')
                    then format('comment on constraint %I on %s is %L', s.conname, target,
                        obj_description(s.oid, 'pg_constraint'))
            end)
        ) as x (place, command)
        where s.conrelid = source
            and (s.contype = 'c' or s.contype = 'n' and not s.convalidated)
            and (s.convalidated or filled)
            and x.command is not null
        order by s.conname, x.place
    ) as c;
end;

comment on function pgops.carry_checks(regclass, regclass, boolean) is
    'Commands that give a new table the CHECK constraints of another and their comments: the valid ones before it is '
    'filled, those that are not valid or not enforced afterwards.';

revoke all on function pgops.carry_checks(regclass, regclass, boolean) from public;
grant execute on function pgops.carry_checks(regclass, regclass, boolean) to pgops_operator;
