"""What `pgops settings explain --drift` says is to be done."""

from __future__ import annotations

import pytest

from pgops.settings.cli import commands


@pytest.mark.parametrize(
    ("states", "playbooks"),
    [
        ({"waits for a restart"}, ["restart"]),
        ({"overridden"}, ["settings"]),
        ({"not read yet", "waits for a restart"}, ["settings", "restart"]),
        (set(), []),
    ],
)
def test_each_state_has_the_playbook_that_ends_it(states: set[str], playbooks: list[str]) -> None:
    found = commands(states, "app1")
    assert [each.split("/")[1].split(".")[0] for each in found] == playbooks
    assert all("--limit app1" in each for each in found)
