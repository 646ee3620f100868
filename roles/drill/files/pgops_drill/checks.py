"""What is looked at on the copy besides the comparison: the system's own checks, and the structure of its files."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from pgops_drill.scratch import PORT, Scratch, bound_to_us, programs
from pgops_drill.sessions import Server

ROWS_SHOWN = 5


def run_checks(server: Server, checks: tuple[dict[str, Any], ...], timeout_seconds: int) -> list[dict[str, Any]]:
    """Run every check; each returns rows that say what is wrong. Nothing of what they do stays."""
    return [run_check(server, check, timeout_seconds) for check in checks]


def run_check(server: Server, check: dict[str, Any], timeout_seconds: int) -> dict[str, Any]:
    """One check, in a transaction that is rolled back: `prepare` may write, so that triggers show what they do."""
    result: dict[str, Any] = {"name": check["name"], "database": check["database"], "wrong": 0, "error": None}
    try:
        session = server.connect(check["database"])
    except Exception as error:
        return result | {"error": one_line(error)}
    try:
        session.rows("begin")
        session.rows(f"set local statement_timeout = '{int(timeout_seconds)}s'")
        session.rows("set local search_path = pg_catalog, public")
        if check.get("prepare"):
            session.rows(check["prepare"])
        wrong = session.rows(f"select row_to_json(q)::text from ({check['sql'].strip().rstrip(';')}) q")
        session.rows("rollback")
    except Exception as error:
        return result | {"error": one_line(error)}
    finally:
        session.close()
    return result | {"wrong": len(wrong), "rows": [row[0] for row in wrong[:ROWS_SHOWN]]}


def amcheck(scratch: Scratch, databases: list[str], jobs: int) -> dict[str, Any]:
    """Have pg_amcheck look at all tables and B-tree indexes: the comparison reads no index."""
    program = f"{programs(scratch.settings)}/pg_amcheck"
    if shutil.which(program) is None:
        return {"ran": False, "why": f"{program} is not installed", "problems": []}
    chosen = [part for database in databases for part in ("--database", pattern(database))]
    done = subprocess.run(
        [
            *bound_to_us("TERM"),
            program,
            *("--host", str(scratch.socket), "--port", str(PORT), "--username", "postgres"),
            *("--jobs", str(jobs), "--install-missing", "--no-strict-names"),
            *chosen,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    problems = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if done.returncode == 0:
        problems = []
    elif not problems:
        problems = [f"pg_amcheck ended with {done.returncode} and printed nothing"]
    return {"ran": True, "why": None, "problems": problems}


def pattern(database: str) -> str:
    """A name as psql's patterns want it: quoted, so that every letter stands for itself."""
    escaped = database.replace('"', '""')
    return f'"{escaped}"'


def one_line(error: Exception) -> str:
    """An error's words."""
    return " ".join(str(error).split())
