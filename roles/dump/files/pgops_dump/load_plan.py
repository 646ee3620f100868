"""What of a dump is to be loaded, and what stands in its way on this server."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pgops_dump import manifest, target, toc
from pgops_dump.names import parse_pattern, written
from pgops_dump.refusal import Refused
from pgops_dump.server import Server, Session, run
from pgops_dump.toc import Entry

SHOWN = 20
MINIMUM_PG_IVM = (1, 14)
CRON = "pg_cron"
# pg_cron's rows, made to run by being there.
OF_CRON = re.compile(r"(TABLE DATA|SEQUENCE SET|ACL|COMMENT|POLICY) (cron |- SCHEMA cron )")


@dataclass
class Plan:
    """A dump, the part of it that is loaded, and in which order."""

    directory: Path
    content: dict[str, Any]
    tables: list[dict[str, Any]]
    whole: bool
    views: list[dict[str, Any]] = field(default_factory=list)
    first: list[Entry] = field(default_factory=list)
    """All but the next."""
    last: list[Entry] = field(default_factory=list)
    """What depends on incremental views, and event triggers: for after the views are made."""
    left_out: list[str] = field(default_factory=list)
    missing_roles: list[str] = field(default_factory=list)
    cron: bool = False
    """The extension pg_cron is made, without jobs."""
    warnings: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """Size of the tables and indexes in the source."""
        return sum(table["bytes"] + table["index_bytes"] for table in self.tables)

    @property
    def oids(self) -> set[int]:
        """The tables' oids in the source."""
        return {table["oid"] for table in self.tables}

    @property
    def sequences(self) -> list[dict[str, Any]]:
        """Sequences that come along."""
        found = self.content["sequences"]
        made = {entry.oid for entry in self.first + self.last if entry.kind == "SEQUENCE"}
        return found if self.whole else [row for row in found if row["oid"] in made]


def make(directory: Path, patterns: list[str], server: Server, session: Session, database: str) -> Plan:
    """Read the dump, look at every file of it, choose; refuses what cannot be trusted or loaded."""
    content = manifest.read(directory)
    if problems := manifest.damage(directory, content):
        more = f" and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise Refused(
            f"{'; '.join(problems[:SHOWN])}{more}. The dump cannot be trusted, nothing was loaded: take another one"
        )
    tables = choose_tables(content, patterns)
    plan = Plan(directory, content, tables, whole=not patterns and not content["chosen"])
    look_at_version(plan, server)
    look_at_extensions(plan, session, database)
    look_at_roles(plan, session)
    listed = run([server.program("pg_restore"), "--list", "--verbose", str(directory / manifest.DATA)])
    entries = toc.parse(listed)
    if plan.whole:
        order_whole(plan, entries)
    else:
        order_chosen(plan, entries, with_types=target.oid_of(session, database) is None)
    return plan


def choose_tables(content: dict[str, Any], patterns: list[str]) -> list[dict[str, Any]]:
    """The tables of a dump that patterns cover, with their partitions."""
    tables = content["tables"]
    if not patterns:
        return tables
    chosen: set[int] = set()
    for pattern in map(parse_pattern, patterns):
        found = {table["oid"] for table in tables if pattern.matches(table["schema"], table["name"])}
        if not found:
            names = [written(table["schema"], table["name"]) for table in tables]
            raise Refused(
                f"load_tables has {pattern.text}, which is no table of the dump; accepted: names or patterns of "
                f"{', '.join(names[:SHOWN])}{' and others' if len(names) > SHOWN else ''}"
            )
        chosen |= found
    while more := {table["oid"] for table in tables if table["partition_of"] in chosen} - chosen:
        chosen |= more
    views = {view["oid"] for view in content["incremental_views"]}
    odd = [
        written(table["schema"], table["name"])
        for table in tables
        if table["oid"] in chosen and (table["oid"] in views or table["kind"] in "mf")
    ]
    if odd:
        raise Refused(
            f"load_tables covers {', '.join(odd)}: incremental and materialized views and foreign tables are loaded with the "
            "whole database only; accepted: plain and partitioned tables"
        )
    return [table for table in tables if table["oid"] in chosen]


def look_at_version(plan: Plan, server: Server) -> None:
    """An older server does not understand a newer one's dump."""
    source = plan.content["server"]["version_number"] // 10000
    if int(server.version) < source:
        raise Refused(
            f"{plan.directory} was made by PostgreSQL {plan.content['server']['version']}, the cluster on port "
            f"{server.port} is {server.version}; accepted: {source} or a later one"
        )


