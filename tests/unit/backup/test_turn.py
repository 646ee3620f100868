"""Of several machines that could make a stanza's backups, that of the primary does."""

from __future__ import annotations

import json

import pytest
from pgops_backup import cluster, state, turn


@pytest.mark.parametrize(
    ("ports", "status"),
    [
        (None, 0),
        ([], 0),
        ([5432], 0),
        ([5433], 1),
        ([5433, 5432], 0),
        ([5434], 0),
        ([5433, 5434], 0),
    ],
    ids=[
        "written-by-an-older-release",
        "another-machine",
        "primary",
        "standby",
        "both",
        "silent",
        "standby-and-silent",
    ],
)
def test_a_standby_leaves_it_to_its_primary(monkeypatch, tmp_path, capsys, ports, status):
    def ask(settings, _question):
        if settings["port"] == 5434:
            raise cluster.ClusterError("no such socket")
        return "t\n" if settings["port"] == 5433 else "f\n"

    monkeypatch.setattr(cluster, "ask", ask)
    monkeypatch.setattr(state, "SETTINGS", tmp_path)
    (tmp_path / "db1.repository.json").write_text(json.dumps({} if ports is None else {"local_ports": ports}))
    assert turn.run("db1") == status
    assert ("is a standby" in capsys.readouterr().out) == bool(status)
