"""Lookup pgops.fleet.secret: generation, agreement of parallel forks, check mode, and what it refuses."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.lookup import secret as plugin

TERM = "passwords/transactions_replication"


# What the plugin loader does, which does not find collections that Python imported from PYTHONPATH.
NAME = "pgops.fleet.secret"
OPTIONS = yaml.safe_load(plugin.DOCUMENTATION)["options"]
constants.config.initialize_plugin_configuration_definitions("lookup", NAME, OPTIONS)


def look_up(directory: Path, *terms: str, variables: dict | None = None, **options) -> list[str]:
    plugin_object = plugin.LookupModule()
    plugin_object._load_name = NAME
    return plugin_object.run(list(terms) or [TERM], variables=variables or {}, directory=str(directory), **options)


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "environment" / "secrets"


@pytest.fixture(params=[0o022, 0o000, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_first_use_generates_and_later_uses_return_the_same(directory: Path) -> None:
    [value] = look_up(directory)
    assert len(value) == 40
    assert set(value) <= set(plugin.ALPHABET)
    assert look_up(directory) == [value]
    assert (directory / TERM).read_text(encoding="utf-8") == value + "\n"
    assert mode_of(directory / TERM) == 0o600
    assert mode_of(directory) == mode_of(directory / "passwords") == 0o700
    assert [entry.name for entry in (directory / "passwords").iterdir()] == ["transactions_replication"]


def test_each_term_has_its_own_secret_of_the_length_asked(directory: Path) -> None:
    first, second = look_up(directory, "passwords/a", "passwords/b", length=64)
    assert first != second
    assert {len(first), len(second)} == {64}


def test_an_existing_secret_is_returned_without_its_last_newline(directory: Path) -> None:
    write(directory / TERM, "pass word: ünïcode\n")
    assert look_up(directory) == ["pass word: ünïcode"]


def test_a_vault_value_wins_and_no_file_is_made(directory: Path) -> None:
    assert look_up(directory, vault={"transactions_replication": "from the vault"}) == ["from the vault"]
    assert not directory.exists()


def test_a_vault_without_that_name_changes_nothing(directory: Path) -> None:
    write(directory / TERM, "kept")
    assert look_up(directory, vault={"another": "x"}) == ["kept"]


@pytest.mark.parametrize(("value", "found"), [("", "empty"), (None, "empty"), (12, "int"), (["x"], "list")])
def test_a_vault_value_that_is_no_secret_is_refused(directory: Path, value: object, found: str) -> None:
    with pytest.raises(AnsibleLookupError, match=f"'transactions_replication' is {found}; give a non-empty string"):
        look_up(directory, vault={"transactions_replication": value})


def test_check_mode_writes_nothing_and_gives_a_throwaway_value(directory: Path) -> None:
    values = {look_up(directory, variables={"ansible_check_mode": True})[0] for _ in range(2)}
    assert len(values) == 2
    assert {len(value) for value in values} == {40}
    assert not directory.parent.exists()


def test_check_mode_reads_what_is_there(directory: Path) -> None:
    write(directory / TERM, "kept")
    assert look_up(directory, variables={"ansible_check_mode": True}) == ["kept"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o777])
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_file_that_others_may_access_is_refused_and_left_alone(directory: Path, mode: int, check_mode: bool) -> None:
    path = write(directory / TERM, "kept", mode)
    with pytest.raises(AnsibleLookupError) as raised:
        look_up(directory, variables={"ansible_check_mode": check_mode})
    assert str(path) in str(raised.value)
    assert f"mode {mode:04o}" in str(raised.value)
    assert "accepted is 0600" in str(raised.value)
    assert "kept" not in str(raised.value)
    assert mode_of(path) == mode


@pytest.mark.parametrize("text", ["", "\n", " \n\n"])
def test_an_empty_file_is_refused_and_left_alone(directory: Path, text: str) -> None:
    path = write(directory / TERM, text)
    with pytest.raises(AnsibleLookupError, match=f"secret {path}: the file is empty"):
        look_up(directory)
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_is_no_text_is_refused(directory: Path) -> None:
    path = write(directory / TERM, "")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AnsibleLookupError, match="make it a UTF-8 text file"):
        look_up(directory)


def test_a_directory_in_the_place_of_the_file_is_refused(directory: Path) -> None:
    (directory / TERM).mkdir(parents=True)
    with pytest.raises(AnsibleLookupError, match="cannot be read"):
        look_up(directory)


def test_a_file_in_the_place_of_the_directory_is_refused(directory: Path) -> None:
    write(directory, "")
    with pytest.raises(AnsibleLookupError, match=f"secret {directory / TERM}: cannot be"):
        look_up(directory)


@pytest.mark.parametrize("term", ["", "/etc/shadow", "../ca.key", "passwords/../../ca.key"])
def test_a_path_out_of_the_directory_is_refused(directory: Path, term: str) -> None:
    with pytest.raises(AnsibleLookupError, match="not a path inside the secrets directory"):
        look_up(directory, term)


@pytest.mark.parametrize("length", [0, -1, 15, 257])
def test_a_length_out_of_range_is_refused(directory: Path, length: int) -> None:
    with pytest.raises(AnsibleLookupError, match=f"length: {length} is not accepted; give a number from 16 to 256"):
        look_up(directory, length=length)


@given(st.integers(plugin.SHORTEST, plugin.LONGEST))
def test_a_generated_secret_needs_no_quoting(length: int) -> None:
    value = plugin.generate_secret(length)
    assert len(value) == length
    assert value.isascii()
    assert value.isalnum()


def test_who_loses_the_race_returns_the_winners_value(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(draft: Path, value: str) -> None:
        write(directory / TERM, "the winner's")
        draft.write_text(value, encoding="utf-8")

    monkeypatch.setattr(plugin, "write_draft", overtaken)
    assert look_up(directory) == ["the winner's"]
    assert [entry.name for entry in (directory / "passwords").iterdir()] == ["transactions_replication"]


def test_a_failed_write_leaves_nothing_behind(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plugin.os, "fsync", disk_full)
    with pytest.raises(AnsibleLookupError, match=r"cannot be created: .*No space left on device"):
        look_up(directory)
    assert list((directory / "passwords").iterdir()) == []


def _fork(directory: Path, barrier, answers) -> None:
    barrier.wait()
    answers.put(look_up(directory)[0])


@pytest.mark.parametrize("attempt", range(5))
def test_parallel_forks_agree(directory: Path, attempt: int) -> None:
    context = multiprocessing.get_context("fork")
    barrier, answers, count = context.Barrier(8), context.Queue(), 8
    forks = [context.Process(target=_fork, args=(directory, barrier, answers)) for _ in range(count)]
    for fork in forks:
        fork.start()
    values = {answers.get(timeout=30) for _ in range(count)}
    for fork in forks:
        fork.join(timeout=30)
    assert values == {(directory / TERM).read_text(encoding="utf-8").strip()}
    assert len(list((directory / "passwords").iterdir())) == 1
