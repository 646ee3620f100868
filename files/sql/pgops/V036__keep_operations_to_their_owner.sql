-- Whose commands a row may make the engine run, and in which database its numbers of tables mean something. The table holds a
-- row an operation.
-- squawk-ignore-file adding-not-nullable-field
alter table pgops.operation
    add column relation_owner name,
    add column relation_number oid;

-- Rows that somebody has written for a table that was not his stay with him.
update pgops.operation as o
set relation_number = o.relation,
    relation_owner = coalesce((
        select pg_get_userbyid(c.relowner)
        from pg_class as c
        join pg_roles as r on r.rolname = o.who
        where c.oid = coalesce((select e.oid from pg_class as e where e.oid = o.relation), (o.targets #>> '{0,oid}')::oid)
            and pg_has_role(r.oid, c.relowner, 'SET')
    ), o.who);

alter table pgops.operation
    alter column relation_owner set not null,
    alter column relation_number set not null;

comment on column pgops.operation.relation_owner is
    'Owner of the table when it was begun: only who may SET ROLE to him writes this row, and nothing in it is run as anybody else.';
comment on column pgops.operation.relation_number is
    'OID of the table. Where it is not that of column relation, which a dump writes as a name, the row comes from another database, and '
    'the OIDs in it mean nothing here.';

grant insert (relation_owner, relation_number) on pgops.operation to pgops_operator;
