"""`pgops local destroy` removes the containers when it is to, and only then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from pgops.local import cli


@pytest.fixture
def removed(monkeypatch):
    """Fleets whose hosts were removed; the playbook's status is `removed.status`."""
    calls = SimpleNamespace(fleets=[], played=[], status=0)
    container = SimpleNamespace(running=True, name="pgops-db1")
    monkeypatch.setattr(cli.engine, "answers", lambda: True)
    monkeypatch.setattr(cli.hosts, "existing", lambda fleet: {"db1": container})
    monkeypatch.setattr(cli.clusters, "limit_of", lambda fleet, names: [])
    monkeypatch.setattr(cli.hosts, "down", lambda fleet, progress: calls.fleets.append(fleet.name))

    def play(playbook, inventory, arguments):
        calls.played.append(arguments)
        return calls.status

    monkeypatch.setattr(cli.ansible, "play", play)
    return calls


@pytest.mark.parametrize("status", [0, 2])
def test_all_is_removed_although_the_playbook_fails(removed, status):
    removed.status = status
    result = CliRunner().invoke(cli.app, ["destroy"])
    assert (result.exit_code, removed.fleets) == (0, ["local"])


@pytest.mark.parametrize("option", sorted(cli.ONLY_LOOK))
def test_who_only_looks_removes_nothing(removed, option):
    removed.status = 3
    result = CliRunner().invoke(cli.app, ["destroy", option])
    assert (result.exit_code, removed.played, removed.fleets) == (3, [[option]], [])


def test_options_that_ansible_refuses_remove_nothing(removed):
    removed.status = 2
    result = CliRunner().invoke(cli.app, ["destroy", "--yes"])
    assert result.exit_code != 0
    assert "nothing was removed" in str(result.exception)
    assert removed.fleets == []
