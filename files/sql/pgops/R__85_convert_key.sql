create or replace function pgops.convert_key(policy jsonb, out strategy text, out column_name name)
language sql
immutable
set search_path = pg_catalog, pg_temp
begin atomic
    select s.strategy, policy #>> array['by', s.strategy]
    from (values ('range'), ('list'), ('hash')) as s (strategy)
    where policy #> array['by', s.strategy] is not null
    order by s.strategy
    limit 1;
end;

comment on function pgops.convert_key(jsonb) is
    'Strategy and column by which a policy partitions.';

revoke all on function pgops.convert_key(jsonb) from public;
grant execute on function pgops.convert_key(jsonb) to pgops_operator;
