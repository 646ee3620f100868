"""What several files say of the same versions must agree."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata, util
from pathlib import Path

import pytest
import yaml

from pgops.paths import ROOT

REQUIRED = {
    item["name"]: item["version"] for item in yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
}
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("bootstrap", "runtime", "test")


def locked(name: str) -> dict[str, set[str]]:
    """Versions of each package in a lock file; more than one where the Python version decides."""
    versions: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^ \\]+)", (ROOT / f"requirements/{name}.txt").read_text(), re.M):
        versions.setdefault(package, set()).add(version)
    return versions


def installed_collections() -> Path:
    spec = util.find_spec("ansible_collections")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])]
    return next(folder for folder in folders if folder.parent.name in ("site-packages", "dist-packages"))


@pytest.mark.parametrize(("name", "version"), REQUIRED.items())
def test_galaxy_gives_the_versions_that_the_python_package_carries(name: str, version: str) -> None:
    manifest = installed_collections() / name.replace(".", "/") / "MANIFEST.json"
    assert json.loads(manifest.read_text())["collection_info"]["version"] == version


def test_the_collection_depends_on_what_is_required() -> None:
    assert GALAXY["dependencies"] == {name: f">={version}" for name, version in REQUIRED.items()}


def test_the_command_has_the_collections_version() -> None:
    assert PROJECT["project"]["version"] == GALAXY["version"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    pins = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in text
    assert not re.search(r"^--(extra-)?index-url|^--find-links", text, re.M)


def test_tests_run_on_the_versions_that_users_get() -> None:
    test = locked("test")
    for package, versions in locked("runtime").items():
        assert test[package] == versions, package


@pytest.mark.parametrize("name", LOCKS)
def test_wanted_packages_are_locked(name: str) -> None:
    lines = (ROOT / f"requirements/{name}.in").read_text().splitlines()
    wanted = {re.split(r"[\[=<>]", line)[0].strip() for line in lines if line.strip() and line[0] not in "#-"}
    assert wanted <= set(locked(name))


def test_the_build_backend_is_the_installers_own() -> None:
    (requirement,) = PROJECT["build-system"]["requires"]
    lowest, below = re.fullmatch(r"uv_build>=([\d.]+),<([\d.]+)", requirement).groups()
    (version,) = locked("bootstrap")["uv"]
    assert version == lowest
    assert tuple(map(int, version.split("."))) < tuple(map(int, below.split(".")))


def test_ansible_core_is_new_enough_for_the_collection() -> None:
    wanted = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"].removeprefix(">=")
    assert tuple(map(int, metadata.version("ansible-core").split("."))) >= tuple(map(int, wanted.split(".")))
