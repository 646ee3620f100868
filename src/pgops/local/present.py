"""Which hosts of the local inventory are there: a playbook for all of them leaves the others out."""

from __future__ import annotations

from pathlib import Path

from pgops.local import engine, hosts
from pgops.local.clusters import limit_of
from pgops.local.fleet import LOCAL
from pgops.paths import ROOT


def limit(inventory: str) -> list[str]:
    """Options of ansible-playbook for an inventory; none but for the local one with hosts that are not there."""
    if (ROOT / Path(inventory)).resolve() != LOCAL.inventory.resolve() or not engine.answers():
        return []
    return limit_of(LOCAL, set(hosts.existing(LOCAL)))
