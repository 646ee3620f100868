# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The configuration files of one cluster in Debian's layout: reading, replacing and restoring them."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.pgops.fleet.plugins.module_utils import configuration_files as texts

OUR_FILE = "pgops.conf"
INCLUDE_DIRECTORY = "conf.d"
_MODES = {"pg_hba.conf": 0o640, "pg_ident.conf": 0o640}
_INCLUDE_LINES = f"\n# Added by Ansible (pgops.fleet.postgresql_configuration).\ninclude_dir = '{INCLUDE_DIRECTORY}'\n"


@dataclass(frozen=True)
class Cluster:
    """Where the files of a cluster are."""

    version: int
    name: str
    config: Path
    data_option: str | None = None

    @property
    def main_file(self):
        return self.config / "postgresql.conf"

    @property
    def our_file(self):
        return self.config / INCLUDE_DIRECTORY / OUR_FILE

    @property
    def automatic_file(self):
        """Where ALTER SYSTEM writes."""
        return self.data / "postgresql.auto.conf"

    @property
    def data(self):
        """The data directory: the option, what postgresql.conf says, or Debian's place."""
        said = {name: value for name, value, _line in _settings_of(self.main_file)}.get("data_directory")
        return Path(self.data_option or said or f"/var/lib/postgresql/{self.version}/{self.name}")

    def candidate(self, settings, comments, hba, ident):
        """Return ``{path: text}`` of the files as they should be; a list that is None leaves its file alone."""
        wanted = {self.our_file: texts.render_settings(settings, comments)}
        if hba is not None:
            wanted[self.config / "pg_hba.conf"] = texts.render_lines(hba, texts.hba_fields, texts.HBA_TITLES)
        if ident is not None:
            wanted[self.config / "pg_ident.conf"] = texts.render_lines(ident, texts.ident_fields, texts.IDENT_TITLES)
        main = read_text(self.main_file)
        if main is not None and not _includes(main):
            wanted[self.main_file] = main.rstrip("\n") + "\n" + _INCLUDE_LINES
        return wanted

    def wal_segment_mb(self, controldata):
        """Return the size of a WAL segment, from the text of pg_controldata; PostgreSQL's default without one."""
        for line in controldata.splitlines():
            if line.startswith("Bytes per WAL segment"):
                return int(line.split(":")[1]) // (1024 * 1024)
        return 16

    def overrides(self, declared):
        """Return what other files say after ours of the declared settings, and therefore wins."""
        return [
            {"name": name, "declared": declared[name], "value": value, "file": str(path), "line": line}
            for path, name, value, line in self._said_after_ours()
            if name in declared and value != declared[name]
        ]

    def _said_after_ours(self):
        folder = self.our_file.parent
        others = sorted(path for path in folder.glob("*.conf") if path.name > OUR_FILE) if folder.is_dir() else []
        main = _settings_of(self.main_file)
        position = next((line for name, value, line in main if _is_include(name, value)), None)
        for path in others:
            yield from ((path, *setting) for setting in _settings_of(path))
        if position is not None:
            yield from ((self.main_file, *setting) for setting in main if setting[2] > position)
        yield from ((self.automatic_file, *setting) for setting in self.set_by_hand())

    def set_by_hand(self):
        """Return what ALTER SYSTEM has set, as (name, value, line)."""
        return _settings_of(self.automatic_file)


def _is_include(name, value):
    return name == "include_dir" and value.rstrip("/").rpartition("/")[2] == INCLUDE_DIRECTORY


def _includes(text):
    return any(_is_include(name, value) for name, value, _line in texts.read_settings(text))


def _settings_of(path):
    return texts.read_settings(read_text(path) or "")


def read_text(path):
    """Return a file's text, None when there is none or it may not be read."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


class Replacement:
    """Files being replaced, and how to put them back."""

    def __init__(self, wanted, read_beside=()):
        """wanted: text by path. read_beside: further files that the server reads when it reads these."""
        self.wanted = wanted
        self.read_beside = read_beside
        self.before = {path: path.read_bytes() if path.exists() else None for path in wanted}
        self.made_folders = []

    @property
    def changed(self):
        """The paths whose bytes differ from what is wanted."""
        return [path for path, text in self.wanted.items() if self.before[path] != _bytes(text)]

    def write(self):
        for path in self.changed:
            if not path.parent.exists():
                path.parent.mkdir(mode=0o755)
                self.made_folders.append(path.parent)
            replace_file(path, _bytes(self.wanted[path]))

    def restore(self):
        for path in self.changed:
            if self.before[path] is not None:
                replace_file(path, self.before[path])
            else:
                path.unlink(missing_ok=True)
        for folder in self.made_folders:
            folder.rmdir()

    def diff(self):
        """Return the differences in Ansible's form."""
        return [
            {
                "before_header": str(path),
                "after_header": str(path),
                "before": (self.before[path] or b"").decode("utf-8", "replace"),
                "after": self.wanted[path],
            }
            for path in self.changed
        ]

    def newest_change(self):
        """Return the moment the newest of the files was written, in seconds since 1970."""
        files = [*self.wanted, *self.read_beside]
        return max((path.stat().st_mtime for path in files if path.exists()), default=0.0)


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")


def replace_file(path, content):
    """Replace a file as a whole, durably, keeping its owner and mode."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            status = path.stat()
            os.chown(temporary, status.st_uid, status.st_gid)
            Path(temporary).chmod(status.st_mode & 0o7777)
        else:
            Path(temporary).chmod(_MODES.get(path.name, 0o644))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
