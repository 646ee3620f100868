"""The generated pages say what the code says."""

from __future__ import annotations

from docs.generator.__main__ import generated, outdated
from docs.generator.paths import ROOT


def test_generated_pages_are_current():
    stale = [str(page.relative_to(ROOT)) for page in outdated(generated())]
    assert not stale, f"run `make docs` and commit the pages; not current: {', '.join(stale)}"
