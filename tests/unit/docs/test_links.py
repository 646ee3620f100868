"""Pages lead to each other, and everything has a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generator.markup import anchor
from tests.docs.blocks import BLOCK, DOCS, ROOT, pages

LINK = re.compile(r"(?<!!)\[(?:[^\]\\]|\\.)*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<text>.*)$", re.MULTILINE)


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return BLOCK.sub("", page.read_text())


def targets(page: Path) -> list[tuple[Path, str]]:
    """Files and anchors of this repository that a page links to."""
    links = [found["target"] for found in LINK.finditer(prose(page))]
    local = [link.partition("#") for link in links if not re.match(r"[a-z]+:", link)]
    return [((page.parent / path).resolve() if path else page, fragment) for path, _hash, fragment in local]


def anchors(page: Path) -> set[str]:
    return {anchor(re.sub(r"[`\\]", "", found["text"])) for found in HEADING.finditer(prose(page))}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    broken = [
        f"{target}#{fragment}"
        for target, fragment in targets(page)
        if not target.exists() or (fragment and fragment not in anchors(target))
    ]
    assert not broken


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [target for target, _fragment in targets(page) if target.suffix == ".md" and target.exists()]
    assert not [str(page.relative_to(ROOT)) for page in pages() if page not in reached]


def test_every_role_module_and_filter_has_a_page():
    reference = DOCS / "reference"
    expected = [
        *(reference / "roles" / f"{role.name}.md" for role in (ROOT / "roles").iterdir() if (role / "tasks").is_dir()),
        *(reference / "modules" / f"{file.stem}.md" for file in (ROOT / "plugins" / "modules").glob("*.py")),
        *(reference / "filters" / f"{file.stem}.md" for file in (ROOT / "plugins" / "filter").glob("*.py")),
        *(reference / "lookups" / f"{file.stem}.md" for file in (ROOT / "plugins" / "lookup").glob("*.py")),
        *(reference / "sql" / f"{folder.name}.md" for folder in (ROOT / "files" / "sql").iterdir()),
    ]
    assert not [str(page.relative_to(ROOT)) for page in expected if not page.is_file()]


def test_every_playbook_is_listed():
    listed = (DOCS / "reference" / "commands.md").read_text()
    playbooks = [file.relative_to(ROOT) for file in (ROOT / "playbooks").glob("*.yml")]
    assert not [str(playbook) for playbook in playbooks if f"[`{playbook}`]" not in listed]
