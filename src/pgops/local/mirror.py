"""The Debian mirror that this machine itself uses, read from its apt sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MIRROR = "http://deb.debian.org/debian"
SUITE_NAMES = {"oldstable", "stable", "testing", "unstable", "sid"}


@dataclass(frozen=True)
class Source:
    """One address of packages for some suites."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]


def parse_one_line_format(text: str) -> Iterator[Source]:
    """Sources of a `.list` file (sources.list(5)): `deb [options] uri suite component ...`."""
    for line in text.splitlines():
        words = re.sub(r"\[[^]]*\]", " ", line.split("#", 1)[0]).split()
        if len(words) >= 3 and words[0] == "deb":
            yield Source(words[1], (words[2],), tuple(words[3:]))


def parse_deb822_format(text: str) -> Iterator[Source]:
    """Sources of a `.sources` file: stanzas of fields, continued on indented lines."""
    for stanza in re.split(r"\n\s*\n", text):
        fields: dict[str, list[str]] = {}
        name = ""
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                fields.setdefault(name, []).extend(line.split())
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.split()
        if "deb" not in fields.get("types", []) or fields.get("enabled", ["yes"]) == ["no"]:
            continue
        for uri in fields.get("uris", []):
            yield Source(uri, tuple(fields.get("suites", [])), tuple(fields.get("components", [])))


def read_sources(apt_folder: Path) -> Iterator[Source]:
    """All sources of a machine, in the order apt reads them."""
    files = [apt_folder / "sources.list", *sorted((apt_folder / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        if file.suffix == ".list":
            yield from parse_one_line_format(file.read_text())
        elif file.suffix == ".sources":
            yield from parse_deb822_format(file.read_text())


def resolve_mirror_list(uri: str) -> str:
    """First address in the file of a `mirror+file:` address, as Debian's cloud images have it."""
    scheme, separator, path = uri.partition("file:")
    if not (separator and scheme.startswith("mirror")):
        return uri
    file = Path("/" + path.lstrip("/"))
    lines = file.read_text().split() if file.is_file() else []
    return next((word for word in lines if word.startswith("http")), uri)


def debian_mirrors(sources: Iterable[Source], codename: str | None = None) -> list[str]:
    """Addresses of Debian's main archive among the sources, Debian's own at the end.

    `codename` is that of this machine's release, when it is a Debian. Other
    repositories and the security archive name other suites or components.
    """
    suites = SUITE_NAMES | ({codename} if codename else set())
    mirrors = [
        resolve_mirror_list(source.uri).rstrip("/")
        for source in sources
        if suites.intersection(source.suites) and "main" in source.components
    ]
    usable = [uri for uri in mirrors if uri.startswith(("http://", "https://"))]
    return list(dict.fromkeys([*usable, DEFAULT_MIRROR]))


def debian_codename(os_release: str) -> str | None:
    """Codename in the text of /etc/os-release when the machine runs Debian, else None."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    return fields.get("VERSION_CODENAME", "").strip('"') or None if fields.get("ID") == "debian" else None


def machine_mirrors() -> list[str]:
    """Debian mirrors to try from this machine, its own first."""
    os_release = Path("/etc/os-release")
    codename = debian_codename(os_release.read_text()) if os_release.is_file() else None
    return debian_mirrors(read_sources(Path("/etc/apt")), codename)
