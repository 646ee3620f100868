from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgops.local import base, docker, image, mirror, reach
from pgops.local.packages import FROM_DEBIAN, FROM_PROJECT
from pgops.local.progress import Progress, output


def recipe(**changes: object) -> image.Recipe:
    values = {"kind": "host", "packages": FROM_DEBIAN, "files": {"Dockerfile": b"FROM x"}, "arguments": {"A": "1"}}
    return image.Recipe(**(values | changes))


def test_the_tag_names_kind_suite_and_recipe() -> None:
    name, hash_part = recipe().tag.rsplit("-", 1)
    assert name == "pgops-host:testing"
    assert len(hash_part) == 12
    assert recipe().tag == recipe().tag


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"Dockerfile": b"FROM y"}},
        {"files": {"Dockerfile2": b"FROM x"}},
        {"files": {"Dockerfile": b"FROM x", "init": b""}},
        {"arguments": {"A": "2"}},
        {"arguments": {}},
        {"packages": FROM_PROJECT},
        {"kind": "postgresql"},
    ],
)
def test_any_change_of_the_recipe_changes_the_tag(changes: dict[str, object]) -> None:
    assert recipe(**changes).tag != recipe().tag


def test_names_and_contents_of_files_are_told_apart() -> None:
    one = recipe(files={"a": b"bc", "d": b""})
    other = recipe(files={"a": b"b", "cd": b""})
    assert one.tag != other.tag


def test_postgresql_is_built_on_the_host_image() -> None:
    built = image.postgresql_recipe(FROM_DEBIAN)
    assert built.arguments["BASE"] == image.host_recipe(FROM_DEBIAN).tag
    assert built.arguments["PACKAGES"] == ("postgresql-18 postgresql-18-cron postgresql-18-pg-ivm postgresql-18-pgtap")
    assert list(built.files) == ["Dockerfile"]


def test_the_projects_repository_comes_with_its_key_and_both_versions() -> None:
    built = image.postgresql_recipe(FROM_PROJECT)
    assert {"postgresql-16", "postgresql-16-cron", "postgresql-18"} <= set(built.arguments["PACKAGES"].split())
    sources = built.files["repository/sources.list.d/pgops-postgresql.sources"].decode()
    assert "URIs: https://apt.postgresql.org/pub/repos/apt\nSuites: trixie-pgdg\n" in sources
    assert "/etc/apt/keyrings/pgops-postgresql.asc" in sources
    assert b"BEGIN PGP PUBLIC KEY" in built.files["repository/keyrings/pgops-postgresql.asc"]


def test_the_context_holds_the_files_with_scripts_executable(tmp_path: Path) -> None:
    image.write_context(tmp_path, {"Dockerfile": b"FROM x", "init": b"#!/bin/sh\n", "repository/a/b": b"c"})
    assert (tmp_path / "repository" / "a" / "b").read_bytes() == b"c"
    assert os.access(tmp_path / "init", os.X_OK)
    assert (tmp_path / "Dockerfile").stat().st_mode & 0o111 == 0


def test_the_build_is_labelled_and_gets_its_arguments() -> None:
    arguments = image.build_arguments(recipe(), {"BASE": "debian:testing"}, "/context")
    assert arguments[-1] == "/context"
    assert arguments[arguments.index("--tag") + 1] == recipe().tag
    assert arguments[arguments.index("--label") + 1] == "pgops.image=host"
    assert arguments[arguments.index("--build-arg") + 1] == "BASE=debian:testing"


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tags", "created", "expected"),
    [
        (["pgops-host:current"], "2026-01-01T00:00:00.123456789Z", False),
        (["pgops-host:old"], "2026-11-20T00:00:00.123456789Z", False),
        (["pgops-host:old"], "2026-11-01T00:00:00.123456789Z", True),
        ([], "2026-11-21T11:59:00.1Z", True),
    ],
)
def test_superseded_images_go_after_a_week_and_untagged_ones_at_once(
    tags: list[str], created: str, expected: bool
) -> None:
    assert image.is_superseded(tags, created, "pgops-host:current", NOW) is expected


def test_an_image_that_is_there_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "inspect", lambda *_: [{"Id": "x"}])
    monkeypatch.setattr(docker, "attempt", lambda *_, **__: pytest.fail("called docker"))
    tag = image.ensure("host", FROM_DEBIAN, Progress(output()))
    assert tag == image.host_recipe(FROM_DEBIAN).tag


def test_the_first_mirror_that_has_the_suite_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "machine_mirrors", lambda: ["http://old/debian", "http://new/debian"])
    monkeypatch.setattr(reach, "apt_suite_answers", lambda uri, suite: (uri, suite) == ("http://new/debian", "trixie"))
    assert base.answering_mirror("trixie") == "http://new/debian"
    with pytest.raises(base.PgopsError, match="no Debian mirror serves suite testing; asked: http://old/debian, http"):
        base.answering_mirror("testing")


def test_a_base_system_is_made_from_the_mirror(tmp_path: Path) -> None:
    command = base.mmdebstrap_command("testing", "http://mirror.example.org/debian", tmp_path / "base.tar")
    assert command[-3:] == ["testing", str(tmp_path / "base.tar"), "deb http://mirror.example.org/debian testing main"]


def test_without_registry_and_mmdebstrap_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base.shutil, "which", lambda _: None)
    monkeypatch.setattr(base.os, "geteuid", lambda: 1000)
    with pytest.raises(base.PgopsError, match="sudo apt install mmdebstrap"):
        base.ensure_mmdebstrap(Progress(output()))
