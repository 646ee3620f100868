from __future__ import annotations

from pathlib import Path

import pytest

from pgops.local import mirror
from pgops.local.mirror import Source

DEB822 = """\
Types: deb deb-src
# http://snapshot.example.org/archive
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example.org/debian
Suites: bookworm
Components: main
"""


def test_deb822_format_has_stanzas_with_continued_fields() -> None:
    first, second = mirror.parse_deb822_format(DEB822)
    assert first == Source("http://mirror.example.org/debian/", ("bookworm", "bookworm-updates"), ("main", "contrib"))
    assert second.suites == ("bookworm-security",)


def test_deb822_sources_alone_are_no_packages() -> None:
    assert list(mirror.parse_deb822_format("Types: deb-src\nURIs: http://x\nSuites: sid\nComponents: main\n")) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("deb http://a/debian trixie main contrib", [Source("http://a/debian", ("trixie",), ("main", "contrib"))]),
        ("deb [arch=amd64 signed-by=/k] http://a/debian sid main", [Source("http://a/debian", ("sid",), ("main",))]),
        ("deb http://a/debian ./", [Source("http://a/debian", ("./",), ())]),
        ("# deb http://a/debian trixie main", []),
        ("deb-src http://a/debian trixie main", []),
        ("", []),
        ("deb http://a/debian", []),
    ],
)  # fmt: skip
def test_one_line_format(line: str, expected: list[Source]) -> None:
    assert list(mirror.parse_one_line_format(line)) == expected


def test_sources_of_a_machine_are_read_in_both_formats(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("deb http://one/debian trixie main\n")
    (folder / "debian.sources").write_text(DEB822)
    (folder / "other.list").write_text("deb http://two/debian trixie main\n")
    (folder / "disabled.list.save").write_text("deb http://three/debian trixie main\n")
    uris = [source.uri for source in mirror.read_sources(tmp_path)]
    expected = ["http://one/debian", "http://mirror.example.org/debian/", "http://mirror.example.org/debian-security"]
    assert uris == [*expected, "http://two/debian"]


def test_only_the_main_archive_counts_and_debians_own_mirror_comes_last() -> None:
    sources = [
        Source("https://tools.example.org/apt", ("nodistro",), ("main",)),
        Source("http://mirror.example.org/debian-security", ("bookworm-security",), ("main",)),
        Source("http://mirror.example.org/debian/", ("bookworm",), ("main",)),
        Source("http://mirror.example.org/debian/", ("testing",), ("main",)),
        Source("file:/srv/debian", ("stable",), ("main",)),
        Source("http://other.example.org/debian", ("sid",), ("contrib",)),
    ]
    assert mirror.debian_mirrors(sources, "bookworm") == ["http://mirror.example.org/debian", mirror.DEFAULT_MIRROR]


def test_another_distribution_leaves_debians_own_mirror() -> None:
    sources = [Source("http://archive.ubuntu.com/ubuntu", ("noble",), ("main",))]
    assert mirror.debian_mirrors(sources, None) == [mirror.DEFAULT_MIRROR]


def test_a_list_of_mirrors_in_a_file_gives_its_first(tmp_path: Path) -> None:
    file = tmp_path / "debian.list"
    file.write_text("https://cloud.example.org/debian\nhttps://deb.debian.org/debian\n")
    assert mirror.resolve_mirror_list(f"mirror+file://{file}") == "https://cloud.example.org/debian"
    assert mirror.resolve_mirror_list("http://a/debian") == "http://a/debian"
    assert mirror.resolve_mirror_list("mirror+file:/no/such/file") == "mirror+file:/no/such/file"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ID=debian\nVERSION_CODENAME=trixie\n', "trixie"),
        ('ID=debian\nVERSION_CODENAME="bookworm"\n', "bookworm"),
        ("ID=ubuntu\nVERSION_CODENAME=noble\n", None),
        ("ID=debian\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_codename_of_debian_only(text: str, expected: str | None) -> None:
    assert mirror.debian_codename(text) == expected
