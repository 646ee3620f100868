"""postgresql_scripts on a real server: history, repeatable files, refusals, roles, two runs at once."""

from __future__ import annotations

import threading

import pytest

MODULE = "postgresql_scripts"
CREATE_ITEM = {"name": "V001__create_item.sql", "content": "create table item (item_id int primary key);\n"}
ITEM_COUNT = {
    "name": "R__item_count.sql",
    "content": "create or replace view item_count as\n    select count(*) as items from item;\n",
}


def sets(*scripts, role=None, name="shop"):
    return [{"name": name, "role": role, "scripts": list(scripts)}]


@pytest.fixture
def state(database):
    """Everything the scripts below can make."""

    def read():
        relations = database.execute(
            "select relname, relowner::regrole::text, pg_get_viewdef(oid) from pg_class"
            " where relnamespace = 'public'::regnamespace order by relname"
        ).fetchall()
        applied = []
        if database.execute("select to_regclass('pgops.applied_script')").fetchone()[0]:
            applied = database.execute(
                "select name, body, applied_by from pgops.applied_script order by name"
            ).fetchall()
        return relations, applied

    return read


def test_pattern(modules, state, pattern):
    done = pattern(MODULE, state, sets=sets(ITEM_COUNT, CREATE_ITEM))
    assert [(item["name"], item["reason"]) for item in done["scripts"]] == [
        ("V001__create_item.sql", "new"),
        ("R__item_count.sql", "new"),
    ]
    relations, applied = state()
    assert [row[0] for row in relations] == ["item", "item_count", "item_pkey"]
    assert applied[1] == (CREATE_ITEM["name"], CREATE_ITEM["content"], "postgres")


def test_changed_repeatable_file_runs_again_with_its_difference(modules, state, pattern):
    modules.run(MODULE, sets=sets(CREATE_ITEM, ITEM_COUNT))
    changed = {**ITEM_COUNT, "content": ITEM_COUNT["content"].replace("from item", "from item where item_id > 0")}
    done = pattern(MODULE, state, sets=sets(CREATE_ITEM, changed))
    assert [item["reason"] for item in done["scripts"]] == ["changed"]
    assert done["diff"][0]["before"] == ITEM_COUNT["content"]
    assert done["diff"][0]["after"] == changed["content"]


def test_forgotten_repeatable_file_is_mended(modules, database):
    modules.run(MODULE, sets=sets(CREATE_ITEM, ITEM_COUNT))
    database.execute("drop view item_count; delete from pgops.applied_script where name like 'R%'")
    assert modules.run(MODULE, sets=sets(CREATE_ITEM, ITEM_COUNT))["changed"]
    assert database.execute("select items from item_count").fetchone() == (0,)


def test_edited_versioned_file_is_refused_with_its_difference(modules, state):
    modules.run(MODULE, sets=sets(CREATE_ITEM))
    before = state()
    edited = {**CREATE_ITEM, "content": CREATE_ITEM["content"].replace("int primary", "bigint primary")}
    for check in (True, False):
        message = modules.fails(MODULE, check=check, sets=sets(edited, ITEM_COUNT))
        assert "V001__create_item.sql was already applied and has been edited" in message
        assert "-create table item (item_id int primary key);" in message
        assert "+create table item (item_id bigint primary key);" in message
    assert state() == before


def test_lost_and_late_versioned_files_are_refused(modules):
    modules.run(MODULE, sets=sets({"name": "V002__two.sql", "content": "select 2"}))
    assert "V002__two.sql was applied" in modules.fails(MODULE, sets=sets())
    late = sets({"name": "V002__two.sql", "content": "select 2"}, {"name": "V001__one.sql", "content": "select 1"})
    assert "V001__one.sql was never applied, but version 2 already was" in modules.fails(MODULE, sets=late)


def test_removed_repeatable_file_is_reported(modules):
    modules.run(MODULE, sets=sets(CREATE_ITEM, ITEM_COUNT))
    result = modules.run(MODULE, sets=sets(CREATE_ITEM))
    assert not result["changed"]
    assert result["sets"][0]["undeclared"] == ["R__item_count.sql"]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("select 1;\n\nselect nothing\nfrom nowhere;\n", 4, 'relation "nowhere" does not exist (SQLSTATE 42P01)'),
        ("select 1;\n-- a comment\ndo $$\nbegin\n    raise 'told';\nend $$;\n", 3, "told (SQLSTATE P0001)"),
        ("select 1;\nselec 2;", 2, 'syntax error at or near "selec"'),
        ("create table fine ();\nselect 1/0;", 2, "division by zero"),
        ("select 1;\n\\d t1\n", 2, "is a command of psql"),
        ("select 1;\ncommit;\n", 2, "COMMIT is not accepted"),
    ],
)
def test_error_names_file_line_and_the_server_s_words_and_keeps_nothing(modules, state, content, line, message):
    broken = {"name": "V002__broken.sql", "content": content}
    text = modules.fails(MODULE, sets=sets(CREATE_ITEM, broken))
    assert f"shop/V002__broken.sql, line {line}: " in text
    assert message in text
    assert "fine" not in [row[0] for row in state()[0]]