def look_at_extensions(plan: Plan, session: Session, database: str) -> None:
    """They must be installed on this machine; pg_cron lives in one database of a cluster only."""
    available = {
        row["name"]: row["version"]
        for row in session.rows("select name::text, default_version as version from pg_available_extensions")
    }
    wanted = [extension for extension in plan.content["extensions"] if extension["name"] != CRON]
    plan.cron = plan.whole and CRON in {extension["name"] for extension in plan.content["extensions"]}
    if plan.cron and session.value("select current_setting('cron.database_name', true)") != database:
        plan.cron = False
        plan.warnings.append(
            f"pg_cron is not made in {database}: it lives in one database of a cluster, which cron.database_name names"
        )
    if not plan.whole:
        return
    missing = [extension["name"] for extension in wanted if extension["name"] not in available]
    if missing:
        raise Refused(
            f"the dump needs the extensions {', '.join(missing)}, which this machine does not have: install their packages "
            "(postgresql_packages), then load again"
        )
    for extension in wanted:
        here = available[extension["name"]]
        if version_number(here) < version_number(extension["version"]):
            plan.warnings.append(f"extension {extension['name']} is {extension['version']} in the dump, {here} here")
        if (
            extension["name"] == "pg_ivm"
            and version_number(here) < MINIMUM_PG_IVM
            and plan.content["incremental_views"]
        ):
            raise Refused(f"pg_ivm is {here} here; the dump's incremental views need 1.14 or later: install it")


def version_number(text: str) -> tuple[int, ...]:
    """The numbers of a version."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def look_at_roles(plan: Plan, session: Session) -> None:
    """Owners and those with privileges must be there."""
    if plan.whole:
        needed = {plan.content["database"]["owner"], *plan.content["roles"]}
    else:
        needed = {role for table in plan.tables for role in (table["owner"], *table["roles"])}
    there = {row["name"] for row in session.rows("select rolname::text as name from pg_roles")}
    plan.missing_roles = sorted(needed - there)


def order_whole(plan: Plan, entries: list[Entry]) -> None:
    """Everything but pg_cron; incremental views are no tables, and what reads them comes after them."""
    plan.views = sorted(plan.content["incremental_views"], key=lambda view: view["oid"])
    by_name = {extension["name"]: extension["oid"] for extension in plan.content["extensions"]}
    gone: set[int] = set()
    if CRON in by_name:
        seeds = {e.number for e in entries if e.catalog == toc.PG_EXTENSION and e.oid == by_name[CRON]}
        seeds |= {e.number for e in entries if OF_CRON.match(e.words)}
        gone = toc.all_dependents(entries, seeds)
    views = {view["oid"] for view in plan.views}
    made = toc.relations(entries, views) | {e.number for e in entries if e.kind == "TABLE DATA" and e.oid in views}
    late = toc.all_dependents(entries, made | {e.number for e in entries if e.kind == "EVENT TRIGGER"})
    unsaid = {
        entry.number
        for entry in entries
        if entry.kind in ("COMMENT", "ACL") or (plan.cron and entry.kind == "EXTENSION")
    }
    plan.left_out = [entry.words for entry in entries if entry.number in gone - unsaid]
    plan.first = [entry for entry in entries if entry.number not in late | gone]
    plan.last = [entry for entry in entries if entry.number in late - made - gone]


def order_chosen(plan: Plan, entries: list[Entry], *, with_types: bool) -> None:
    """Tables with all that belongs to them; what would need something else is left out, and named."""
    oids = plan.oids
    refused = {
        (toc.PG_CONSTRAINT, key["oid"])
        for key in plan.content["foreign_keys"]
        if key["table_oid"] not in oids or key["other_oid"] not in oids
    }
    refused |= {(toc.PG_TRIGGER, trigger["oid"]) for trigger in plan.content["triggers"]}
    sequences = {row["oid"] for row in plan.content["sequences"] if row["table_oid"] in oids}
    sequences |= toc.sequences_of_defaults(entries, oids)
    # A database that is there has its types, or cannot take the tables.
    types = toc.types_of(entries, oids) if with_types else set()
    choice = toc.choose(entries, oids | sequences, refused, types)
    plan.first = choice.entries
    plan.left_out = [entry.words for entry in choice.left_out if entry.kind not in ("COMMENT", "ACL")]


def look_for_room(plan: Plan, data_directory: str) -> None:
    """Refuse what does not fit."""
    room = os.statvfs(data_directory)
    free = room.f_bavail * room.f_frsize
    if free < plan.bytes:
        raise Refused(
            f"{free} bytes are free for {data_directory}, the tables and indexes of the dump had {plan.bytes}; make room"
        )
