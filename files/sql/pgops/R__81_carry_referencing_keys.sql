create or replace function pgops.carry_referencing_keys(relation regclass, phase text) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select x.command
    from pgops.referencing_keys(relation) with ordinality as r (oid, number)
    join pg_constraint as k on k.oid = r.oid
    cross join lateral (
        select regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') as definition,
            pg_get_constraintdef(k.oid) ~ ' NOT ENFORCED$' as is_idle
    ) as d
    cross join lateral (values
        ('release', 1, format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)),
        ('switch', 1, format('alter table %s add constraint %I %s%s', k.conrelid::regclass, k.conname, d.definition,
            case when not d.is_idle then ' not valid' end)),
        ('switch', 2, format('comment on constraint %I on %s is ', k.conname, k.conrelid::regclass)
            || quote_literal(obj_description(k.oid, 'pg_constraint'))),
        ('after_switch', 1, case when k.convalidated
            then format('alter table %s validate constraint %I', k.conrelid::regclass, k.conname) end)
    ) as x (phase, place, command)
    where x.phase = carry_referencing_keys.phase and x.command is not null
    order by r.number, x.place;
end;

comment on function pgops.carry_referencing_keys(regclass, text) is
    'Commands that drop (phase release), add again (switch) and validate (after_switch) the foreign keys that refer to a '
    'table, by way of the partitioned tables above it, too: the server detaches no table to whose rows a key refers. To be '
    'asked for all phases before the first is run.';

revoke all on function pgops.carry_referencing_keys(regclass, text) from public;
grant execute on function pgops.carry_referencing_keys(regclass, text) to pgops_operator;
