"""Texts of configuration files: whatever the value, PostgreSQL's own way of reading finds it again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils import configuration_files as files

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}(\.[a-z][a-z0-9_]{0,20})?", fullmatch=True).filter(
    lambda name: name not in files.RESERVED
)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
tokens = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def pg_hba_tokens(line):
    """Read a line as PostgreSQL does (src/backend/libpq/hba.c, next_token): fields of ``(text, quoted at its start)``."""
    fields, position = [], 0
    while position < len(line):
        if line[position] in " \t":
            position += 1
            continue
        if line[position] == "#":
            break
        field, more = [], True
        while more:
            token, quoted, position, more = _next_token(line, position)
            field.append((token, quoted))
        fields.append(field)
    return fields


def _next_token(line, position):
    token, in_quote, was_quote, initial_quote = "", False, False, False
    while position < len(line) and line[position] in " \t":
        position += 1
    while position < len(line):
        char = line[position]
        if not in_quote and char in " \t#":
            break
        if not in_quote and char == ",":
            return token, initial_quote, position + 1, True
        if char != '"' or was_quote:
            token += char
        was_quote = not was_quote if in_quote and char == '"' else False
        if char == '"':
            in_quote = not in_quote
            initial_quote = initial_quote or not token
        position += 1
    return token, initial_quote, position, False


@settings(deadline=None)
@given(st.dictionaries(names, texts | st.integers() | st.booleans(), max_size=6))
def test_settings_are_read_as_they_were_declared(declared):
    text = files.render_settings(declared)
    found = {name: value for name, value, _line in files.read_settings(text)}
    assert found == {name: files.setting_value(value) for name, value in declared.items()}


@settings(deadline=None)
@given(texts)
def test_a_quoted_value_is_one_line_and_means_the_same(text):
    quoted = files.quote(text)
    assert "\n" not in quoted and "\r" not in quoted
    assert files.unquote(quoted) == text
    assert re.fullmatch(r"'([^'\\\n]|\\.|'')*'", quoted, re.DOTALL)


@settings(deadline=None)
@given(st.dictionaries(names, st.integers(), min_size=1, max_size=8))
def test_every_setting_stands_once_in_a_section(declared):
    text = files.render_settings(declared)
    assert len(re.findall(r"^[a-z]\S* = ", text, re.MULTILINE)) == len(declared)
    titles = re.findall(r"^# (?!Written)(.+)$", text, re.MULTILINE)
    assert len(titles) == len(set(titles)) and set(titles) <= {title for title, _names in files.SECTIONS}


@settings(deadline=None)
@given(tokens)
def test_a_name_stays_one_token(name):
    (field,) = pg_hba_tokens(files.token(name))
    ((text, _quoted),) = field
    kept = re.fullmatch(r'"([^"]|"")*"', name)
    assert text == (name[1:-1].replace('""', '"') if kept else name)


@settings(deadline=None)
@given(
    st.lists(tokens.filter(lambda name: name[0] != '"'), min_size=1, max_size=4), tokens.filter(lambda n: n[0] != '"')
)
def test_a_line_has_the_fields_that_were_declared(databases, user):
    line = {
        "type": "hostssl",
        "database": databases,
        "user": user,
        "address": "192.0.2.0/24",
        "method": "scram-sha-256",
    }
    text = files.render_lines([line], files.hba_fields, files.HBA_TITLES).splitlines()[-1]
    fields = [[text for text, _quoted in field] for field in pg_hba_tokens(text)]
    assert fields == [["hostssl"], databases, [user], ["192.0.2.0/24"], ["scram-sha-256"]]


def test_keywords_groups_and_files_keep_their_meaning():
    assert files.token("all") == "all"
    assert files.token('"all"') == '"all"'
    assert files.token("+readers") == "+readers"
    assert files.token("+odd name") == '+"odd name"'
    assert files.token("/^a,b$") == '"/^a,b$"'


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00", "\x7f"])
def test_a_name_that_would_break_the_line_is_refused(name):
    with pytest.raises(files.ConfigurationError, match="cannot stand in a line"):
        files.token(name)


def test_comments_cannot_become_lines_of_their_own():
    line = {
        "type": "local",
        "database": "all",
        "user": "all",
        "method": "peer",
        "comment": "first\nhost all all all trust",
    }
    text = files.render_lines([line], files.hba_fields, files.HBA_TITLES)
    assert [row for row in text.splitlines() if not row.startswith("#") and row] == [
        "local   all       all            peer"
    ]


def test_absent_lines_are_left_out():
    lines = [{"map": "a", "system_user": "b", "database_user": "c", "state": "absent"}]
    assert files.render_lines(lines, files.ident_fields, files.IDENT_TITLES).count("\n") == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "on"),
        (1.1, "1.1"),
        (["pg_cron", "pg_stat_statements"], "pg_cron, pg_stat_statements"),
        (["$user", "App"], '"$user", "App"'),
    ],
)
def test_values_are_written_as_postgresql_shows_them(value, text):
    assert files.setting_value(value) == text


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"data_directory": "/srv"}, "decided when the cluster is made"),
        ({"include": "x"}, "cannot be declared here"),
        ({"work-mem": 1}, "is no name PostgreSQL takes"),
        ({"work_mem": 1, "Work_Mem": 2}, "stands twice"),
        ({"work_mem": {}}, "is no value of a setting"),
        ({"a.b": "x\x00"}, "zero byte"),
    ],
)
def test_what_cannot_be_written_is_refused(settings_, words):
    with pytest.raises(files.ConfigurationError, match=words):
        files.render_settings(settings_)


def test_null_takes_a_setting_out():
    assert "work_mem" not in files.render_settings({"work_mem": None, "jit": False})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("work_mem = 8MB # enough", [("work_mem", "8MB", 1)]),
        ("Work_Mem 8MB", [("work_mem", "8MB", 1)]),
        ("log_line_prefix = '%m it''s \\'x\\' \\101'", [("log_line_prefix", "%m it's 'x' A", 1)]),
        ("#work_mem = 8MB", []),
        ("include_dir = 'conf.d'", [("include_dir", "conf.d", 1)]),
        ("", []),
    ],
)
def test_lines_that_operators_write_are_read(line, found):
    assert files.read_settings(line) == found
