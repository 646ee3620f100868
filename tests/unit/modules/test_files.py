"""files: check mode tells the truth, a run does it, a second run changes nothing, damage is mended."""

from __future__ import annotations

import base64
import os
import pwd

import pytest

from tests.modules.harness import ModuleFailed, Modules

ME = {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": str(os.getgid())}


def run(files, check=False):
    modules = Modules("", 0, "")
    modules.connection = {}
    return modules.run("files", check=check, files=[{**ME, **file} for file in files])


def tree(folder):
    return {
        str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def declared(tmp_path):
    return [
        {"path": str(tmp_path / "tls"), "directory": True, "mode": "0750"},
        {"path": str(tmp_path / "tls" / "key"), "content": "secret words\n", "mode": "0600", "secret": True},
        {"path": str(tmp_path / "ring.gpg"), "content_base64": base64.b64encode(b"\x99\x00").decode()},
    ]


def test_pattern(tmp_path, declared):
    promised = run(declared, check=True)
    assert promised["changed"]
    assert tree(tmp_path) == {}
    done = run(declared)
    assert (done["changed"], done["diff"], done["written"]) == (True, promised["diff"], promised["written"])
    assert tree(tmp_path) == {
        "ring.gpg": (0o644, b"\x99\x00"),
        "tls": (0o750, None),
        "tls/key": (0o600, b"secret words\n"),
    }
    for check in (True, False):
        assert run(declared, check=check) == {**done, "changed": False, "diff": [], "written": []}


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "tls" / "key").write_text("other"),
        lambda folder: (folder / "tls" / "key").unlink(),
        lambda folder: (folder / "tls" / "key").chmod(0o644),
        lambda folder: (folder / "tls").chmod(0o777),
        lambda folder: (folder / "ring.gpg").write_bytes(b""),
    ],
)
def test_damage_is_mended(tmp_path, declared, damage):
    run(declared)
    right = tree(tmp_path)
    damage(tmp_path)
    damaged = tree(tmp_path)
    assert len(run(declared, check=True)["written"]) == 1
    assert tree(tmp_path) == damaged
    assert len(run(declared)["written"]) == 1
    assert tree(tmp_path) == right


def test_secret_stays_out_of_the_diff(declared):
    assert "secret words" not in str(run(declared)["diff"])


def test_key_ring_of_usual_size(tmp_path):
    """Its Base64 has folded lines, as the program base64 writes them."""
    ring = {"path": str(tmp_path / "ring.gpg"), "content_base64": base64.encodebytes(b"\x99" * 100).decode()}
    (shown,) = run([ring])["diff"]
    assert (tmp_path / "ring.gpg").read_bytes() == b"\x99" * 100
    assert shown["after"].startswith("(binary, 100 bytes, SHA-256 ")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({}, "0 contents; accepted: either content or content_base64"),
        ({"content": "a", "content_base64": "YQ=="}, "2 contents"),
        ({"content": "a", "directory": True}, "a folder has no content"),
        ({"content_base64": "no key"}, "content_base64 is no Base64"),
    ],
)
def test_refused(tmp_path, file, words):
    with pytest.raises(ModuleFailed, match=words):
        run([{"path": str(tmp_path / "x"), **file}])
    assert tree(tmp_path) == {}


def test_folder_in_the_place_of_a_file(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(ModuleFailed, match="is there and is no file"):
        run([{"path": str(tmp_path / "x"), "content": "a"}])


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(ModuleFailed, match="Declare the folder that it is in before it"):
        run([{"path": str(tmp_path / "none" / "x"), "content": "a"}])
