from __future__ import annotations

import json
from pathlib import Path

import pytest

from pgops.local import packages, reach
from pgops.local.packages import FROM_DEBIAN, FROM_PROJECT, KEEP_SECONDS, Packages


def never() -> Packages:
    raise AssertionError("the repository was asked again")


@pytest.mark.parametrize(("answers", "expected"), [(True, FROM_PROJECT), (False, FROM_DEBIAN)])
def test_the_repository_decides(monkeypatch: pytest.MonkeyPatch, answers: bool, expected: Packages) -> None:
    asked = []
    monkeypatch.setattr(reach, "apt_suite_answers", lambda *question: asked.append(question) or answers)
    assert packages.probe() == expected
    assert asked == [("https://apt.postgresql.org/pub/repos/apt", "trixie-pgdg")]


def test_the_answer_is_kept_for_a_day(tmp_path: Path) -> None:
    cache = tmp_path / "state" / "packages.json"
    assert packages.choose(cache=cache, now=lambda: 1000.0, ask=lambda: FROM_PROJECT) == FROM_PROJECT
    assert packages.choose(cache=cache, now=lambda: 1000.0 + KEEP_SECONDS - 1, ask=never) == FROM_PROJECT
    assert packages.choose(cache=cache, now=lambda: 1000.0 + KEEP_SECONDS, ask=lambda: FROM_DEBIAN) == FROM_DEBIAN


def test_refresh_asks_again(tmp_path: Path) -> None:
    cache = tmp_path / "packages.json"
    packages.choose(cache=cache, now=lambda: 0.0, ask=lambda: FROM_DEBIAN)
    assert packages.choose(refresh=True, cache=cache, now=lambda: 1.0, ask=lambda: FROM_PROJECT) == FROM_PROJECT


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"asked_at": "x"}', '{"asked_at": 0, "suite": "x"}'])
def test_a_broken_cache_is_no_answer(tmp_path: Path, content: str) -> None:
    cache = tmp_path / "packages.json"
    cache.write_text(content)
    assert packages.choose(cache=cache, now=lambda: 1.0, ask=lambda: FROM_DEBIAN) == FROM_DEBIAN
    assert json.loads(cache.read_text())["suite"] == "testing"


def test_a_clock_that_went_back_is_no_reason_to_keep_an_answer_for_ever(tmp_path: Path) -> None:
    cache = tmp_path / "packages.json"
    packages.choose(cache=cache, now=lambda: 9000.0, ask=lambda: FROM_PROJECT)
    assert packages.choose(cache=cache, now=lambda: 10.0, ask=lambda: FROM_DEBIAN) == FROM_DEBIAN


def test_labels_of_a_container_say_what_it_was_made_for() -> None:
    assert packages.from_labels(FROM_PROJECT.labels()) == FROM_PROJECT
    assert packages.from_labels({"pgops.environment": "local"}) is None
    assert packages.from_labels(FROM_PROJECT.labels() | {"pgops.packages.postgresql_version": "new"}) is None


def test_the_user_is_told() -> None:
    assert FROM_PROJECT.describe() == "PostgreSQL 16 from the PostgreSQL project's repository"
    assert FROM_DEBIAN.describe() == "apt.postgresql.org does not answer: Debian testing's PostgreSQL 18 instead"


def test_a_question_without_an_answer_is_a_no() -> None:
    import time

    assert reach.within(0.05, lambda: bool(time.sleep(1)) or True) is False
    assert reach.within(5, lambda: True) is True
