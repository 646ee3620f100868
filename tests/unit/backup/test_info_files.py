"""The files that pgBackRest keeps twice: one damaged is found, and which."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgops_backup import info_files
from pgops_backup.repository import RepositoryError

BODY = '[backrest]\nbackrest-format=5\nbackrest-version="2.60.0"\n\n[db]\ndb-id=1\ndb-version="18"\n'
JSON = '{"backrest":{"backrest-format":5,"backrest-version":"2.60.0"},"db":{"db-id":1,"db-version":"18"}}'
SUM = hashlib.sha1(JSON.encode()).hexdigest()
WHOLE = f'{BODY}\n[backrest]\nbackrest-checksum="{SUM}"\n'.encode()
PATH = "archive/db1/archive.info"


class Files:
    """A repository that holds some files."""

    stanza = "db1"

    def __init__(self, first: bytes | None, copy: bytes | None) -> None:
        self.held = {PATH: first, PATH + ".copy": copy}

    def content(self, path: str) -> bytes:
        content = self.held[path]
        if content is None:
            raise RepositoryError(f"unable to open missing file '{path}'")
        return content


def test_both_whole():
    assert info_files.sound(WHOLE)
    assert info_files.compare(Files(WHOLE, WHOLE), PATH) is None


DAMAGED = WHOLE.replace(b"db-id=1", b"db-id=2")


@pytest.mark.parametrize(
    ("first", "copy", "words"),
    [
        (DAMAGED, WHOLE, [f"{PATH} is damaged (its checksum is wrong)", f"{PATH}.copy is whole"]),
        (WHOLE, DAMAGED, [f"{PATH}.copy is damaged (its checksum is wrong)", f"{PATH} is whole"]),
        (None, WHOLE, [f"{PATH} is damaged (unable to open missing file", f"{PATH}.copy is whole"]),
        (WHOLE, None, [f"{PATH}.copy is damaged (unable to open missing file"]),
        (WHOLE[:40], DAMAGED, [f"{PATH} is damaged", f"{PATH}.copy is damaged"]),
        (None, None, [f"{PATH} is damaged", f"{PATH}.copy is damaged"]),
        (DAMAGED, DAMAGED, [f"{PATH} is damaged", f"{PATH}.copy is damaged"]),
    ],
)
def test_one_damaged(first, copy, words):
    problem = info_files.compare(Files(first, copy), PATH)
    assert problem is not None
    for word in words:
        assert word in problem
    assert ("pgBackRest reads that one" in problem) == (WHOLE in (first, copy))


def test_another_format_is_only_compared():
    other = DAMAGED.replace(b"format=5", b"format=6")
    assert info_files.compare(Files(other, other), PATH) is None


def test_different_but_whole():
    body = JSON.replace('"db-id":1', '"db-id":2')
    other = DAMAGED.replace(SUM.encode(), hashlib.sha1(body.encode()).hexdigest().encode())
    assert "differ, though each is whole" in info_files.compare(Files(WHOLE, other), PATH)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_every_flipped_byte_is_seen(position, change):
    damaged = bytearray(WHOLE)
    damaged[position] ^= change
    assert info_files.compare(Files(bytes(damaged), WHOLE), PATH) is not None


def test_every_backup_has_its_manifest_looked_at(monkeypatch):
    monkeypatch.setattr(info_files, "AGAIN_SECONDS", 0)
    looked = []
    monkeypatch.setattr(info_files, "compare", lambda _repository, path: looked.append(path))
    assert info_files.problems(Files(WHOLE, WHOLE), ["A", "B"]) == []
    assert looked == [
        PATH,
        "backup/db1/backup.info",
        "backup/db1/A/backup.manifest",
        "backup/db1/B/backup.manifest",
    ]


def test_what_is_being_written_is_looked_at_twice(monkeypatch):
    monkeypatch.setattr(info_files, "AGAIN_SECONDS", 0)
    answers = iter(["differs", None, "damaged", "damaged"])
    monkeypatch.setattr(info_files, "compare", lambda _repository, _path: next(answers))
    monkeypatch.setattr(info_files, "files", lambda _stanza, _labels: [PATH, PATH])
    assert info_files.problems(Files(WHOLE, WHOLE), []) == ["damaged"]
