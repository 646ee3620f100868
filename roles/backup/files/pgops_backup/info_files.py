"""pgBackRest's own files of a stanza, each of which it keeps twice.

It reads the copy when the first one is damaged, and neither a restore nor `pgbackrest verify` says so: the second damage is
then the end of the backup. So both are read, and compared.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator

from pgops_backup.repository import Repository, RepositoryError

COPY = ".copy"
FORMAT = b"backrest-format=5"
"""The format whose checksums are known here."""
AGAIN_SECONDS = 2
"""A file and its copy are written one after the other; so long, at most, they differ without being damaged."""


def files(stanza: str, labels: Iterable[str]) -> Iterator[str]:
    """Paths, within the repository, of the files that have a copy."""
    yield f"archive/{stanza}/archive.info"
    yield f"backup/{stanza}/backup.info"
    for label in labels:
        yield f"backup/{stanza}/{label}/backup.manifest"


def problems(repository: Repository, labels: Iterable[str]) -> list[str]:
    """What is wrong with the files of a stanza and of its backups."""
    found = []
    for path in files(repository.stanza, labels):
        problem = compare(repository, path)
        if problem:
            time.sleep(AGAIN_SECONDS)
            problem = compare(repository, path)
        if problem:
            found.append(problem)
    return found


def compare(repository: Repository, path: str) -> str | None:
    """What is wrong with a file or its copy; nothing when both are whole."""
    contents: dict[str, bytes] = {}
    why = {}
    for name in (path, path + COPY):
        try:
            contents[name] = repository.content(name)
        except RepositoryError as error:
            why[name] = str(error)
    if (
        len(contents) == 2
        and len(set(contents.values())) == 1
        and (sound(contents[path]) or FORMAT not in contents[path])
    ):
        return None
    whole = [name for name, content in contents.items() if sound(content)]
    for name in contents:
        if name not in whole:
            why[name] = "its checksum is wrong"
    if len(whole) == 2:
        return f"{path} and {path}{COPY} differ, though each is whole in itself"
    words = "; ".join(f"{name} is damaged ({reason})" for name, reason in why.items())
    return f"{words}. {whole[0]} is whole, and pgBackRest reads that one" if whole else words


def sound(content: bytes) -> bool:
    """Whether a file has the checksum that stands in its last section.

    The checksum is SHA-1 over the file's sections and values as one JSON object, itself left out (pgBackRest, info.c).
    """
    hashed, section, last, stated = hashlib.sha1(b"{", usedforsecurity=False), b"", b"", b""
    for line in filter(None, content.split(b"\n")):
        if line.startswith(b"[") and line.endswith(b"]"):
            section = line[1:-1]
            continue
        key, _equals, value = line.partition(b"=")
        if (section, key) == (b"backrest", b"backrest-checksum"):
            stated = value.strip(b'"')
            continue
        if section != last:
            hashed.update((b"}," if last else b"") + b'"' + section + b'":{')
        else:
            hashed.update(b",")
        last = section
        hashed.update(b'"' + key + b'":' + value)
    hashed.update(b"}}")
    return stated == hashed.hexdigest().encode()
