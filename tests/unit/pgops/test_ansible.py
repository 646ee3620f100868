from __future__ import annotations

from pathlib import Path

import pytest

from pgops import ansible
from pgops.paths import ROOT


@pytest.fixture
def mitogen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible, "mitogen_strategy_folder", lambda: Path("/site/ansible_mitogen/plugins/strategy"))


def test_the_clones_configuration_is_used() -> None:
    assert ansible.environment({"PATH": "/bin"})["ANSIBLE_CONFIG"] == str(ROOT / "ansible.cfg")


def test_programs_of_the_virtual_environment_come_first() -> None:
    assert ansible.environment({"PATH": "/bin"})["PATH"].endswith("bin:/bin")


def test_mitogen_is_used_when_asked_for(mitogen: None) -> None:
    variables = ansible.environment({"PGOPS_MITOGEN": "1"})
    assert variables["ANSIBLE_STRATEGY"] == "mitogen_linear"
    assert variables["ANSIBLE_STRATEGY_PLUGINS"] == "/site/ansible_mitogen/plugins/strategy"


def test_mitogen_is_left_out_otherwise(mitogen: None) -> None:
    assert "ANSIBLE_STRATEGY" not in ansible.environment({})
    assert "ANSIBLE_STRATEGY" not in ansible.environment({"PGOPS_MITOGEN": "0"})


def test_a_chosen_strategy_is_left_alone(mitogen: None) -> None:
    variables = ansible.environment({"ANSIBLE_STRATEGY": "free", "PGOPS_MITOGEN": "1"})
    assert variables["ANSIBLE_STRATEGY"] == "free"
    assert "ANSIBLE_STRATEGY_PLUGINS" not in variables


def test_without_mitogen_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible, "mitogen_strategy_folder", lambda: None)
    assert "ANSIBLE_STRATEGY" not in ansible.environment({"PGOPS_MITOGEN": "1"})


def test_the_folder_of_mitogens_strategies_is_there() -> None:
    folder = ansible.mitogen_strategy_folder()
    assert folder is not None
    assert (folder / "mitogen_linear.py").is_file()


@pytest.mark.parametrize(
    ("output", "answers"),
    [
        (
            '{"plays": [{"tasks": [{"task": {"name": "Look"}, "hosts": {"app1": {"msg": "no"}}}]}]}',
            {"Look": {"msg": "no"}},
        ),
        (
            '[WARNING]: words\n{"plays": [{"tasks": [{"task": {"name": "r : Look"}, "hosts": {"app1": {"x": 1}}}]},'
            ' {"tasks": [{"task": {"name": "Other"}, "hosts": {"db1": {}}}]}]}',
            {"Look": {"x": 1}},
        ),
        ('{"plays": []}', {}),
        ("ERROR! nothing", {}),
        ("", {}),
    ],
)
def test_what_tasks_have_returned_is_read_from_the_json(output: str, answers: dict) -> None:
    assert ansible.parse(output, "app1") == answers
