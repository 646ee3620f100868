# Copyright (c) pgops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading of a folder of versioned (V) and repeatable (R) SQL files."""

from __future__ import annotations

import os
import re

FILE_NAME = re.compile(r"^(?:V(?P<version>[0-9]+)|R)__(?P<description>[a-z0-9_]+)\.sql$")
ACCEPTED = "V<number>__<description>.sql or R__<description>.sql, the description in lower-case letters, digits and underscores"
BESIDE = ("README.md",)


class SqlSetError(ValueError):
    """A folder that is no set of SQL files."""


def read_sql_set(path):
    """Return ``[{name, content}]``: versioned files by number, then repeatable ones by name."""
    if not os.path.isdir(path):
        raise SqlSetError(f"SQL set {path} is no folder{_beside(path)}")
    names = sort_names([name for name in os.listdir(path) if name not in BESIDE], path)
    if not names:
        raise SqlSetError(f"SQL set {path} has no file; accepted: files named {ACCEPTED}")
    return [{"name": name, "content": _read(os.path.join(path, name))} for name in names]


def sort_names(names, path):
    """Return the names in the order in which they are applied, refusing names without one."""
    versions, repeatable = {}, []
    for name in sorted(names):
        match = FILE_NAME.match(name)
        if match is None:
            raise SqlSetError(f"{os.path.join(path, name)} does not belong into a SQL set; accepted names: {ACCEPTED}")
        if match["version"] is None:
            repeatable.append(name)
            continue
        version = int(match["version"])
        if version in versions:
            raise SqlSetError(f"{path}: {versions[version]} and {name} have the same version {version}; give one of them the next free number")
        versions[version] = name
    return [versions[version] for version in sorted(versions)] + repeatable


def _beside(path):
    parent = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(parent):
        return f", and neither is {parent}"
    folders = sorted(entry.name for entry in os.scandir(parent) if entry.is_dir())
    return f"; folders in {parent}: {', '.join(folders) or 'none'}"


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise SqlSetError(f"{path} is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}; save it as UTF-8") from error
