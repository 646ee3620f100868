"""Small filters: hba_address, passfile_line, with_passwords."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.filter.hba_address import hba_address
from ansible_collections.pgops.fleet.plugins.filter.passfile_line import passfile_line
from ansible_collections.pgops.fleet.plugins.filter.with_passwords import with_passwords


@pytest.mark.parametrize(
    ("given_address", "written"),
    [
        ("192.0.2.11", "192.0.2.11/32"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("db1.example.org", "db1.example.org"),
        ("samenet", "samenet"),
    ],
)
def test_single_addresses_get_their_mask(given_address, written):
    assert hba_address(given_address) == written


def fields_of(line):
    """Read a line as libpq does: a backslash takes the next character as it is."""
    fields, characters = [""], iter(line)
    for character in characters:
        if character == "\\":
            fields[-1] += next(characters)
        elif character == ":":
            fields.append("")
        else:
            fields[-1] += character
    return fields


@given(st.lists(st.text(st.characters(exclude_characters="\n")), min_size=5, max_size=5))
def test_fields_come_back_from_a_passfile(fields):
    line = passfile_line(fields)
    assert line.endswith("\n")
    assert fields_of(line[:-1]) == fields


def test_passwords_replace_secrets():
    roles = [{"name": "a", "secret": True}, {"name": "b", "secret": True, "password": "given"}, {"name": "c"}]
    assert with_passwords(roles, {"a": "kept"}) == [
        {"name": "a", "password": "kept"},
        {"name": "b", "password": "given"},
        {"name": "c"},
    ]
    with pytest.raises(AnsibleFilterError, match="role 'a'"):
        with_passwords(roles, {})
