create or replace function pgops.operation_done_before(relation regclass, operation text, arguments jsonb) returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(pgops.conversion_ended_before(relation, operation, arguments), (
        select o.operation_id
        from pgops.operation as o
        where o.relation = operation_done_before.relation
            and o.operation = operation_done_before.operation
            and o.arguments = operation_done_before.arguments
            and o.state = 'done'
            and o.method not in ('convert', 'follow')
            and not exists (
                select from jsonb_array_elements(o.sources) as s (source)
                join pg_inherits as i on i.inhrelid = (s.source ->> 'oid')::oid and i.inhparent = o.relation
            )
            and not exists (
                select from jsonb_array_elements(o.targets) as t (target)
                where not t.target ? 'inside' and not exists (
                    select from pgops.partition_bounds(o.relation) as b
                    where b.partition_name = t.target ->> 'name' and b.bound = t.target -> 'bound'
                )
            )
            -- Draining by policy names nothing: what it would do now is a question of the rows that are there now.
            and not (o.operation = 'drain' and not o.arguments ? 'partitions')
            -- A partition that has come to the name of one that left is another one.
            and not (
                o.operation in ('detach', 'archive', 'drop') and exists (
                    select from pg_inherits as i
                    join pg_class as c on c.oid = i.inhrelid
                    where i.inhparent = o.relation and c.relname = o.arguments ->> 'partition'
                )
            )
        order by o.operation_id desc
        limit 1
    ));
end;

comment on function pgops.operation_done_before(regclass, text, jsonb) is
    'Number of the operation that has done the same, with the same arguments, and whose outcome still stands; null for none. '
    'Of conversions only undo and finish, as they are kept in step until then.';

revoke all on function pgops.operation_done_before(regclass, text, jsonb) from public;
grant execute on function pgops.operation_done_before(regclass, text, jsonb) to pgops_operator;
