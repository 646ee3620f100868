create or replace procedure pgops.maintain()
language plpgsql
as $$
declare
    parents regclass[];
    parent regclass;
    problems text[];
    failed text[] := '{}';
begin
    perform pgops.purge_events();
    perform pgops.forget_dropped_tables();
    parents := array(select p.parent from pgops.partition_policy as p order by p.parent);
    commit;
    foreach parent in array parents loop
        problems := '{}';
        call pgops.maintain_table(parent, problems);
        if problems <> '{}' then
            failed := failed || format('%s: %s', parent, problems[1]);
        end if;
    end loop;
    if failed <> '{}' then
        raise exception 'maintenance failed for % of % tables: %',
            cardinality(failed), cardinality(parents), array_to_string(failed, '; ')
            using hint = 'The other tables are done. History: pgops.event and pgops.partition_status.';
    end if;
end
$$;

comment on routine pgops.maintain() is
    'Applies the policy of every table, purges old events, forgets policies of dropped tables. One table failing does not '
    'keep the next from being done. For pg_cron: CALL pgops.maintain(), daily. Needs pgops_operator and the right to '
    'SET ROLE to the owners of all tables with a policy. Errors: P0001 at the end when a table failed, with the first '
    'message of each; 2D000 called within a transaction. Locks: as pgops.partition_apply().';

revoke all on procedure pgops.maintain() from public;
grant execute on procedure pgops.maintain() to pgops_operator;
