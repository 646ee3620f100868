"""The page of derived settings, from the rules that derive them."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils import derived_settings
from docs.generator.markup import code, escape, table

MACHINES = {
    "2 GB, 2 cores": {"memory_mb": 2048, "cores": 2},
    "16 GB, 4 cores": {"memory_mb": 16384, "cores": 4},
    "128 GB, 32 cores": {"memory_mb": 131072, "cores": 32},
    "128 GB, 32 cores, analytics": {"memory_mb": 131072, "cores": 32, "workload": "analytics"},
}


INTRODUCTION = """\
# Derived settings

Starting points for a server that nobody has measured yet. The role [postgresql](roles/postgresql.md) derives them from
`postgresql_memory_mb`, `postgresql_cores`, `postgresql_storage` and `postgresql_workload`. A setting that the system,
the environment or the host declares wins over the derived one.

Memory is the share of one cluster, not of the machine. Sections are those of the PostgreSQL 16 manual.
"""
EXAMPLES = """\
## Examples

PostgreSQL 16 on solid-state storage, `max_connections` 100, workload `oltp` unless said otherwise.
"""
SMALL = """\
## Profile small

`postgresql_profile: small` takes these in place of derived ones, for a host of 1 to 2 GB that one application has to itself.
"""


def page() -> str:
    """Formulas and sources, and what comes out for some machines."""
    rules = [[code(name), escape(formula), escape(source)] for name, formula, source, _value in derived_settings.RULES]
    derived = [derived_settings.derive(derived_settings.machine_from(machine)) for machine in MACHINES.values()]
    examples = [
        [code(name), *(code(str(settings[name])) if name in settings else "default" for settings in derived)]
        for name, *_rest in derived_settings.RULES
    ]
    small = [
        [code(row["name"]), code(str(row["value"])), escape(row["source"])]
        for row in derived_settings.explain_profile("small")
    ]
    return (
        f"{INTRODUCTION}\n{table(['Setting', 'Formula', 'Source'], rules)}\n\n"
        f"{EXAMPLES}\n{table(['Setting', *MACHINES], examples)}\n\n"
        f"{SMALL}\n{table(['Setting', 'Value', 'Why'], small)}\n"
    )


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {"derived-settings.md": page()}
