"""Rules of roles and privileges that need no server: verifiers, quoting, words of GRANT, plans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils import scram
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_plan import Wanted, compare
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_targets import (
    ALL_IN_SCHEMA,
    KINDS,
    TargetError,
    normalize_privileges,
    parse_target,
)
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import grantee, identifier, literal
from ansible_collections.pgops.fleet.plugins.module_utils.role_plan import plan_role

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(deadline=None, max_examples=30)
@given(texts, texts, st.integers(1, 64), st.binary(min_size=1, max_size=32))
def test_a_password_matches_its_own_verifier_only(password, other, iterations, salt):
    verifier = scram.make_verifier(password, iterations, salt)
    assert scram.is_verifier(verifier)
    assert scram.matches(password, verifier) and scram.matches(verifier, verifier)
    if scram._prepared(other) != scram._prepared(password):
        assert not scram.matches(other, verifier)


@pytest.mark.parametrize(
    ("password", "stored"),
    [
        (
            "pencil",
            "SCRAM-SHA-256$4096:Nkb2lHtKJ/s+2MFygeB+sA==$fkExm9pcykVxBC7QXzCrf6agR2tP6/CZv6vulNb0W+Y="
            ":QtWHDtHOPwcr/KEJGun0QC5A8j9nySAB42Yd7Gh5lsE=",
        ),
        (  # normalized by SASLprep: a soft hyphen vanishes, a ligature is taken apart
            "ünï\u00ad code ﬁ",
            "SCRAM-SHA-256$5000:thx4kIJUZALlyfVnvg/n8A==$iT6r59ryWOtgQiWSzfDGsinJt4dXF5bQMrogupMIwWU="
            ":WqOq7rIhcCzrEXH/GrJEG6YF299ENgTy0FquexNE5E0=",
        ),
    ],
)
def test_verifiers_that_postgresql_18_made_are_matched(password, stored):
    assert scram.matches(password, stored)
    assert not scram.matches(password + "x", stored)


@pytest.mark.parametrize("stored", [None, "md5" + "0" * 32, "SCRAM-SHA-256$x", ""])
def test_what_is_no_verifier_matches_nothing(stored):
    assert not scram.matches("password", stored)


def test_each_verifier_has_a_salt_of_its_own():
    assert scram.make_verifier("same") != scram.make_verifier("same")


@given(texts)
def test_names_and_texts_end_where_they_end(text):
    assert identifier(text)[1:-1].replace('""', "").count('"') == 0
    quoted = literal(text)
    inner = quoted.removeprefix("E")[1:-1]
    assert inner.replace("''", "").count("'") == 0
    assert inner.replace("''", "'").replace("\\\\", "\\") == text or "\\" not in text
    assert ("\\" in text) == quoted.startswith("E")


@pytest.mark.parametrize("name", ["", "a\x00b"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="is no name"):
        identifier(name)


def test_public_is_a_keyword():
    assert grantee("PUBLIC") == "public" and grantee("publics") == '"publics"'


@given(st.sampled_from(sorted(KINDS)), st.from_regex(r"[a-z][a-z0-9_.]{0,20}", fullmatch=True))
def test_a_target_is_read_as_it_is_written(kind, name):
    target = parse_target(f"  {kind.upper()}   {name} ")
    assert (target.kind, target.name, target.all_in_schema) == (kind, name, False)
    assert parse_target(str(target)) == target


@given(st.sampled_from(sorted(ALL_IN_SCHEMA)))
def test_all_of_a_schema_is_read_as_it_is_written(plural):
    target = parse_target(f"all {plural} in schema app")
    assert (target.kind, target.name, target.all_in_schema) == (ALL_IN_SCHEMA[plural], "app", True)
    assert str(target) == f"all {plural} in schema app"


@given(st.text(max_size=20) | st.none() | st.integers())
def test_any_words_are_a_target_or_refused_with_what_is_accepted(words):
    try:
        parse_target(words)
    except TargetError as error:
        assert "accepted: one of database, schema, table" in str(error)


def test_privileges_are_put_in_order():
    assert normalize_privileges(["UPDATE", "select"], KINDS["table"], "table t") == ["select", "update"]
    assert normalize_privileges(["all privileges"], KINDS["schema"], "schema s") == ["usage", "create"]
    assert normalize_privileges(["temp"], KINDS["database"], "database d") == ["temporary"]
    with pytest.raises(TargetError, match="privilege slect does not exist on table t; accepted: select"):
        normalize_privileges(["slect"], KINDS["table"], "table t")


grants = st.lists(
    st.fixed_dictionaries(
        {
            "grantor": st.sampled_from(["owner", "other"]),
            "grantee": st.sampled_from(["reader", "writer"]),
            "privilege": st.sampled_from(["select", "insert", "update"]),
            "grantable": st.booleans(),
        }
    ),
    unique_by=lambda grant: (grant["grantor"], grant["grantee"], grant["privilege"]),
)


@given(grants, st.lists(st.sampled_from(["select", "insert", "update"]), unique=True), st.booleans())
def test_after_what_is_granted_and_revoked_the_role_has_what_is_wanted(now, privileges, grant_option):
    wanted = Wanted("reader", tuple(privileges), grant_option)
    revoke, grant = compare(now, wanted, "owner")
    after = [dict(entry) for entry in now]
    for by, names, option_only in revoke:
        for entry in after:
            same = entry["grantee"] == "reader" and entry["privilege"] in names and entry["grantor"] == (by or "owner")
            if same and option_only:
                entry["grantable"] = False
            elif same:
                entry["privilege"] = None
    after += [{"grantor": "owner", "grantee": "reader", "privilege": name, "grantable": grant_option} for name in grant]
    has = {entry["privilege"] for entry in after if entry["grantee"] == "reader" and entry["privilege"]}
    assert has == set(privileges)
    assert compare([entry for entry in after if entry["privilege"]], wanted, "owner") == ([], [])


NOW = {
    "login": True, "superuser": False, "createdb": False, "createrole": False, "inherit": True, "replication": False,
    "bypassrls": False, "connection_limit": -1, "valid_until": None, "password": None, "comment": None,
    "member_of": {"g": [{"grantor": "postgres", "own": True, "inherit": True, "set": True, "admin": False}]},
    "settings": {"": {"search_path": 'app, "$user"', "work_mem": "8MB"}},
}  # fmt: skip


def statements(**wanted):
    return plan_role({"name": "r", **wanted}, NOW, 4096).statements


def test_what_is_as_declared_needs_no_statement():
    assert statements() == []
    assert statements(login=True, connection_limit=-1, member_of=["g", {"name": "g", "set": True}], comment="") == []
    assert statements(settings={"search_path": "app, $user", "work_mem": "8MB", "other": None}) == []


def test_only_what_differs_is_altered():
    assert statements(login=False, createdb=True) == ['alter role "r" nologin createdb']
    assert statements(member_of=[{"name": "g", "set": False}]) == [
        'grant "g" to "r" with inherit true, set false, admin false'
    ]
    assert statements(settings={"work_mem": "default"}) == ['alter role "r" reset work_mem']
    assert statements(settings={"search_path": ["a", "B c"]}) == ["alter role \"r\" set search_path = 'a', 'B c'"]
    assert statements(database_settings={"d": {"jit": False}}) == ['alter role "r" in database "d" set jit = \'off\'']


def test_a_password_is_shown_nowhere():
    change = plan_role({"name": "r", "password": "s3cret"}, NOW, 4096)
    assert "s3cret" not in str(change.statements)
    assert change.shown == ["alter role \"r\" password '(hidden)'"]
    assert "SCRAM" not in str(change.before) + str(change.after)
    with pytest.raises(Refused, match="the password is empty"):
        plan_role({"name": "r", "password": ""}, NOW, 4096)
