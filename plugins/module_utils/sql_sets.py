# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading of a folder of versioned (V) and repeatable (R) SQL files."""

from __future__ import annotations

import re
from pathlib import Path

FILE_NAME = re.compile(r"^(?:V(?P<version>[0-9]+)|R)__(?P<description>[a-z0-9_]+)\.sql$")
ACCEPTED = "V<number>__<description>.sql, R__<description>.sql; the description of lower-case letters, digits and _"
BESIDE = ("README.md",)


class SqlSetError(ValueError):
    """A folder that is no set of SQL files."""


def read_sql_set(path):
    """Return ``[{name, content}]``: versioned files by number, then repeatable ones by name."""
    folder = Path(path)
    if not folder.is_dir():
        raise SqlSetError(f"SQL set {path} is no folder{_beside(folder)}")
    names = sort_names([entry.name for entry in folder.iterdir() if entry.name not in BESIDE], folder)
    if not names:
        raise SqlSetError(f"SQL set {path} has no file; accepted: files named {ACCEPTED}")
    return [{"name": name, "content": _read(folder / name)} for name in names]


def sort_names(names, folder):
    """Return the names in the order in which they are applied, refusing names without one."""
    versions, repeatable = {}, []
    for name in sorted(names):
        match = FILE_NAME.match(name)
        if match is None:
            raise SqlSetError(f"{folder / name} does not belong into a SQL set; accepted names: {ACCEPTED}")
        if match["version"] is None:
            repeatable.append(name)
            continue
        version = int(match["version"])
        if version in versions:
            raise SqlSetError(
                f"{folder}: {versions[version]} and {name} have the same version {version}; "
                "give one of them the next free number"
            )
        versions[version] = name
    return [versions[version] for version in sorted(versions)] + repeatable


def _beside(folder):
    parent = folder.absolute().parent
    if not parent.is_dir():
        return f", and neither is {parent}"
    folders = sorted(entry.name for entry in parent.iterdir() if entry.is_dir())
    return f"; folders in {parent}: {', '.join(folders) or 'none'}"


def _read(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is {error.object[error.start]:#04x}"
        raise SqlSetError(f"{path} is not UTF-8 text: {found}; save it as UTF-8") from error
