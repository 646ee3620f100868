create or replace function pgops.operation_carried_keys(
    operation pgops.operation,
    phase text
) returns table (number bigint, command text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select min(a.place), a.command
    from (
        select t.number * 1000 + c.number as place,
            -- By then the new tables have their names.
            case phase when 'after_switch' then replace(c.command, t.target ->> 'made_as', t.target ->> 'name')
                else c.command end as command
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        cross join pgops.operation_carried(operation, t.target, phase) with ordinality as c (command, number)
        where operation.method = 'swap'
    ) as a
    group by a.command
    order by min(a.place);
end;

comment on function pgops.operation_carried_keys(pgops.operation, text) is
    'The commands of pgops.operation_carried() for a phase that concerns all new tables together (release, after_switch), '
    'each once.';

revoke all on function pgops.operation_carried_keys(pgops.operation, text) from public;
grant execute on function pgops.operation_carried_keys(pgops.operation, text) to pgops_operator;
