"""Errors of the repository are told as such, in few words, and never taken for a stanza that is not there."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from pgops_backup import repository_watch, state
from pgops_backup.cli import main
from pgops_backup.repository import Repository, RepositoryError, concise
from samples import INFO, NO_STANZA

REFUSED = """[ProtocolError] HTTP request failed with 403 (Forbidden):
*** Path/Query ***:
GET /backups/?delimiter=%2F&list-type=2&prefix=t%2Fbackup%2F
*** Request Headers ***:
authorization: <redacted>
*** Response Content ***:
<?xml version='1.0' encoding='UTF-8'?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature does not match.</Message>\
<AWSAccessKeyId>KEYID</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256</StringToSign></Error>"""
LOGGED = """P00  ERROR: [039]: HTTP request failed with 404 (Not Found):
                   *** Path/Query ***:
                   HEAD /backups/t/archive/t/archive.info
                   *** Request Headers ***:
                   authorization: <redacted>
"""


def answering(monkeypatch, given, status=0):
    """A stanza whose pgBackRest prints this."""
    done = subprocess.CompletedProcess([], status, stdout=json.dumps([given]).encode(), stderr=b"")
    monkeypatch.setattr(Repository, "_run", lambda _self, *_arguments, **_more: done)
    return Repository("db1", 16 * 1024 * 1024)


def storage(message):
    """What `pgbackrest info` prints, with exit status 0, of storage that refuses or does not answer."""
    return NO_STANZA | {
        "repo": [{"key": 1, "status": {"code": 99, "message": message}}],
        "status": {"code": 99, "message": "other"},
    }


def test_storage_that_does_not_answer_is_no_missing_stanza(monkeypatch):
    with pytest.raises(RepositoryError, match="unable to connect"):
        answering(monkeypatch, storage("[HostConnectError] unable to connect to 's3:443'")).info()
    assert not answering(monkeypatch, NO_STANZA).info().exists
    assert answering(monkeypatch, INFO | {"repo": [{"key": 1, "status": {"code": 0, "message": "ok"}}]}).info().exists


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            REFUSED,
            "[ProtocolError] HTTP request failed with 403 (Forbidden): GET /backups/: "
            "SignatureDoesNotMatch, The request signature does not match.",
        ),
        (
            LOGGED,
            "P00  ERROR: [039]: HTTP request failed with 404 (Not Found): HEAD /backups/t/archive/t/archive.info",
        ),
        ("ERROR: [055]: missing file\n", "ERROR: [055]: missing file"),
    ],
)
def test_an_error_is_told_without_the_copy_of_request_and_answer(words, expected):
    assert concise(words) == expected


def test_the_watch_tells_once_that_storage_is_away(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(state, "STATE", tmp_path)
    monkeypatch.setattr(state, "SETTINGS", tmp_path)
    monkeypatch.setattr(repository_watch, "read_archive", lambda *_given: (set(), []))
    kept = tmp_path / "db1.repository.json"
    for given, told in [
        (INFO, ""),
        (storage(REFUSED), "<4>stanza db1: the repository does not answer: [ProtocolError] HTTP request failed"),
        (storage(REFUSED), ""),
        (INFO, "<5>stanza db1: the repository answers again\n"),
        (INFO, ""),
    ]:
        answering(monkeypatch, given)
        assert repository_watch.run("db1") == 0
        printed = capsys.readouterr().out
        assert printed.startswith(told) if told else printed == ""
        assert bool(state.read(kept)["error"]) == (given is not INFO)
        assert state.read(kept)["last_backup"] == "20261121-153457F", "what was known stays"


def test_a_configuration_is_tried_without_being_written_down(monkeypatch):
    asked = []

    def run(command, **given):
        asked.append((command, given["input"]))
        refused = b"key=bad" in given["input"]
        answer = storage(REFUSED) if refused else INFO
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps([answer]).encode(), stderr=b"")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"key=good")))
    assert main(["try", "db1"]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"key=bad")))
    assert main(["try", "db1"]) == 1
    for command, given in asked:
        assert command[-1] == "--config=/dev/stdin"
        assert not any(given.decode() in part for part in command)
