"""Bulk work leaves processors to writers, and does not fill the WAL buffers from which they, too, live."""

from __future__ import annotations

import pytest
from partition_operations import WEEKS

SETTINGS = (
    "max_parallel_workers_per_gather",
    "max_parallel_maintenance_workers",
    "backend_flush_after",
    "synchronous_commit",
)
NOTE = f"""
create table app.noted (phase text, settings text[], number integer generated always as identity);
grant usage on schema app to public; grant insert on app.noted to public;
create function app.note() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('pgops.operation', true), '') <> '' then
        insert into app.noted select old.phase, array[{", ".join(f"current_setting('{name}')" for name in SETTINGS)}];
    end if;
    return new;
end $$;
create trigger note before update on pgops.operation for each row execute function app.note();
"""
BULK = ("copy", "index", "compare")


@pytest.mark.parametrize(
    ("commit", "in_bulk", "workers"), [("off", "local", 0), ("on", "on", 2), ("remote_apply", "remote_apply", 0)]
)
def test_bulk_work_has_settings_of_its_own_and_gives_them_back(operations, commit, in_bulk, workers):
    engine = operations.engine
    engine.configure(operation_parallel_workers=workers)
    engine.run(NOTE)
    session = engine.session()
    session.execute(f"set synchronous_commit = {commit}; set max_parallel_workers_per_gather = 3")
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS}, session=session)
    # As they are when a step ends: that is what its commit goes by.
    noted = dict(engine.run("select distinct on (phase) phase, settings from app.noted order by phase, number desc"))
    assert [noted[phase] for phase in BULK] == [[str(workers), str(workers), "512kB", in_bulk]] * len(BULK)
    # A step whose locks others wait for takes no longer than it must.
    assert {noted[phase][3] for phase in ("capture", "switch", "uncheck")} == {"off"}
    after = [session.execute(f"show {name}").fetchone()[0] for name in SETTINGS]
    assert (after[0], after[2], after[3]) == ("3", "0", commit)


def test_what_is_to_be_built_is_found_out_before_the_time_for_locks_begins(operations):
    """In a step of its own: on a busy machine it took longer than locks may, and every try began with it."""
    engine = operations.engine
    engine.run(
        "create table app.steps (number integer generated always as identity, done integer);"
        "grant usage on schema app to public; grant insert on app.steps to public;"
        "create function app.step() returns trigger language plpgsql as $$ begin"
        " insert into app.steps (done) values ((new.progress ->> 'commands_done')::integer); return new; end $$;"
        "create trigger step before update of progress on pgops.operation for each row"
        " when (old.phase = 'index') execute function app.step()"
    )
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    done = [number for (number,) in engine.run("select done from app.steps order by number")]
    assert done == list(range(len(done)))
    assert len(done) > 2
