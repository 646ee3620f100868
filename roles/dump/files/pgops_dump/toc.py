"""The list of contents of a dump, as `pg_restore --list --verbose` prints it, and choices from it.

Entries are known by the oids that their objects had in the source, never by their names: those are printed with
spaces and line breaks of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

PG_CLASS, PG_CONSTRAINT, PG_TRIGGER, PG_EXTENSION = 1259, 2606, 2620, 3079
KINDS = (
    *("ACL", "COMMENT", "SECURITY LABEL", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "DEFAULT", "DEFAULT ACL"),
    *("EVENT TRIGGER", "EXTENSION", "FOREIGN TABLE", "INDEX", "INDEX ATTACH", "MATERIALIZED VIEW"),
    *("MATERIALIZED VIEW DATA", "POLICY", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA"),
    *("ROW SECURITY", "RULE", "SEQUENCE", "SEQUENCE OWNED BY", "SEQUENCE SET", "STATISTICS", "STATISTICS DATA"),
    *("SUBSCRIPTION", "SUBSCRIPTION TABLE", "TABLE", "TABLE ATTACH", "TABLE DATA", "TRIGGER", "TYPE", "DOMAIN"),
)
KIND = re.compile("|".join(sorted(KINDS, key=len, reverse=True)))
ENTRY = re.compile(r"(?P<number>\d+); (?P<catalog>\d+) (?P<oid>\d+) (?P<rest>.*)", re.DOTALL)
DEPENDS = re.compile(r";\s+depends on:(?P<numbers>[\d ]*)")
# What belongs to a table and goes with it.
PARTS = frozenset(KINDS) - {
    *("EVENT TRIGGER", "EXTENSION", "MATERIALIZED VIEW", "MATERIALIZED VIEW DATA", "FOREIGN TABLE", "TABLE"),
    *("SUBSCRIPTION", "SUBSCRIPTION TABLE", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA"),
    *("DEFAULT ACL", "SEQUENCE", "TYPE", "DOMAIN"),
}
# What joins two relations, and stays away without one of them.
JOINTS = frozenset({"TABLE ATTACH", "INDEX ATTACH", "DEFAULT", "SEQUENCE OWNED BY"})
RELATIONS = frozenset({"TABLE", "FOREIGN TABLE", "SEQUENCE", "INDEX", "CONSTRAINT"})


@dataclass(frozen=True)
class Entry:
    """One object, or a part of one."""

    number: int
    catalog: int
    oid: int
    kind: str
    """Empty for kinds that nothing here asks for."""
    line: str
    depends_on: frozenset[int]

    @property
    def words(self) -> str:
        """The entry as people read it: kind, schema, name, owner."""
        return self.line.split(" ", 3)[3]


def parse(listed: str) -> list[Entry]:
    """The entries, in their order."""
    entries: list[Entry] = []
    # Not splitlines(): names may have characters that it takes for the end of a line.
    for line in listed.split("\n"):
        if found := ENTRY.fullmatch(line):
            kind = KIND.match(found["rest"])
            known = kind[0] if kind and found["rest"][kind.end() : kind.end() + 1] == " " else ""
            entries.append(
                Entry(int(found["number"]), int(found["catalog"]), int(found["oid"]), known, line, frozenset())
            )
        elif entries and (found := DEPENDS.fullmatch(line)):
            last = entries[-1]
            numbers = frozenset(int(number) for number in found["numbers"].split())
            entries[-1] = Entry(last.number, last.catalog, last.oid, last.kind, last.line, last.depends_on | numbers)
    return entries


def text(entries: Iterable[Entry]) -> str:
    """The entries as `pg_restore --use-list` reads them."""
    return "".join(f"{entry.line}\n" for entry in entries)


def relations(entries: Iterable[Entry], oids: set[int]) -> set[int]:
    """Numbers of the entries that make these relations."""
    kinds = ("TABLE", "SEQUENCE", "MATERIALIZED VIEW", "FOREIGN TABLE")
    return {
        entry.number for entry in entries if entry.catalog == PG_CLASS and entry.kind in kinds and entry.oid in oids
    }


def sequences_of_defaults(entries: list[Entry], oids: set[int]) -> set[int]:
    """Oids of the sequences that defaults of these tables take their values from."""
    tables = relations(entries, oids)
    # Where no circle needs a default on its own, it is a part of its table's entry.
    made = [e for e in entries if e.number in tables or (e.kind == "DEFAULT" and e.depends_on & tables)]
    needed = {number for entry in made for number in entry.depends_on}
    return {entry.oid for entry in entries if entry.kind == "SEQUENCE" and entry.number in needed}


def types_of(entries: list[Entry], oids: set[int]) -> set[int]:
    """Numbers of the types that these tables have columns of, with the types that those are made of."""
    by_number = {entry.number: entry for entry in entries}
    waiting, found = relations(entries, oids), set()
    while waiting:
        needed = {number for one in waiting for number in by_number[one].depends_on if number in by_number}
        waiting = {number for number in needed if by_number[number].kind in ("TYPE", "DOMAIN")} - found
        found |= waiting
    return found


def dependents(entries: list[Entry], numbers: set[int], accept: Callable[[Entry, set[int]], bool]) -> set[int]:
    """The numbers and those of all that depends on them, as far as it is accepted beside what there is already."""
    found = set(numbers)
    while True:
        more = {
            entry.number
            for entry in entries
            if entry.number not in found and entry.depends_on & found and accept(entry, found)
        }
        if not more:
            return found
        found |= more


def all_dependents(entries: list[Entry], numbers: set[int]) -> set[int]:
    """The numbers and those of all that depends on them."""
    return dependents(entries, numbers, lambda _entry, _found: True)


@dataclass(frozen=True)
class Choice:
    """What of a dump is loaded, and what stays behind although it belongs to a chosen table."""

    entries: list[Entry]
    left_out: list[Entry]


def choose(entries: list[Entry], oids: set[int], refused: set[tuple[int, int]], types: set[int]) -> Choice:
    """The chosen relations with what belongs to them and some types; `refused` are catalog and oid of what stays away."""
    kind_of = {entry.number: entry.kind for entry in entries}

    def accept(entry: Entry, found: set[int]) -> bool:
        if entry.kind not in PARTS or (entry.catalog, entry.oid) in refused:
            return False
        if entry.kind not in JOINTS:
            return True
        return all(number in found for number in entry.depends_on if kind_of.get(number) in RELATIONS)

    chosen = dependents(entries, relations(entries, oids), accept)
    left = [
        entry for entry in entries if entry.number not in chosen and entry.kind in PARTS and entry.depends_on & chosen
    ]
    chosen |= types | {e.number for e in entries if e.kind in ("ACL", "COMMENT") and e.depends_on & types}
    return Choice([entry for entry in entries if entry.number in chosen], left)
