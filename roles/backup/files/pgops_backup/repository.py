"""What pgBackRest says of a stanza."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from pgops_backup.segments import Segment, archived_names, folder_names

TIMEOUT_SECONDS = 30
# A repository that has vanished is to be known as such before the next look.
QUICKLY = ("--io-timeout=5", "--protocol-timeout=10")
NO_ANSWER = 99
"""pgBackRest's code for a repository that it could not look into: `info` ends with status 0 all the same, and knows no stanza."""
REQUEST = re.compile(r"\s*\*\*\* Path/Query \*\*\*:\s*(?P<request>\S+ [^\s?]+)")
ANSWER = re.compile(r"<(?:Code|Message)>([^<]+)</")


class RepositoryError(Exception):
    """The repository did not answer, or not as it should."""


@dataclass(frozen=True)
class Backup:
    """One backup; times are seconds since 1970, `stop` is the first moment that it can bring back."""

    label: str
    kind: str
    start: int
    stop: int
    start_lsn: str
    stop_lsn: str
    start_segment: str | None
    stop_segment: str | None
    database_bytes: int
    repository_bytes: int
    error: bool

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Backup:
        """Read one backup of `pgbackrest info --output=json`."""
        return cls(
            label=given["label"],
            kind=given["type"],
            start=given["timestamp"]["start"],
            stop=given["timestamp"]["stop"],
            start_lsn=(given.get("lsn") or {}).get("start") or "0/0",
            stop_lsn=(given.get("lsn") or {}).get("stop") or "0/0",
            start_segment=(given.get("archive") or {}).get("start"),
            stop_segment=(given.get("archive") or {}).get("stop"),
            database_bytes=given["info"]["size"],
            repository_bytes=given["info"]["repository"].get("delta") or given["info"]["repository"].get("size") or 0,
            error=bool(given.get("error")),
        )


@dataclass(frozen=True)
class Stanza:
    """State of a stanza; `code` is pgBackRest's, 0 for well."""

    name: str
    code: int
    message: str
    system_identifier: str
    archive_id: str
    archive_first: str | None
    archive_last: str | None
    backups: tuple[Backup, ...]
    backup_running: bool

    @property
    def exists(self) -> bool:
        """Whether the repository knows the stanza: 1 is a missing path, 3 a missing stanza."""
        return bool(self.archive_id)

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Stanza:
        """Read one stanza of `pgbackrest info --output=json`; the last database is the present one."""
        databases = given.get("db") or []
        archives = given.get("archive") or []
        present = databases[-1] if databases else {}
        archive = archives[-1] if archives else {}
        status = given["status"]
        held = ((status.get("lock") or {}).get("backup") or {}).get("held")
        return cls(
            name=given["name"],
            code=status["code"],
            message=status["message"],
            system_identifier=str(present.get("system-id") or ""),
            archive_id=f"{present['version']}-{present['id']}" if present else "",
            archive_first=archive.get("min"),
            archive_last=archive.get("max"),
            backups=tuple(Backup.parse(backup) for backup in given.get("backup") or []),
            backup_running=bool(held),
        )


class Repository:
    """A stanza, asked for by the command `pgbackrest` of this machine, by its configuration or by another one."""

    def __init__(self, stanza: str, segment_bytes: int, configuration: bytes | None = None) -> None:
        self.stanza = stanza
        self.segment_bytes = segment_bytes
        self.configuration = configuration

    def run(self, *arguments: str, timeout: int = TIMEOUT_SECONDS) -> str:
        """Run pgBackRest; what goes wrong is an error with its own words."""
        done = self._run(*arguments, timeout=timeout)
        output = done.stdout.decode(errors="replace")
        if done.returncode != 0:
            raise RepositoryError(concise(output + _words(done)) or f"pgbackrest ended with {done.returncode}")
        return output

    def content(self, path: str) -> bytes:
        """A file of the repository, decrypted; half of a damaged one is no part of the error."""
        done = self._run("repo-get", "--log-level-console=off", "--log-level-stderr=error", *QUICKLY, path)
        if done.returncode != 0:
            raise RepositoryError(concise(_words(done)) or f"pgbackrest ended with {done.returncode}")
        return done.stdout

    def _run(self, *arguments: str, timeout: int = TIMEOUT_SECONDS) -> subprocess.CompletedProcess[bytes]:
        command = ["pgbackrest", f"--stanza={self.stanza}", "--log-level-file=off", *arguments]
        if self.configuration is not None:
            command.append("--config=/dev/stdin")
        try:
            return subprocess.run(command, input=self.configuration, capture_output=True, timeout=timeout, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RepositoryError(f"{' '.join(command)}: {error}") from error

    def info(self) -> Stanza:
        """State and backups of the stanza; what could not be looked into is an error, and no stanza without backups."""
        given = json.loads(self.run("info", "--output=json", *QUICKLY))[0]
        for repository in given.get("repo") or []:
            if repository["status"]["code"] == NO_ANSWER:
                raise RepositoryError(concise(repository["status"]["message"]))
        return Stanza.parse(given)

    def logs(self, archive_id: str) -> list[str]:
        """The folders of an archive: sixteen digits, timeline and middle of the segments' names."""
        listed = self.run("repo-ls", *QUICKLY, f"archive/{self.stanza}/{archive_id}").split()
        return folder_names(listed)

    def segments(self, archive_id: str, log: str) -> set[Segment]:
        """The segments in one folder of an archive."""
        listed = self.run("repo-ls", *QUICKLY, f"archive/{self.stanza}/{archive_id}/{log}").split()
        return {Segment.parse(name, self.segment_bytes) for name in archived_names(listed)}


def concise(words: str) -> str:
    """An error without the copy of a request to object storage and of its answer, but with what the answer says."""
    first, request = words, REQUEST.search(words)
    if request:
        answer = ", ".join(ANSWER.findall(words, request.end())[:2])
        first = f"{words[: request.start()]} {request['request']}" + (f": {answer}" if answer else "")
    return first.strip()


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace").strip()
