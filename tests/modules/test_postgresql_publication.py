"""postgresql_publication: what is declared is published, and what was altered by hand is mended."""

from __future__ import annotations

import pytest

MODULE = "postgresql_publication"
PUBLICATION = {"name": "t1_publication", "tables": ["app.t1"], "via_root": True}


@pytest.fixture
def database(database):
    database.execute(
        """
        create schema app;
        create table app.t1 (id int primary key, state text, note text);
        create table app.t2 (id int primary key);
        create schema other
        """
    )
    return database


@pytest.fixture
def state(database):
    def read():
        return database.execute(
            """
            select p.pubname, p.pubviaroot, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
                pg_get_userbyid(p.pubowner),
                array(select row(t.schemaname, t.tablename, t.attnames, t.rowfilter)::text
                    from pg_publication_tables t where t.pubname = p.pubname order by 1),
                (select count(*) from pg_publication_namespace n where n.pnpubid = p.oid)
            from pg_publication p order by 1
            """
        ).fetchall()

    return read


def test_created(pattern, state):
    done = pattern(MODULE, state, publications=[PUBLICATION])
    assert done["publications"] == [{"name": "t1_publication", "change": "created"}]


def test_columns_conditions_and_schemas(pattern, state):
    tables = [{"name": "app.t1", "columns": ["state", "id"], "where": "state <> 'closed' and id>0"}, "app.t2"]
    pattern(MODULE, state, publications=[{"name": "p", "tables": tables, "operations": ["insert", "update"]}])
    pattern(MODULE, state, publications=[{"name": "s", "schemas": ["app", "other"]}])
    pattern(MODULE, state, publications=[{"name": "empty"}])


@pytest.mark.parametrize(
    "damage",
    [
        "alter publication t1_publication drop table app.t1",
        "alter publication t1_publication add table app.t2",
        "alter publication t1_publication add tables in schema other",
        "alter publication t1_publication set (publish_via_partition_root = false)",
        "alter publication t1_publication set (publish = 'insert')",
        "alter publication t1_publication set table app.t1 where (id > 5)",
        "alter publication t1_publication set table app.t1 (id)",
        "drop publication t1_publication",
    ],
)
def test_damage_is_mended(modules, database, state, pattern, damage):
    modules.run(MODULE, publications=[PUBLICATION])
    right = state()
    database.execute(damage)
    pattern(MODULE, state, publications=[PUBLICATION])
    assert state() == right


def test_emptied_owner_and_removed(modules, pattern, state, owner, database):
    modules.run(MODULE, publications=[PUBLICATION])
    pattern(MODULE, state, publications=[{"name": "t1_publication", "via_root": True}])
    database.execute(f"grant create on database {database.info.dbname} to {owner}")
    pattern(MODULE, state, publications=[{"name": "t1_publication", "via_root": True, "owner": owner}])
    pattern(MODULE, state, publications=[{"name": "t1_publication", "state": "absent"}])


def test_others_are_left_alone(modules, database):
    database.execute("create publication theirs for all tables")
    assert modules.run(MODULE, publications=[PUBLICATION])["undeclared"] == ["theirs"]


@pytest.mark.parametrize(
    ("publications", "message"),
    [
        ([{"name": "p", "tables": ["app.missing"]}], "table app.missing does not exist"),
        ([{"name": "p", "tables": ["t1"]}], "accepted is a name with its schema"),
        ([{"name": "p", "tables": [{"name": "app.t1", "column": ["id"]}]}], "accepted is a name with its schema"),
        ([PUBLICATION, PUBLICATION], "declared more than once"),
        ([{"name": "p", "tables": [{"name": "app.t1", "where": "nothing = 1"}]}], 'column "nothing" does not exist'),
    ],
)
def test_refused(modules, state, publications, message):
    before = state()
    assert message in modules.fails(MODULE, publications=publications)
    assert state() == before


def test_all_tables_is_refused(modules, database, state):
    database.execute("create publication t1_publication for all tables")
    before = state()
    assert "FOR ALL TABLES" in modules.fails(MODULE, publications=[PUBLICATION])
    assert state() == before


def test_check_mode_without_the_database(modules):
    done = modules.run(MODULE, check=True, login_db="not_there_yet", publications=[PUBLICATION])
    assert done["publications"] == [{"name": "t1_publication", "change": "created"}]
