"""Reads what `pgbackrest verify` says.

The command ends with status 0 whatever it finds, prints nothing unless asked for text, and calls a stanza `ok` whose
backup has lost its manifest: so every line is judged, and every backup of the stanza must have been looked at. Files that
pgBackRest keeps twice are compared here.
"""

from __future__ import annotations

import argparse
import re
import time
from typing import Any

from pgops_backup import info_files, state
from pgops_backup.repository import Repository, RepositoryError
from pgops_backup.segments import SEGMENT_BYTES

TIMEOUT_SECONDS = 12 * 3600
OPTIONS = ("verify", "--output=text", "--verbose", "--log-level-console=info", "--no-log-timestamp")
STATUS = re.compile(r"^status: (?P<status>.+)$", re.MULTILINE)
ARCHIVE = re.compile(r"archiveId: (?P<id>\S+), total WAL checked: (?P<checked>\d+), total valid WAL: (?P<valid>\d+)")
BACKUP = re.compile(
    r"backup: (?P<label>\S+), status: (?P<status>[^,]+), "
    r"total files checked: (?P<checked>\d+), total valid files: (?P<valid>\d+)"
)
DAMAGED = re.compile(r"P\d+\s+INFO: (?P<reason>[a-z ]+) '(?P<file>[^']+)'$", re.MULTILINE)
UNREADABLE = re.compile(r"P\d+\s+INFO: (?P<reason>invalid result) (?P<file>\S+): ", re.MULTILINE)
"""A file that cannot even be decrypted or decompressed."""
IN_PROGRESS = "in-progress"
"""A backup that is being made, or that was interrupted and that the next one goes on with or removes."""
LONGEST_LIST = 50
"""Damaged files that are named; a lost bundle is one file and hundreds of lines."""


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("verify", help="verify all backups and the archive of a stanza")
    parser.add_argument("stanza")
    parser.set_defaults(run=lambda given: run(given.stanza))


def run(name: str) -> int:
    """Verify, keep the result for the metrics, and fail when anything is damaged."""
    repository = Repository(name, SEGMENT_BYTES)
    began = time.time()
    try:
        result = verify(repository, TIMEOUT_SECONDS)
    except RepositoryError as error:
        result = {"ok": False, "problems": [str(error)], "backups": [], "archives": [], "damaged_files": []}
    result |= {"stanza": name, "began_at": state.moment(began), "seconds": round(time.time() - began, 1)}
    state.write(state.STATE / f"{name}.verify.json", result)
    for problem in result["problems"]:
        print(f"<3>stanza {name}: {problem}")
    if result["ok"]:
        print(f"stanza {name}: {len(result['backups'])} backups and the archive are whole")
    return 0 if result["ok"] else 1


def verify(repository: Repository, timeout_seconds: int) -> dict[str, Any]:
    """Have all backups and the archive read; what is damaged."""
    # Backups that end while the verification runs need not be in it.
    labels = [backup.label for backup in repository.info().backups]
    result = judge(repository.run(*OPTIONS, timeout=timeout_seconds), labels)
    # A backup that expired meanwhile has no files any more.
    kept = {backup.label for backup in repository.info().backups}
    result["problems"] += info_files.problems(repository, [label for label in labels if label in kept])
    return {**result, "ok": not result["problems"]}


def judge(output: str, labels: list[str]) -> dict[str, Any]:
    """What the text says of backups and archive; labels: the backups that must be in it."""
    # The log repeats the text behind INFO, indented; the text itself begins at the margin.
    _log, _stanza, text = output.rpartition("\nstanza: ")
    text = text or output
    backups = [_counted(found) for found in BACKUP.finditer(text)]
    archives = [_counted(found) for found in ARCHIVE.finditer(text)]
    damaged = _damaged_files(output)
    found = STATUS.search(text)
    status = found["status"] if found else None
    problems = []
    if status is None:
        problems.append(f"pgbackrest verify said nothing of a status: {output.strip() or 'it printed nothing'}")
    problems += [
        f"backup {backup['label']} is damaged: {backup['status']}, {backup['valid']} of {backup['checked']} files are valid"
        for backup in backups
        if backup["status"] != IN_PROGRESS and (backup["status"] != "valid" or backup["valid"] != backup["checked"])
    ]
    problems += [
        f"archive {archive['id']} is damaged: {archive['valid']} of {archive['checked']} segments are valid"
        for archive in archives
        if archive["valid"] != archive["checked"]
    ]
    problems += [f"{item['reason']}: {item['file']}" for item in damaged[:LONGEST_LIST]]
    seen = {backup["label"] for backup in backups}
    problems += [f"backup {label} was not verified" for label in labels if label not in seen]
    if status not in (None, "ok") and not problems:
        problems.append(f"status {status}: {text.strip()}")
    return {
        "ok": not problems,
        "problems": problems,
        "backups": backups,
        "archives": archives,
        "damaged_files": damaged[:LONGEST_LIST],
    }


def _damaged_files(output: str) -> list[dict[str, str]]:
    found = {
        (match["reason"].strip(), match["file"])
        for pattern in (DAMAGED, UNREADABLE)
        for match in pattern.finditer(output)
    }
    return [{"reason": reason, "file": file} for reason, file in sorted(found, key=lambda item: item[::-1])]


def _counted(found: re.Match[str]) -> dict[str, Any]:
    return {key: int(value) if key in ("checked", "valid") else value for key, value in found.groupdict().items()}
