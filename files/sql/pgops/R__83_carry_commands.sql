create or replace function pgops.carry_commands(
    source regclass,
    target text,
    parent regclass,
    phase text
) returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass := pgops.find_relation(target);
    -- What the root has, its partitions get when they are attached, or do not have.
    is_root boolean := source is not distinct from parent;
begin
    if new_table is null then
        raise exception 'no table has the name %', target using errcode = 'undefined_table';
    end if;
    case phase
        when 'create' then
            return query select pgops.carry_storage(source, new_table);
            return query select pgops.carry_columns(source, new_table);
            return query select pgops.carry_privileges(source, new_table);
            return query
                select c.command from pgops.carry_row_security(source, new_table) as c (command)
                where not is_root or starts_with(c.command, 'alter table');
            return query select pgops.carry_statistics(source, new_table);
            return query select pgops.carry_checks(source, new_table, false);
            return query select pgops.carry_descriptions(source, new_table);
        when 'after_copy' then
            return query select pgops.carry_indexes(source, new_table);
            return query select pgops.carry_checks(source, new_table, true);
        when 'keys' then
            return query select pgops.carry_foreign_keys(source, new_table, true);
        when 'release' then
            return query select pgops.carry_referencing_keys(source, phase);
        when 'switch' then
            return query select pgops.carry_foreign_keys(source, new_table, false);
            if not is_root then
                return query select pgops.carry_triggers(source, new_table);
                return query select pgops.carry_rules(source, new_table);
                return query select pgops.carry_publications(source, new_table);
                return query select pgops.carry_sequences(source, coalesce(parent, new_table));
            end if;
            return query select pgops.carry_referencing_keys(source, phase);
        when 'after_switch' then
            return query select pgops.carry_referencing_keys(source, phase);
            if not is_root then
                return query select pgops.carry_owner_privileges(source, new_table);
            end if;
            return next format('analyze %s', new_table);
        else
            raise exception 'carry_commands: phase is "%"; accepted: create, after_copy, keys, release, switch, after_switch', phase
                using errcode = 'invalid_parameter_value';
    end case;
end
$$;

comment on function pgops.carry_commands(regclass, text, regclass, text) is $$The commands, in order, that give a table what
another has, so that it can take its place in a partitioned table; to be run by pgops.run_as_owner(). Nothing is done here.
source: the table that is replaced (parent itself: what its new partitions get). target: the new one, quoted and with schema.
parent: the partitioned table that target is attached to; null for none.
phase: create (target is new and empty), after_copy (it is filled: indexes), keys (foreign
keys: from then on no row of it may be older than that of the source), release (under the locks of the switch,
before DETACH and ATTACH), switch (in the same transaction, after ATTACH), after_switch (any time later).
The commands of release, switch and after_switch are to be asked for before the first of them is run. A target that has
something already is not given it twice. What cannot be carried: pgops.carry_obstacles().
Errors: 42P01 no such target, 22023 unknown phase. Reads the catalogue only.$$;

revoke all on function pgops.carry_commands(regclass, text, regclass, text) from public;
grant execute on function pgops.carry_commands(regclass, text, regclass, text) to pgops_operator;
