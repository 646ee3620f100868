create or replace procedure pgops.maintain()
language plpgsql
as $$
declare
    parents regclass[];
    parent regclass;
    failed text[] := '{}';
begin
    call pgops.check_can_commit('pgops.maintain');
    perform pgops.purge_events();
    perform pgops.forget_dropped_tables();
    commit;
    call pgops.reap_operations();
    parents := array(select p.parent from pgops.partition_policy as p);
    commit;
    foreach parent in array parents loop
        call pgops.maintain_table(parent, failed);
    end loop;
    perform pgops.refuse_failures(failed, pg_catalog.cardinality(parents));
end
$$;

comment on routine pgops.maintain() is
    'Applies the policy of every table, purges old events, forgets policies of dropped tables, ends operations that were '
    'abandoned (pgops.reap_operations()). One table failing does not keep the next from being done. For pg_cron: CALL '
    'pgops.maintain(), daily. Needs pgops_operator and the right to SET ROLE to the owners of all tables with a policy. '
    'Errors: P0001 at the end when a table failed, with the first message of each; 2D000 called inside a transaction block '
    'or from a function. Locks: as pgops.partition_apply().';

revoke all on procedure pgops.maintain() from public;
grant execute on procedure pgops.maintain() to pgops_operator;
