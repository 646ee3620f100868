create or replace function pgops.conversion_ended_before(relation regclass, operation text, arguments jsonb) returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select c.operation_id
        from (
            select o.*
            from pgops.operation as o
            join pg_class as r on r.oid = conversion_ended_before.relation
            where o.operation = 'convert'
                and o.relation_owner = pg_get_userbyid(r.relowner)
                and (o.relation = conversion_ended_before.relation or (o.targets #>> '{0,oid}')::oid = conversion_ended_before.relation)
            order by o.operation_id desc
            limit 1
        ) as c
        where c.state = case conversion_ended_before.operation when 'undo' then 'undone' when 'finish' then 'done' end
            and (conversion_ended_before.operation = 'undo' or coalesce(c.progress -> 'drop_old', 'false')
                = coalesce(conversion_ended_before.arguments -> 'drop_old', 'false'))
    );
end
$$;

comment on function pgops.conversion_ended_before(regclass, text, jsonb) is
    'Number of the last conversion of a table where that was ended by the same operation (undo or finish) with the same arguments; null '
    'otherwise.';

revoke all on function pgops.conversion_ended_before(regclass, text, jsonb) from public;
grant execute on function pgops.conversion_ended_before(regclass, text, jsonb) to pgops_operator;
