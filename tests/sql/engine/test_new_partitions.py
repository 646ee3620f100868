"""A new partition is like the parent, also in what neither CREATE TABLE LIKE nor ATTACH PARTITION carries over."""

from __future__ import annotations

import pytest
from psycopg import errors

NOW = "2026-11-21 12:00+00"
NEW = "app.t1_2026_11"


def apply(engine, **policy) -> None:
    engine.set_policy(ahead=0, **policy)
    engine.apply(NOW)


def test_it_belongs_to_the_owner_of_the_table(engine):
    engine.table()
    apply(engine)
    assert engine.value(f"select relowner::regrole::text from pg_class where oid = '{NEW}'::regclass") == "engine_owner"


def test_indexes_constraints_and_foreign_keys_come_along(engine):
    engine.as_owner(
        "create table app.client (id int primary key);"
        "create table app.t1 (date timestamptz not null, id int, client int references app.client,"
        " note text default 'none' check (note <> ''), primary key (id, date), unique (client, date))"
        " partition by range (date);"
        "create index by_note on app.t1 (lower(note)) where id > 0;"
        "create statistics app.together on client, note from app.t1"
    )
    apply(engine)
    assert engine.value(f"select count(*) from pg_index where indrelid = '{NEW}'::regclass") == 3
    orphans = (
        "select count(*) from pg_index i where i.indrelid = %s::regclass"
        " and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)"
    )
    assert engine.value(orphans, NEW) == 0
    assert engine.run(f"select contype::text, conparentid <> 0 from pg_constraint where conrelid = '{NEW}'::regclass"
        " and contype in ('p', 'u', 'f', 'c') order by 1") == [("c", False), ("f", True), ("p", True), ("u", True)]  # fmt: skip
    assert engine.value(f"select count(*) from pg_statistic_ext where stxrelid = '{NEW}'::regclass") == 1
    with pytest.raises(errors.ForeignKeyViolation):
        engine.run("insert into app.t1 values ('2026-11-05', 1, 1)")
    with pytest.raises(errors.CheckViolation):
        engine.run("insert into app.t1 values ('2026-11-05', 1, null, '')")
    engine.run("insert into app.t1 (date, id) values ('2026-11-05', 1)")
    assert engine.value("select note from app.t1") == "none"


def test_row_triggers_come_along(engine):
    engine.table()
    engine.as_owner(
        "create function app.refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;"
        "create trigger refuse before insert on app.t1 for each row execute function app.refuse()"
    )
    apply(engine)
    with pytest.raises(errors.RaiseException, match="refused"):
        engine.run(f"insert into {NEW} values ('2026-11-05', 1)")


def test_privileges_are_those_of_the_parent_and_no_others(engine):
    engine.table()
    engine.as_owner(
        "alter default privileges in schema app grant delete on tables to engine_stranger;"
        "alter default privileges in schema app grant select on tables to public;"
        "grant select, insert on app.t1 to engine_monitor with grant option;"
        "grant update on app.t1 to engine_operator;"
        "grant select (id), update (note) on app.t1 to engine_stranger;"
        "grant references on app.t1 to public"
    )
    engine.as_owner("revoke select on app.t1 from public")
    apply(engine)
    table_acl = (
        "select array_agg(a.grantee::regrole || ' ' || a.privilege_type || a.is_grantable order by a.grantee, a.privilege_type)"
        " from pg_class c cross join aclexplode(c.relacl) a where c.oid = %s::regclass and a.grantee <> c.relowner"
    )
    acl = engine.value(table_acl, NEW)
    assert acl == engine.value(table_acl, "app.t1") == engine.value(table_acl, "app.t1_default")
    assert len(acl) == 4
    column_acl = (
        "select attname, attacl::text from pg_attribute where attrelid = %s::regclass and attacl is not null order by 1"
    )
    assert engine.run(column_acl, NEW) == engine.run(column_acl, "app.t1")
    assert len(engine.run(column_acl, NEW)) == 2


