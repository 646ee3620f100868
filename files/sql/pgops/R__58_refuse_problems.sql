create or replace function pgops.refuse_problems(parent regclass, problems text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if problems <> '{}' then
        raise exception '% failed for partitions of %: %',
            case cardinality(problems) when 1 then 'a step' else cardinality(problems) || ' steps' end,
            parent, array_to_string(problems, '; ')
            using hint = 'What succeeded stays; mend the cause and apply the policy again. History: pgops.event.';
    end if;
end
$$;

comment on function pgops.refuse_problems(regclass, text[]) is 'Raises P0001 when steps of a table failed.';

revoke all on function pgops.refuse_problems(regclass, text[]) from public;
grant execute on function pgops.refuse_problems(regclass, text[]) to pgops_operator;
