"""The page of dependencies names what is required, in the locked releases."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.docs.blocks import DOCS, ROOT

PAGE = (DOCS / "reference" / "dependencies.md").read_text()
ROWS = {row[1]: row[2] for row in re.finditer(r"^\| ([\w.-]+) \| ([\d.]+) \|", PAGE, re.MULTILINE)}


def required(name: str) -> list[str]:
    """Packages that a requirements file names, without extras and versions."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    return [re.split(r"[\[=<>~ ]", line)[0] for line in lines if line and not line.startswith(("#", "-"))]


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["bootstrap", "runtime", "test"])
def test_packages_are_listed_in_their_locked_release(name):
    releases = locked(name)
    assert {package: ROWS.get(package) for package in required(name)} == {
        package: releases[package.lower()] for package in required(name)
    }


def test_collections_are_listed_in_their_release():
    collections = yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
    assert {item["name"]: ROWS.get(item["name"]) for item in collections} == {
        item["name"]: item["version"] for item in collections
    }


def test_nothing_else_is_listed():
    collections = yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
    names = {package for name in ("bootstrap", "runtime", "test") for package in required(name)}
    assert set(ROWS) == names | {item["name"] for item in collections}
