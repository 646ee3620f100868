"""Logins that take turns."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils import logins
from ansible_collections.pgops.fleet.plugins.modules import postgresql_login_usage_info as usage

ROLES = [
    {"name": "app", "login": False},
    {"name": "app_a", "login_of": "app", "secret": True, "connection_limit": 5},
    {"name": "app_b", "login_of": "app", "secret": True, "connection_limit": 5, "member_of": ["other"]},
    {"name": "gone", "login_of": "app", "state": "absent"},
    {"name": "plain", "login": True, "secret": True},
]


def by_name(roles):
    return {role["name"]: role for role in roles}


def test_the_first_is_in_use_until_a_file_says_otherwise(tmp_path):
    found = by_name(logins.with_logins(ROLES, tmp_path))
    assert found["app_a"] == {
        "name": "app_a",
        "secret": True,
        "connection_limit": 5,
        "member_of": ["app"],
        "login": True,
    }
    assert found["app_b"] == {"name": "app_b", "connection_limit": 5, "member_of": ["other", "app"]}
    assert found["plain"] == ROLES[4]
    assert found["gone"] == {"name": "gone", "state": "absent"}


def test_the_file_names_the_one_in_use(tmp_path):
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins" / "app").write_text("app_b\n")
    found = by_name(logins.with_logins(ROLES, tmp_path))
    assert found["app_b"]["login"] is True
    assert "login" not in found["app_a"]
    assert "secret" not in found["app_a"]
    # What the inventory or a vault says wins.
    assert by_name(logins.with_logins(ROLES, tmp_path, {"app": "app_a"}))["app_a"]["login"] is True


@pytest.mark.parametrize("said", ["app_c", "gone", "plain"])
def test_one_that_is_no_login_of_the_role_is_refused(tmp_path, said):
    with pytest.raises(logins.LoginsError, match=f"the login in use of app is {said}; accepted: app_a, app_b"):
        logins.with_logins(ROLES, tmp_path, {"app": said})


def test_the_declared_roles_are_left_as_they_are(tmp_path):
    before = repr(ROLES)
    logins.with_logins(ROLES, tmp_path)
    assert repr(ROLES) == before


def watched(seen, quiet, wait):
    """A watch with a clock that goes on by a second a look; `seen` says for each look whether somebody is there."""
    clock = itertools.count()
    looks = itertools.chain(seen, itertools.repeat(False))
    return usage.watch(lambda: ["x"] if next(looks) else [], quiet, wait, lambda: next(clock), lambda _seconds: None)


@given(seen=st.lists(st.booleans(), max_size=40), quiet=st.integers(1, 10), wait=st.integers(0, 30))
def test_unused_is_said_only_after_that_long_without_anybody(seen, quiet, wait):
    unused, users = watched(seen, quiet, wait)
    looks = [*seen, *[False] * (quiet + wait + 5)]
    # The first moment at which nobody has been there for long enough, beside the first sighting after waiting has ended.
    last, quiet_at = 0, None
    for moment, there in enumerate(looks, start=1):
        if there:
            last = moment
            if moment >= wait:
                break
        elif moment - last >= quiet:
            quiet_at = moment
            break
    assert unused == (quiet_at is not None)
    assert bool(users) == any(looks[: quiet_at or len(looks)][:quiet_at]) if unused else bool(users)


def test_users_are_counted_by_address_and_application():
    rows = [{"address": "192.0.2.1", "application": "shop"}] * 2 + [{"address": None, "application": ""}]
    assert usage.grouped(rows) == [
        {"address": "192.0.2.1", "application": "shop", "connections": 2},
        {"address": "socket", "application": "", "connections": 1},
    ]