def test_file_before_the_broken_one_is_kept_and_the_next_run_goes_on(modules, state):
    modules.fails(MODULE, sets=sets(CREATE_ITEM, {"name": "V002__two.sql", "content": "select 1/0"}))
    assert [row[0] for row in state()[1]] == [CREATE_ITEM["name"]]
    done = modules.run(MODULE, sets=sets(CREATE_ITEM, {"name": "V002__two.sql", "content": "select 1/1"}))
    assert [item["name"] for item in done["scripts"]] == ["V002__two.sql"]


def test_role_owns_what_its_files_make(modules, database, owner, state, pattern):
    database.execute(f"grant create on schema public to {owner}")
    pattern(MODULE, state, sets=sets(CREATE_ITEM, ITEM_COUNT, role=owner))
    relations, applied = state()
    assert {row[1] for row in relations} == {owner}
    assert {row[2] for row in applied} == {owner}


def test_session_settings_of_a_file_do_not_reach_the_next(modules, database):
    modules.run(
        MODULE,
        sets=sets(
            {
                "name": "V001__a.sql",
                "content": "set search_path = pg_catalog; set role pg_monitor; create temp table b()",
            },
            {"name": "V002__b.sql", "content": "create table b()"},
        ),
    )
    assert database.execute("select relowner::regrole::text from pg_class where relname = 'b'").fetchall() == [
        ("postgres",)
    ]


def test_check_mode_before_role_and_database_exist(modules, server):
    promised = modules.run(MODULE, check=True, login_db="not_there_yet", sets=sets(CREATE_ITEM, role="nobody_yet"))
    assert promised["changed"]
    assert [item["name"] for item in promised["scripts"]] == [CREATE_ITEM["name"]]
    promised = modules.run(MODULE, check=True, sets=sets(CREATE_ITEM, role="nobody_yet"))
    assert promised["changed"]
    assert "role nobody_yet does not exist" in modules.fails(MODULE, sets=sets(CREATE_ITEM, role="nobody_yet"))
    assert "not_there_yet" in modules.fails(MODULE, login_db="not_there_yet", sets=sets(CREATE_ITEM))


def test_check_mode_with_a_wrong_password_or_port_is_still_an_error(modules):
    assert "cannot connect" in modules.fails(MODULE, check=True, login_port=1, sets=sets(CREATE_ITEM))


def test_two_runs_at_once_apply_each_file_once(modules, database, server):
    """The first holds the run lock; the second waits, and says so when the wait is over."""
    with server.connect(database.info.dbname) as other:
        other.execute("select pg_advisory_lock(hashtextextended('pgops.applied_script', 0))")
        message = modules.fails(MODULE, sets=sets(CREATE_ITEM), wait_for_other_run_seconds=1)
        assert "another run has been applying scripts" in message
        release = threading.Timer(0.5, other.execute, ["select pg_advisory_unlock_all()"])
        release.start()
        assert modules.run(MODULE, sets=sets(CREATE_ITEM))["changed"]
        release.join()


def test_locked_table_is_tried_again(modules, database, server):
    modules.run(MODULE, sets=sets(CREATE_ITEM))
    alter = {"name": "V002__alter.sql", "content": "create table first();\nalter table item add column name text;"}
    with server.connect(database.info.dbname, autocommit=False) as reader:
        reader.execute("select * from item")
        message = modules.fails(MODULE, sets=sets(CREATE_ITEM, alter), lock_timeout_seconds=0.1, tries=2)
        assert "shop/V002__alter.sql, line 2: " in message
        assert "lock timeout (SQLSTATE 55P03)" in message
        release = threading.Timer(0.5, reader.rollback)
        release.start()
        assert modules.run(MODULE, sets=sets(CREATE_ITEM, alter), lock_timeout_seconds=0.1, tries=10)["changed"]
        release.join()


def test_bad_names_are_refused(modules):
    assert "Accepted: V<number>__" in modules.fails(MODULE, sets=sets({"name": "create.sql", "content": "select 1"}))
    twice = sets({"name": "V1__a.sql", "content": ""}, {"name": "V001__b.sql", "content": ""})
    assert "have the same version" in modules.fails(MODULE, sets=twice)
    assert "more than once" in modules.fails(MODULE, sets=sets() + sets())
