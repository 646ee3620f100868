"""Dumps a database or some of its tables as one snapshot sees them, with a manifest."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pgops_dump import catalog, checksums, manifest
from pgops_dump.names import directory_name, qualified, written
from pgops_dump.refusal import Refused
from pgops_dump.server import Server, Session, run
from pgops_dump.source import Source

PARTIAL = ".partial"
HOME = Path("/var/lib/pgops/dump")
"""Folders below are made when they are needed."""
OURS = re.compile(r"[A-Za-z0-9_-]+-\d{8}T\d{6}Z")
# How large a dump is, compared with its tables without their indexes: on the safe side for text and numbers.
ROOM_PERCENT = {"none": 130, "other": 60}
COMPRESSIONS = ("zstd", "gzip", "lz4", "none")


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("dump", help="dump a database, or tables of it")
    parser.add_argument("version")
    parser.add_argument("port", type=int)
    parser.add_argument("database")
    parser.add_argument("directory", type=Path, help="the folder that gets a folder for this dump")
    parser.add_argument("--table", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=0, help="0: as many as there are cores")
    parser.add_argument("--compression", choices=("auto", *COMPRESSIONS), default="auto")
    parser.add_argument("--level", default="", help="level of the compression; empty: its own default")
    parser.add_argument("--lock-timeout", type=int, default=60, metavar="SECONDS")
    parser.add_argument("--copies", type=int, default=1, help="how many of it need room, as one that is sent on does")
    parser.add_argument("--plan", action="store_true", help="only print what would be done")
    parser.set_defaults(run=start)


def start(given: argparse.Namespace) -> dict[str, Any]:
    """Dump; what there is to say of it."""
    server = Server(given.port, given.version)
    jobs = given.jobs or len(os.sched_getaffinity(0))
    known = databases(server)
    if given.database not in known:
        raise Refused(f"dump_database is {given.database}; accepted: one of {', '.join(known)}")
    compression = choose_compression(server, given.compression)
    with turn(given.directory, plan=given.plan):
        removed = leftovers(given.directory)
        with Source(server, given.database, given.table, given.lock_timeout) as source:
            room = look_for_room(given.directory, source.bytes, compression, removed, given.copies)
            facts = {
                "database": given.database,
                "tables": len(source.with_rows),
                "table_bytes": source.bytes,
                "compression": compression,
                "jobs": jobs,
                **room,
                "removed": [str(path) for path in removed],
            }
            if given.plan:
                return facts
            for path in removed:
                shutil.rmtree(path)
            return facts | make(source, given, jobs, compression)


def databases(server: Server) -> list[str]:
    """Names of the databases that can be dumped."""
    with server.session("postgres") as session:
        return [
            row["name"]
            for row in session.rows("select datname::text as name from pg_database where datallowconn order by 1")
        ]


def choose_compression(server: Server, wanted: str) -> str:
    """The compression asked for, or the best that this pg_dump can."""
    if int(server.version) < 16:
        if wanted in ("zstd", "lz4"):
            raise Refused(
                f"dump_compression is {wanted}, which pg_dump {server.version} cannot; accepted: auto, gzip, none"
            )
        return "gzip" if wanted == "auto" else wanted
    trial = [server.program("pg_dump"), "--format=custom", "--section=pre-data", "--no-sync", "--file=/dev/null"]
    found = ""
    for name in ("zstd", "gzip", "none") if wanted == "auto" else (wanted,):
        try:
            run([*trial, f"--compress={name}", f"--dbname={server.conninfo('postgres')}"])
            return name
        except Refused as refusal:
            found = str(refusal)
    raise Refused(f"dump_compression is {wanted}, which does not work here: {found}; accepted: auto, gzip, none")


@contextlib.contextmanager
def turn(directory: Path, *, plan: bool) -> Iterator[None]:
    """One dump at a time into a folder: the next one removes what it finds unfinished."""
    if not directory.is_dir() and not (plan and HOME in directory.parents):
        raise Refused(f"dump_directory {directory} is not there; accepted: a folder that postgres may write to")
    lock = directory / ".lock"
    if plan and not lock.exists():
        yield
        return
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refused(f"dump_directory {directory}: postgres may not write there ({error.strerror})") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"another dump into {directory} is going on; wait for its end, or give another dump_directory"
            ) from None
        yield
    finally:
        os.close(handle)


def leftovers(directory: Path) -> list[Path]:
    """What interrupted dumps have left."""
    return sorted(
        path
        for path in directory.glob(f"*{PARTIAL}")
        if path.is_dir() and not path.is_symlink() and OURS.fullmatch(path.name.removesuffix(PARTIAL))
    )


def look_for_room(
    directory: Path, table_bytes: int, compression: str, removed: list[Path], copies: int
) -> dict[str, int]:
    """How much is needed and how much is free; refuses when that is less."""
    room = os.statvfs(next(folder for folder in (directory, *directory.parents) if folder.exists()))
    freed = sum(file.stat().st_size for path in removed for file in path.rglob("*") if file.is_file())
    free = room.f_bavail * room.f_frsize + freed
    needed = table_bytes * ROOM_PERCENT.get(compression, ROOM_PERCENT["other"]) * copies // 100
    if needed > free:
        raise Refused(
            f"dump_directory {directory}: {free} bytes are free on its file system, the dump may need {needed} "
            f"({table_bytes} bytes of tables, compression {compression}); make room, or give another dump_directory"
        )
    return {"needed_bytes": needed, "free_bytes": free}


def make(source: Source, given: argparse.Namespace, jobs: int, compression: str) -> dict[str, Any]:
    """Make the dump under another name, and give it its own when it is whole."""
    began = time.time()
    while True:
        name = f"{directory_name(given.database)}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        final, partial = given.directory / name, given.directory / f"{name}{PARTIAL}"
        with contextlib.suppress(FileExistsError):
            if not final.exists():
                partial.mkdir(mode=0o700)
                break
        time.sleep(0.2)
    try:
        content = describe(source, compression)
        dump_files(source, partial / manifest.DATA, given, jobs, compression, content["snapshot"]["name"])
        measured = checksums.measure(source.server, given.database, source.with_rows, jobs, content["snapshot"]["name"])
        for table in content["tables"]:
            table.update(measured.get(table["oid"], {"rows": None, "checksum": None}))
        content["files"] = manifest.list_files(partial)
        content["seconds"] = round(time.time() - began, 3)
        manifest.write(partial, content)
        partial.rename(final)
        manifest.sync_directory(given.directory)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return {
        "directory": str(final),
        "rows": sum(table["rows"] or 0 for table in content["tables"]),
        "bytes": sum(file["bytes"] for file in content["files"]),
        "files": len(content["files"]),
        "lsn": content["snapshot"]["lsn"],
        "taken_at": content["snapshot"]["taken_at"],
        "seconds": round(time.time() - began, 3),
        "not_compared": [
            written(t["schema"], t["name"]) for t in content["tables"] if t["rows"] is None and t["kind"] != "p"
        ],
    }


def dump_files(
    source: Source, directory: Path, given: argparse.Namespace, jobs: int, compression: str, snapshot: str
) -> None:
    """Have pg_dump write the files."""
    level = f":{given.level}" if given.level and compression != "none" else ""
    value = f"{compression}{level}"
    if int(source.server.version) < 16:
        value = "0" if compression == "none" else given.level or "6"
    command = [
        *(source.server.program("pg_dump"), "--format=directory", f"--file={directory}", f"--jobs={jobs}"),
        *(f"--compress={value}", f"--snapshot={snapshot}", f"--lock-wait-timeout={given.lock_timeout * 1000}"),
        # Jobs and subscriptions would act as soon as they are there; the manifest tells of them.
        *("--no-subscriptions", "--no-sync", "--no-password"),
        *(("--exclude-table-data=cron.*",) if source.has_cron else ()),
        *(("--no-unlogged-table-data",) if source.in_recovery else ()),
    ]
    if source.patterns:
        names = [qualified(table["schema"], table["name"]) for table in source.tables]
        oids = {table["oid"] for table in source.tables}
        for row in source.session.rows(catalog.FOREIGN_SEQUENCES, {"tables": list(oids)}):
            names.append(qualified(row["schema"], row["name"]))
        command += [f"--table={name}" for name in names]
    run([*command, f"--dbname={source.server.conninfo(source.database)}"])
    for folder, _folders, files in os.walk(directory):
        Path(folder).chmod(0o700)
        for file in files:
            (Path(folder) / file).chmod(0o600)


def describe(source: Source, compression: str) -> dict[str, Any]:
    """All of the manifest but rows and files."""
    session, oids = source.session, [table["oid"] for table in source.tables]
    snapshot = session.row(
        """
        select pg_export_snapshot() as name, now()::text as taken_at,
               case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as lsn
        """
    )
    chosen = None
    if source.patterns:
        foreign = session.rows(catalog.FOREIGN_SEQUENCES, {"tables": oids})
        chosen = set(oids) | {row["oid"] for row in foreign}
    roles = {role for table in source.tables for role in [table["owner"], *table["roles"]]}
    if not source.patterns:
        roles |= {row["name"] for row in session.rows(catalog.ROLES)}
    return {
        "format": manifest.FORMAT,
        "database": session.row(catalog.DATABASE),
        "server": {
            "version": session.value("show server_version"),
            "version_number": session.value("select current_setting('server_version_num')::int"),
            "system_identifier": str(session.value("select system_identifier from pg_control_system()")),
            "in_recovery": source.in_recovery,
            "host": os.uname().nodename,
            "port": source.server.port,
            "pg_dump": run([source.server.program("pg_dump"), "--version"]).strip(),
            "compression": compression,
        },
        "snapshot": snapshot,
        "chosen": [pattern.text for pattern in source.patterns],
        "tables": [dict(table) for table in source.tables],
        "schemas": session.rows(catalog.SCHEMAS, {"names": sorted({table["schema"] for table in source.tables})}),
        "sequences": catalog.sequences(session, chosen),
        "incremental_views": source.views,
        "triggers": session.rows(catalog.TRIGGERS, {"tables": oids}),
        "foreign_keys": session.rows(catalog.FOREIGN_KEYS, {"tables": oids}),
        "large_objects": large_objects(session) if not source.patterns else None,
        "extensions": session.rows(catalog.EXTENSIONS),
        "roles": sorted(roles),
        "publications": session.rows(catalog.PUBLICATIONS),
        "subscriptions": session.rows(catalog.SUBSCRIPTIONS),
        "cron_jobs": catalog.optional(session, "cron.job", catalog.CRON_JOBS),
    }


def large_objects(session: Session) -> dict[str, Any]:
    """Number and checksum of large objects."""
    return session.row(
        """
        select count(*) as rows, sum(pg_catalog.hashtextextended(oid::text || ':' || md5(lo_get(oid)), 0))::text as checksum
        from pg_largeobject_metadata
        """
    )
