"""Names, order and history of SQL files, and where their statements begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.scripts import (
    ordered_scripts,
    parse_script,
    pending_scripts,
    refuse_what_a_file_may_not_hold,
    split_statements,
)


def files(*names):
    return [{"name": name, "content": name} for name in names]


def test_order():
    scripts = ordered_scripts("s", files("R__b.sql", "V10__x.sql", "V002__y.sql", "R__20_a.sql", "V2.1__z.sql"))
    assert [script.name for script in scripts] == [
        "V002__y.sql",
        "V2.1__z.sql",
        "V10__x.sql",
        "R__20_a.sql",
        "R__b.sql",
    ]


@given(st.lists(st.integers(0, 10_000), unique=True, min_size=1), st.integers(1, 8))
def test_versions_run_by_number_however_they_are_padded(versions, width):
    scripts = ordered_scripts("s", files(*(f"V{version:0{width}}__x.sql" for version in versions)))
    assert [script.version[0] for script in scripts] == sorted(versions)


@pytest.mark.parametrize(
    "name", ["V1_x.sql", "v1__x.sql", "V__x.sql", "V1__.sql", "R_x.sql", "x.sql", "V1__x.sql.bak", "V1__a b.sql"]
)
def test_other_names_are_refused(name):
    with pytest.raises(Refused, match="is not a script's name"):
        parse_script("s", name, "")


def test_same_version_twice_is_refused():
    with pytest.raises(Refused, match=r"V1__a.sql and V001.0__b.sql have the same version"):
        ordered_scripts("s", files("V1__a.sql", "V001.0__b.sql"))


def test_line_ends_of_another_system_are_no_change():
    assert parse_script("s", "R__a.sql", "a\r\nb").checksum == parse_script("s", "R__a.sql", "a\nb").checksum


def applied(*names, **bodies):
    return {name: {"body": bodies.get(name, name), "applied_at": "2026-11-21"} for name in names}


def test_pending():
    scripts = ordered_scripts("s", files("V1__a.sql", "V2__b.sql", "R__c.sql", "R__d.sql"))
    history = applied("V1__a.sql", "R__c.sql", "R__d.sql", **{"R__d.sql": "older"})
    pending = pending_scripts("s", scripts, history)
    assert [(item.script.name, item.reason, item.applied_body) for item in pending] == [
        ("V2__b.sql", "new", None),
        ("R__d.sql", "changed", "older"),
    ]


def test_history_that_does_not_fit_is_refused():
    scripts = ordered_scripts("s", files("V1__a.sql", "V3__c.sql"))
    with pytest.raises(Refused, match=r"V2__b.sql was applied to this database and is no longer among the files"):
        pending_scripts("s", scripts, applied("V2__b.sql"))
    with pytest.raises(Refused, match=r"V1__a.sql was never applied, but version 3 already was"):
        pending_scripts("s", scripts, applied("V3__c.sql"))
    with pytest.raises(Refused, match=r"(?s)has been edited since.*as applied 2026-11-21.*-older.*\+V1__a.sql"):
        pending_scripts("s", scripts, applied("V1__a.sql", **{"V1__a.sql": "older"}))


STATEMENTS = [
    "select 1",
    "select ';', E'\\';', \"a;b\", $$;$$, $tag$ ; $$ ; $tag$",
    "select a$b$c from t where x = $1",
    "create function f() returns int language sql begin atomic select 1; select case when true then 2 else 3 end; end",
    "create or replace procedure p() begin atomic insert into t values (1); end",
    "create rule r as on insert to t do also (insert into u values (1); insert into v values (2))",
    'create table "begin" ("end" int)',
    "do $$ begin perform 1; commit; end $$",
    "select 1 /* ; /* ; */ ; */ -- ;\n + 2",
    "comment on table t is 'it''s;'",
    "update t set a = b - 1 where c like 'x--y;'",
]
SEPARATORS = ["; ", ";\n", " ;\n\n", ";-- done;\n", ";/* ; */ "]


@given(
    st.lists(st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(SEPARATORS)), min_size=1, max_size=6), st.booleans()
)
def test_statements_are_cut_where_psql_cuts_them(parts, open_end):
    text = "".join(statement + separator for statement, separator in parts)
    if open_end:
        text += "select 'the last has no semicolon'"
    found = split_statements(text)
    expected = [statement for statement, _separator in parts] + ["select 'the last has no semicolon'"] * open_end
    assert [statement.text.strip() for statement in found] == expected
    lines = text.split("\n")
    for statement in found:
        assert statement.text.split("\n")[0].strip() in lines[statement.line - 1]


@given(st.text(alphabet="a'\";$-/*()\\\n be"))
def test_any_text_is_cut_without_losing_anything_but_semicolons_blanks_and_comments(text):
    for statement in split_statements(text):
        assert statement.text in text
        assert statement.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    "text", ["select 'open", "select $$open", "select /* open", 'select "open', "select (1; select 2"]
)
def test_what_is_never_closed_goes_to_the_server_as_it_is(text):
    assert [statement.text for statement in split_statements(text)] == [text]


@pytest.mark.parametrize("text", ["BEGIN", "start transaction", "commit", "end;", "ROLLBACK", "abort", "\\i other.sql"])
def test_transaction_control_and_psql_commands_are_refused(text):
    with pytest.raises(Refused, match=r"s/V1__a.sql, line 2: "):
        refuse_what_a_file_may_not_hold("s/V1__a.sql", split_statements(f"select 1;\n{text}"))


@pytest.mark.parametrize(
    "text", ["savepoint a; rollback to a", "begin_work()", "do $$ begin commit; end $$", "select 'commit'"]
)
def test_what_only_looks_like_transaction_control_is_taken(text):
    refuse_what_a_file_may_not_hold("s/V1__a.sql", split_statements(text))
