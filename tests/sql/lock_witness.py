"""Which locks each step of an operation holds, and which its plan has named."""

from __future__ import annotations

import re

# Written within each step, when it holds all of its locks.
WITNESS = """
create table app.witnessed (phase text, relation oid, mode text);
grant insert on app.witnessed to public;
create function app.witness() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('pgops.operation', true), '') <> '' then
        insert into app.witnessed select old.phase, l.relation, l.mode from pg_locks as l
        where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted;
    end if;
    return new;
end $$;
create trigger witness before update on pgops.operation for each row execute function app.witness();
"""
LEVELS = [
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]  # fmt: skip


def tables(engine) -> dict[int, str]:
    """Names of the tables that are there, by OID."""
    condition = "relnamespace = 'app'::regnamespace and relkind in ('r', 'p')"
    return dict(engine.run(f"select oid, oid::regclass::text from pg_class where {condition}"))


def level_of(mode: str) -> str:
    """A mode of pg_locks as the manual writes it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()


def promised(plan) -> dict[tuple[str, str], str]:
    strongest: dict[tuple[str, str], str] = {}
    for step in plan:
        for level, name in re.findall(r"\b([A-Z]+(?: [A-Z]+)*) on (app\.(?:\"[^\"]*\"|\w+))", step["lock_level"]):
            key = (step["action"], name)
            strongest[key] = max(level, strongest.get(key, level), key=LEVELS.index)
    return strongest
