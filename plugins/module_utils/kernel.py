# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The kernel of a machine with PostgreSQL clusters: settings, huge pages, transparent huge pages.

What is declared is written twice: to a file, which the machine reads at its start, and to the running kernel.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

HEAD = "# Written by Ansible (collection pgops.fleet); changes made here are overwritten.\n"
HUGE_PAGES = "vm.nr_hugepages"
TRANSPARENT = ("always", "madvise", "never")
SHARE = re.compile(r"^# (\S+) has (\d+) huge pages$", re.MULTILINE)
# More would leave too little for what cannot lie in huge pages: sessions, their sorts, and the machine's other programs.
MOST_OF_MEMORY = 0.75


class KernelError(Exception):
    """What the kernel does not have or does not take; nothing was changed."""


class Kernel:
    """The files and the running kernel below a root directory."""

    def __init__(self, root="/"):
        self.root = Path(root)
        self.sysctl_file = self.root / "etc/sysctl.d/60-pgops.conf"
        self.tmpfiles_file = self.root / "etc/tmpfiles.d/pgops.conf"
        self.transparent_file = self.root / "sys/kernel/mm/transparent_hugepage/enabled"

    def obstacle(self):
        """Return why this machine's kernel is not ours to set, or an empty text."""
        if any((self.root / name).exists() for name in (".dockerenv", "run/.containerenv", "run/systemd/container")):
            return "it is a container, whose kernel is that of its host"
        if not os.access(self.root / "proc/sys/vm/swappiness", os.W_OK):
            return "/proc/sys cannot be written to"
        return ""

    def value(self, name):
        """Return the running value, or None where the kernel has no such setting."""
        path = self._path(name)
        return _normal(path.read_text()) if path.is_file() else None

    def _path(self, name):
        # As sysctl reads names: the first of the two separators is the one meant.
        first = re.search(r"[./]", name)
        return self.root / "proc/sys" / (name.replace(".", "/") if first and first[0] == "." else name)

    def shares(self):
        """Return the huge pages of each cluster, as our file has them."""
        return {name: int(pages) for name, pages in SHARE.findall(_text(self.sysctl_file))}

    def page_kb(self):
        found = re.search(r"^Hugepagesize:\s+(\d+) kB", (self.root / "proc/meminfo").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0

    def memory_kb(self):
        return int(re.search(r"^MemTotal:\s+(\d+) kB", (self.root / "proc/meminfo").read_text(), re.MULTILINE)[1])

    def transparent(self):
        """Return the mode of transparent huge pages, or None where the kernel has none."""
        found = re.search(r"\[(\w+)\]", _text(self.transparent_file))
        return found[1] if found else None


class KernelChange:
    """What is due on a kernel for what is declared.

    settings: {name: value} of sysctl; pages: huge pages of the cluster, None to leave its share as it is;
    transparent: mode of transparent huge pages, None to leave it.
    """

    def __init__(self, kernel, cluster, settings, pages, transparent):
        self.kernel = kernel
        self.before = kernel.shares()
        self.shares = dict(self.before)
        if pages is not None:
            self.shares[cluster] = pages
        self.shares = {name: number for name, number in sorted(self.shares.items()) if number}
        self.settings = {name: _normal(value) for name, value in settings.items() if value is not None}
        self.transparent = transparent if kernel.transparent() else None
        self._check()
        # With the last share its pages go back to the machine; pages that others have reserved are left alone.
        self.running = dict(self.settings)
        if self.shares or self.before:
            self.running[HUGE_PAGES] = str(sum(self.shares.values()))
        self.files = {
            kernel.sysctl_file: self._sysctl_text(),
            kernel.tmpfiles_file: self._tmpfiles_text(),
        }
        self.due_files = {path: text for path, text in self.files.items() if _text(path) != text}
        self.due_values = {name: value for name, value in self.running.items() if kernel.value(name) != value}
        self.due_transparent = self.transparent if self.transparent != kernel.transparent() else None

    def _check(self):
        problems = [
            f"kernel setting {name}: this kernel has none of that name"
            for name in self.settings
            if self.kernel.value(name) is None
        ]
        if HUGE_PAGES in self.settings:
            problems.append(
                f"kernel setting {HUGE_PAGES}: the shares of the clusters add up to it; set postgresql_huge_pages instead"
            )
        wanted_kb = sum(self.shares.values()) * self.kernel.page_kb()
        if self.shares and not self.kernel.page_kb():
            problems.append("huge pages: this kernel has none")
        elif self.shares != self.before and wanted_kb > self.kernel.memory_kb() * MOST_OF_MEMORY:
            problems.append(
                f"huge pages: {' and '.join(self.shares)} would have {wanted_kb // 1024} MB in huge pages, and the machine has "
                f"{self.kernel.memory_kb() // 1024} MB of memory; accepted: up to {MOST_OF_MEMORY:.0%} of it. Lower shared_buffers"
            )
        if problems:
            raise KernelError("\n".join(problems))

    def _sysctl_text(self):
        lines = [f"{name} = {value}\n" for name, value in sorted(self.settings.items())]
        if self.shares:
            lines += [f"# {name} has {pages} huge pages\n" for name, pages in self.shares.items()]
            lines.append(f"{HUGE_PAGES} = {self.running[HUGE_PAGES]}\n")
        return HEAD + "".join(lines) if lines else ""

    def _tmpfiles_text(self):
        if self.transparent is None:
            return ""
        return f"{HEAD}w /sys/kernel/mm/transparent_hugepage/enabled - - - - {self.transparent}\n"

    @property
    def is_due(self):
        return bool(self.due_files or self.due_transparent or self._due_but_pages())

    def _due_but_pages(self):
        """Pages that the kernel could not find once are not asked for at each run: its next start gives them."""
        return [name for name in self.due_values if name != HUGE_PAGES or self.shares != self.before]

    def diff(self):
        """Return what would change, for Ansible's diff mode: files, and values of the running kernel."""
        shown = [
            {"before_header": str(path), "after_header": str(path), "before": _text(path), "after": text}
            for path, text in self.due_files.items()
        ]
        before = {name: self.kernel.value(name) for name in self._due_but_pages()}
        after = {name: self.due_values[name] for name in before}
        if self.due_transparent:
            before["transparent_hugepage"], after["transparent_hugepage"] = (
                self.kernel.transparent(),
                self.due_transparent,
            )
        if before:
            shown.append(
                {
                    "before_header": "running kernel",
                    "after_header": "running kernel",
                    "before": _lines(before),
                    "after": _lines(after),
                }
            )
        return shown

    def apply(self):
        """Set the running kernel, then write the files; what the kernel refuses puts back what was set before."""
        done = []
        try:
            for name in self._due_but_pages():
                before = self.kernel.value(name)
                _write(self.kernel._path(name), self.due_values[name], name)
                done.append((self.kernel._path(name), before))
            if self.due_transparent:
                _write(self.kernel.transparent_file, self.due_transparent, "transparent huge pages")
        except KernelError:
            for path, before in reversed(done):
                path.write_text(f"{before}\n")
            raise
        for path, text in self.due_files.items():
            if text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(0o644)
            else:
                path.unlink(missing_ok=True)


def _write(path, value, name):
    try:
        path.write_text(f"{value}\n")
    except OSError as error:
        raise KernelError(
            f"kernel setting {name} = {value}: the kernel refuses it: {error.strerror}; nothing was changed"
        ) from error


def _text(path):
    return path.read_text() if path.is_file() else ""


def _normal(value):
    return " ".join(str(value).split())


def _lines(values):
    return "".join(f"{name} = {value}\n" for name, value in values.items())
