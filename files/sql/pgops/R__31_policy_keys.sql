create or replace function pgops.policy_keys(kind text, nested boolean) returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
return array(
    select k.name
    from (values
        ('by', '{period,number,bounds,list,hash}'::text[], true),
        ('name', '{period,number,hash}', true),
        ('partitions', '{bounds,list}', true),
        ('ahead', '{period,number}', true),
        ('behind', '{period,number}', true),
        ('default', '{period,number,bounds,list,hash}', true),
        ('retention', '{period,number,bounds}', false),
        ('time_zone', '{period,bounds}', true),
        ('hooks', '{period,number,bounds,list,hash}', false),
        ('storage_parameters', '{period,number,bounds,list,hash}', true),
        ('tablespace', '{period,number,bounds,list,hash}', true),
        ('indexes', '{period,number,bounds,list,hash}', true),
        ('subpartitions', '{period,number,bounds,list,hash}', true)
    ) as k (name, kinds, in_subpartitions)
    where policy_keys.kind = any(k.kinds) and (k.in_subpartitions or not nested)
);

comment on function pgops.policy_keys(text, boolean) is
    'The keys that a policy of a kind (pgops.policy_kind()) may have; nested: within "subpartitions".';

revoke all on function pgops.policy_keys(text, boolean) from public;
grant execute on function pgops.policy_keys(text, boolean) to pgops_operator;
