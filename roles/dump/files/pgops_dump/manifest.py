"""The manifest: what a dump holds. It is written last, so that a dump with a manifest is whole."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pgops_dump.refusal import Refused

NAME = "manifest.json"
DATA = "data"
"""Folder of pg_dump's own files beside the manifest."""
FORMAT = 1
CHUNK_BYTES = 1 << 20
PARTS: dict[str, type] = {
    "format": int,
    "database": dict,
    "server": dict,
    "snapshot": dict,
    "tables": list,
    "sequences": list,
    "incremental_views": list,
    "extensions": list,
    "roles": list,
    "files": list,
    "chosen": list,
}
FILE_PARTS: dict[str, type] = {"path": str, "bytes": int, "sha256": str}


def seal(content: dict[str, Any]) -> dict[str, Any]:
    """The content with the checksum of itself."""
    bare = {key: value for key, value in content.items() if key != "sha256"}
    return {**bare, "sha256": hashlib.sha256(_canonical(bare)).hexdigest()}


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def write(directory: Path, content: dict[str, Any]) -> None:
    """Write the manifest in one step, on the disk when this returns."""
    draft = directory / f".{NAME}"
    with draft.open("w", encoding="utf-8") as file:
        draft.chmod(0o600)
        json.dump(seal(content), file, indent=1, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(directory / NAME)
    sync_directory(directory)


def sync_directory(directory: Path) -> None:
    """Have the names in a directory on the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def parse(text: str, where: str) -> dict[str, Any]:
    """The manifest that a text is."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Refused(f"{where} is no JSON ({error}): the dump cannot be trusted, take another one") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise Refused(f"{where} has format {found}; accepted: {FORMAT}, as playbooks/dump.yml writes it")
    if seal(content)["sha256"] != content.get("sha256"):
        raise Refused(f"{where} was changed after it was written (its own checksum is wrong): take another dump")
    wrong = [name for name, kind in PARTS.items() if not isinstance(content.get(name), kind)]
    wrong += [
        f"files[{position}]"
        for position, file in enumerate(content["files"] if "files" not in wrong else [])
        if not _is_file(file)
    ]
    if wrong:
        raise Refused(f"{where} lacks or misstates {', '.join(wrong)}: take another dump")
    return content


def _is_file(file: Any) -> bool:
    if not isinstance(file, dict) or any(not isinstance(file.get(key), kind) for key, kind in FILE_PARTS.items()):
        return False
    parts = Path(file["path"]).parts
    return bool(parts) and not Path(file["path"]).is_absolute() and ".." not in parts


def read(directory: Path) -> dict[str, Any]:
    """The manifest of a dump."""
    try:
        text = (directory / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        what = "has no manifest.json: it is not a dump of this collection, or one that was not finished"
        if not directory.is_dir():
            what = "does not exist, or is no directory"
        raise Refused(f"{directory} {what}; accepted: a directory that playbooks/dump.yml has made") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{directory / NAME} cannot be read by postgres: {error}") from error
    return parse(text, str(directory / NAME))


def list_files(directory: Path) -> list[dict[str, Any]]:
    """Path, size and checksum of every file of a dump, all of them on the disk."""
    paths = sorted(_files(directory))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        hashes = list(pool.map(lambda path: file_hash(directory / path, sync=True), paths))
    for folder in {(directory / path).parent for path in paths}:
        sync_directory(folder)
    return [
        {"path": path, "bytes": (directory / path).stat().st_size, "sha256": found}
        for path, found in zip(paths, hashes, strict=True)
    ]


def _files(directory: Path) -> Iterator[str]:
    for folder, _folders, names in os.walk(directory):
        for name in names:
            yield str((Path(folder) / name).relative_to(directory))


def file_hash(path: Path, *, sync: bool = False) -> str:
    """SHA-256 of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
        if sync:
            os.fsync(file.fileno())
    return found.hexdigest()


def damage(directory: Path, content: dict[str, Any]) -> list[str]:
    """What is wrong with the files of a dump; nothing when each is as it was written."""
    known = {file["path"]: file for file in content["files"]}
    problems = [
        f"{directory / path} does not belong to the dump: it is not in its manifest"
        for path in sorted(set(_files(directory)) - set(known) - {NAME})
    ]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        problems += [problem for problem in pool.map(lambda path: _damaged(directory, known[path]), known) if problem]
    return problems


def _damaged(directory: Path, file: dict[str, Any]) -> str | None:
    path = directory / file["path"]
    try:
        found = path.lstat()
    except FileNotFoundError:
        return f"{path} is missing"
    if not stat.S_ISREG(found.st_mode):
        return f"{path} is no file"
    if found.st_size != file["bytes"]:
        return f"{path} has {found.st_size} bytes, {file['bytes']} were written"
    try:
        if file_hash(path) != file["sha256"]:
            return f"{path} is damaged: its SHA-256 is not the one of what was written"
    except OSError as error:
        return f"{path} cannot be read: {error}"
    return None
