create or replace function app.make_month_table(month date) returns regclass
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    policy constant jsonb := pgops.partition_policy_of('app.t1');
    table_name constant text := format('app.%I', pgops.partition_name(policy ->> 'name', month));
    parameters constant text := (
        select string_agg(format('%s = %L', p.key, p.value), ', ' order by p.key)
        from jsonb_each_text(policy -> 'storage_parameters') as p
    );
begin
    perform pgops.run_as_owner('app.t1', format(
        'create table %s (like app.t1 including all excluding indexes)%s', table_name, ' with (' || parameters || ')'
    ));
    perform pgops.copy_privileges('app.t1', table_name::regclass);
    perform pgops.copy_table_properties('app.t1', table_name::regclass);
    return table_name::regclass;
end
$$;

comment on function app.make_month_table(date) is
    'Makes a table, named as the partition policy says, that app.load_new_partition() makes the partition of a month: '
    'what pgops.make_table_like() makes, but without indexes. Needs pgops_operator and the right to SET ROLE to the '
    'owner of app.t1. Errors: 42P07 the name is taken.';

revoke all on function app.make_month_table(date) from public;
