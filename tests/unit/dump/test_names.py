"""Names of tables as an operator writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgops_dump.names import directory_name, parse_pattern, qualified, written
from pgops_dump.refusal import Refused

# What PostgreSQL takes as a name: anything but the byte 0.
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(schema=NAMES, table=NAMES, other=NAMES)
def test_a_name_that_is_written_down_covers_itself_alone(schema, table, other):
    pattern = parse_pattern(written(schema, table))
    assert pattern.matches(schema, table)
    assert pattern.matches(schema, other) == (other == table)
    assert pattern.matches(other, table) == (other == schema)


@given(schema=NAMES, table=NAMES)
def test_a_quoted_name_is_read_as_the_server_reads_it(schema, table):
    assert parse_pattern(qualified(schema, table)).matches(schema, table)


@given(text=st.text(max_size=30))
def test_any_text_is_a_pattern_or_is_refused(text):
    try:
        pattern = parse_pattern(text)
    except Refused as refusal:
        assert "accepted: schema.table" in str(refusal)
    else:
        assert pattern.text == text


@pytest.mark.parametrize(
    ("text", "covered", "not_covered"),
    [
        ("app.t1_2026_*", ("app", "t1_2026_11"), ("app", "t1_2025_11")),
        ("app.t?", ("app", "t1"), ("app", "t10")),
        ("*.T1", ("any", "T1"), ("any", "t1")),
        ('app."a.*"', ("app", "a.*"), ("app", "a.b")),
        ("app.a+b", ("app", "a+b"), ("app", "aab")),
    ],
)
def test_wildcards(text, covered, not_covered):
    assert parse_pattern(text).matches(*covered)
    assert not parse_pattern(text).matches(*not_covered)


@pytest.mark.parametrize("text", ["", "t1", ".t1", "app.", "a.b.c", 'app."', 'app."t"x', 'app.""', "app.t\0"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(Refused, match="is no name of a table"):
        parse_pattern(text)


@given(database=NAMES)
def test_a_database_is_part_of_one_file_name(database):
    assert "/" not in directory_name(database)
    assert not directory_name(database).startswith(".")