@pytest.mark.parametrize(
    ("identity", "expected"), [("full", "f"), ("nothing", "n"), ("using index app_key", "i"), ("default", "d")]
)
def test_replica_identity(engine, identity, expected):
    engine.table()
    engine.as_owner("create unique index app_key on app.t1 (id, date)")
    engine.as_owner(f"alter table app.t1 replica identity {identity}")
    apply(engine)
    for partition in (NEW, "app.t1_default"):
        assert engine.value(f"select relreplident::text from pg_class where oid = '{partition}'::regclass") == expected
        if expected == "i":
            assert engine.value(
                f"select count(*) from pg_index i join pg_inherits h on h.inhrelid = i.indexrelid"
                f" where i.indrelid = '{partition}'::regclass and i.indisreplident"
                " and h.inhparent = 'app.app_key'::regclass"
            ) == 1  # fmt: skip


@pytest.mark.parametrize("command", ["", "enable", "force"])
def test_row_level_security_flags(engine, command):
    engine.table()
    if command:
        engine.as_owner(f"alter table app.t1 {command} row level security")
    apply(engine)
    assert engine.run(f"select relrowsecurity, relforcerowsecurity from pg_class where oid = '{NEW}'::regclass") == [
        (command == "enable", command == "force")
    ]


def test_comment_and_column_settings(engine):
    engine.table()
    engine.as_owner(
        "comment on table app.t1 is 'It''s ours';"
        "comment on column app.t1.note is 'free text';"
        "alter table app.t1 alter column note set statistics 77;"
        "alter table app.t1 alter column note set (n_distinct = -0.5);"
        "alter table app.t1 alter column note set storage external"
    )
    apply(engine)
    assert engine.run(
        f"select obj_description('{NEW}'::regclass, 'pg_class'), col_description(attrelid, attnum), attstattarget,"
        f" attoptions, attstorage::text from pg_attribute where attrelid = '{NEW}'::regclass and attname = 'note'"
    ) == [("It's ours", "free text", 77, ["n_distinct=-0.5"], "e")]


def test_storage_parameters_of_the_policy(engine):
    engine.table()
    apply(engine, storage_parameters={"fillfactor": 80, "autovacuum_enabled": False, "toast.autovacuum_enabled": "off"})
    assert engine.value(f"select reloptions from pg_class where oid = '{NEW}'::regclass") == [
        "autovacuum_enabled=false",
        "fillfactor=80",
    ]


def test_a_storage_parameter_that_the_server_refuses_is_an_error_with_its_words(engine):
    engine.table()
    with pytest.raises(errors.RaiseException, match='2 steps failed.*value 5 out of bounds for option "fillfactor"'):
        apply(engine, storage_parameters={"fillfactor": 5})
    assert engine.partitions() == []


def test_tablespace_of_the_table(engine, request):
    engine.run("set allow_in_place_tablespaces = on")
    engine.run('drop tablespace if exists "Other space"')
    engine.run("create tablespace \"Other space\" location ''")
    engine.run('grant create on tablespace "Other space" to engine_owner')
    engine.as_owner('create table app.t1 (date date) partition by range (date) tablespace "Other space"')
    apply(engine)
    assert engine.value(
        f"select spcname from pg_tablespace s join pg_class c on c.reltablespace = s.oid where c.oid = '{NEW}'::regclass"
    ) == "Other space"  # fmt: skip
    engine.run("drop schema app cascade")
    engine.run('drop tablespace "Other space"')


def test_a_published_table_sends_moved_rows_as_delete_and_insert(engine):
    """What a subscriber sees of a move: each row goes and comes back, through the root."""
    engine.table()
    apply(engine)
    engine.run("insert into app.t1 values ('2026-10-05', 1, 'moves'), ('2026-10-06', 2, 'moves')")
    engine.run("create publication p for table app.t1 with (publish_via_partition_root = true)")
    engine.run("select pg_create_logical_replication_slot('moved', 'pgoutput')")
    try:
        engine.apply(NOW)
        messages = [
            bytes(data)
            for (data,) in engine.run(
                "select data from pg_logical_slot_get_binary_changes('moved', null, null,"
                " 'proto_version', '1', 'publication_names', 'p')"
            )
        ]
    finally:
        engine.run("select pg_drop_replication_slot('moved')")
        engine.run("drop publication p")
    changes = [message for message in messages if message[:1] in (b"D", b"I")]
    assert [change[:1] for change in changes] == [b"D", b"D", b"I", b"I"]
    root = engine.value("select 'app.t1'::regclass::oid::bigint")
    assert {int.from_bytes(change[1:5], "big") for change in changes} == {root}
