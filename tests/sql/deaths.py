"""Deaths in the midst of an operation, at any step: of its client, of its server process, or of the whole server."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time

import psycopg
import pytest
from background import WAIT_SECONDS, Background
from psycopg import sql
from servers import SQL_SETS

# Fires within a step, when its work is done and not committed, or after it, when it is: what is set in a step that is
# undone is so, too. The first change of the record in a step has its phase, only the last a new heartbeat.
PAUSE = """
create table app.pause (phase text, moment text);
grant select on app.pause to public;
create function app.pause() returns trigger language plpgsql as $$
declare
    is_within boolean := coalesce(current_setting('pgops.operation', true), '') <> '';
begin
    if is_within and coalesce(current_setting('pause.has_begun', true), '') = '' then
        perform set_config('pause.phase', old.phase, false), set_config('pause.has_begun', 'yes', true);
    end if;
    if new.heartbeat_at is distinct from old.heartbeat_at and exists (
        select from app.pause as p where p.phase = current_setting('pause.phase', true)
            and p.moment = case when is_within then 'within' else 'after' end
    ) then
        perform set_config('application_name', 'paused', true);
        perform pg_sleep(120);
    end if;
    return new;
end $$;
create trigger pause before update on pgops.operation for each row execute function app.pause();
"""
IS_PAUSED = (
    "select exists (select from pg_stat_activity where application_name = 'paused' and datname = current_database())"
)
MOMENTS = ("within", "after")
DEATHS = ("client", "backend", "server")
CLIENT = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"


def phases(method: str) -> list[str]:
    """Those of pgops.operation_phases(), without the state at their end; before there is a server that can be asked."""
    text = (SQL_SETS / "pgops" / "R__96_operation_phases.sql").read_text(encoding="utf-8")
    listed = dict(re.findall(r"when '(\w+)' then array\[(.*?)\]", text, re.DOTALL))
    others = re.findall(r"else array\[(.*?)\]", text, re.DOTALL)[0]
    return re.findall(r"'(\w+)'", listed.get(method, others))[:-1]


def definition(engine, function: str) -> str:
    return engine.value("select pg_get_functiondef(%s::regproc)", function)


def listed_methods(engine) -> set[str]:
    """Methods whose phases the engine lists by their name."""
    return set(re.findall(r"WHEN '(\w+)'::text THEN ARRAY", definition(engine, "pgops.operation_phases")))


def phase_names(engine) -> set[str]:
    """All phases that the engine knows a state for."""
    return set(re.findall(r"(?<!THEN )'(\w+)'::text", definition(engine, "pgops.phase_state"))) - {"kept"}


def conversion_phases(engine) -> set[str]:
    """Those of them that only conversions have."""
    handled = re.findall(r"when phase (.*?) then", definition(engine, "pgops.perform_convert_phase"), re.DOTALL)
    return (set(re.findall(r"'(\w+)'", " ".join(handled))) & phase_names(engine)) - {"create", "restart", "switch"}


def call_text(engine, table: str, operation: str, arguments: dict, **options) -> str:
    return (
        sql.SQL("call pgops.operation_apply({}::regclass, {}, {}, {})")
        .format(table, operation, json.dumps(arguments), json.dumps(options))
        .as_string(engine.superuser)
    )


class Client:
    """A process of its own that makes one call."""

    def __init__(self, engine, call: str, **settings: str) -> None:
        server = engine.server
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        conninfo = psycopg.conninfo.make_conninfo(
            host=server.host, port=server.port, dbname=engine.database, user="engine_jobs", options=options
        )
        self._process = subprocess.Popen([sys.executable, "-c", CLIENT, conninfo, call])

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def die(engine, call: str, phase: str, moment: str, death: str) -> None:
    """Make a call and have it die at a step; returns when it is dead, and the server is there again."""
    engine.run("insert into app.pause values (%s, %s)", phase, moment)
    if death == "client":
        # Else the server would go on until it has something to say.
        caller = Client(engine, call, client_connection_check_interval="20")
    else:
        session = engine.session()
        caller = Background(lambda: session.execute(call))
    deadline = time.monotonic() + WAIT_SECONDS
    while not engine.value(IS_PAUSED):
        if not caller.is_alive():
            if death != "client":
                caller.finish()
            pytest.fail(f"the call ended and has not been {moment} {phase}")
        assert time.monotonic() < deadline, engine.run("select phase, state, error from pgops.operation")
        time.sleep(0.01)
    pid = engine.value("select pid from pg_stat_activity where application_name = 'paused'")
    if death == "client":
        caller.kill()
    elif death == "backend":
        engine.run("select pg_terminate_backend(%s)", pid)
    else:
        engine.server.kill_backend(pid)
        reconnect(engine)
    if death != "client":
        with pytest.raises(psycopg.OperationalError):
            caller.finish()
    engine.wait_for("select not exists (select from pg_stat_activity where pid = %s)", pid)
    engine.run("delete from app.pause")


def reconnect(engine) -> None:
    with contextlib.suppress(psycopg.OperationalError):
        engine.superuser.close()
    engine.superuser = engine.server.connect(engine.database)
    engine.sessions.append(engine.superuser)
