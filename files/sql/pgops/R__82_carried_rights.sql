create or replace function pgops.carried_rights(
    source regclass,
    relation regclass
) returns table (kind text, fact text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select 'privilege', c.command from pgops.carry_privileges(source, relation) as c (command)
    union all
    select 'row-level security', c.command
    from pgops.carry_row_security(source, relation) as c (command)
    where starts_with(c.command, 'alter table')
    union all
    select 'row-level security', c.command from pgops.carry_row_policies(source, relation) as c
    union all
    select 'trigger', c.command from pgops.carry_triggers(source, relation) as c (command)
    union all
    select 'rule', c.command from pgops.carry_rules(source, relation) as c (command)
    union all
    select 'publication', c.command
    from pgops.carry_publications(source, relation) as c (command)
    where c.command ~ ' add table ';
end;

comment on function pgops.carried_rights(regclass, regclass) is
    'Who may what with a table, and who learns of it: a command each that would give it to another table (relation), so that '
    'those of two tables can be compared. kind: privilege, row-level security, trigger, rule, publication. Of triggers that '
    'the root gives to its partitions, only what differs there.';

revoke all on function pgops.carried_rights(regclass, regclass) from public;
grant execute on function pgops.carried_rights(regclass, regclass) to pgops_operator;
