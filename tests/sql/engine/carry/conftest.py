"""A partition with rows, and the steps by which an operation replaces it."""

from __future__ import annotations

import pytest

JANUARY = "app.t1_2024_01"
HALVES = {"app.t1_a": ("2024-01-01", "2024-01-16"), "app.t1_b": ("2024-01-16", "2024-02-01")}
ROLES = """
do $$ begin
    if to_regrole('carry_reader') is null then
        create role carry_reader; create role "Carry ""Clerk"; create role carry_second;
    end if;
end $$
"""
TREE = """
create table app.country (code text primary key);
insert into app.country values ('de'), ('fr');
create table app.t1 (
    day date not null, id bigint not null, country text, amount numeric not null default 1, note text,
    total numeric generated always as (amount * 2) stored, payload jsonb,
    constraint amount_positive check (amount > 0),
    primary key (id, day)
) partition by range (day);
create table app.t1_2024_01 partition of app.t1 for values from ('2024-01-01') to ('2024-02-01');
create table app.t1_default partition of app.t1 default;
create index t1_country on app.t1 (country);
insert into app.t1 (day, id, country, amount, note)
select date '2024-01-01' + i % 31, i, (array['de', 'fr', null])[i % 3 + 1], i, 'note ' || i from generate_series(1, 500) as i;
create function app.touch() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
create table app.seen (id bigint, note text);
"""
LIKE = "including all excluding indexes excluding identity"


class Tree:
    """The partitioned table app.t1 of an engine, and what an operation does to its partitions."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.session = engine.session()

    def commands(self, phase: str, source: str = JANUARY, targets=tuple(HALVES)) -> list[str]:
        return self.session.execute(
            "select pgops.carry_all_commands(%s::regclass, array[%s::regclass], %s, %s)",
            [self.oid("app.t1"), self.oid(source), list(targets), phase],
        ).fetchone()[0]

    def oid(self, table: str) -> int:
        return self.engine.value("select %s::regclass::oid", table)

    def run_all(self, commands: list[str]) -> None:
        parent = self.oid("app.t1")
        for command in commands:
            self.session.execute("select pgops.run_as_owner(%s::regclass, %s)", [parent, command])

    def fill(self, source: str = JANUARY, bounds=HALVES, like: str = LIKE) -> None:
        """Make the new tables beside the partition, as an operation does, without anybody writing meanwhile."""
        names = self.engine.value("select pgops.stored_columns(%s::regclass)", source)
        for target, (lower, upper) in bounds.items():
            self.run_all([f"create table {target} (like {source} {like})"])
            self.run_all(self.commands("create", source, [target]))
            self.run_all([f"insert into {target} ({names}) select {names} from {source}"
                f" where day >= '{lower}' and day < '{upper}'"])  # fmt: skip
            self.run_all(self.commands("after_copy", source, [target]))
            self.run_all(self.commands("keys", source, [target]))

    def switch(self, source: str = JANUARY, bounds=HALVES) -> None:
        """Put them in its place and drop it."""
        phases = {phase: self.commands(phase, source, tuple(bounds)) for phase in ("release", "switch", "after_switch")}
        with self.session.transaction():
            self.run_all(phases["release"])
            self.run_all([f"alter table app.t1 detach partition {source}"])
            for target, (lower, upper) in bounds.items():
                self.run_all(
                    [f"alter table app.t1 attach partition {target} for values from ('{lower}') to ('{upper}')"]
                )
            self.run_all(phases["switch"])
        self.run_all([*phases["after_switch"], f"drop table {source}"])

    def obstacles(self, *sources: str, operation: str = "split", relation: str = "app.t1") -> list[str]:
        return [
            text
            for (text,) in self.engine.run(
                "select * from pgops.carry_obstacles(%s::regclass, %s::text[]::regclass[], %s)",
                relation, list(sources or [JANUARY]), operation,
            )
        ]  # fmt: skip


@pytest.fixture
def tree(engine):
    engine.run("drop publication if exists carry_leaf, carry_root, carry_all")
    engine.run(ROLES)
    engine.run(f"grant create on database {engine.database} to engine_owner")
    engine.as_owner(TREE)
    yield Tree(engine)
    engine.run("drop publication if exists carry_leaf, carry_root, carry_all")
    engine.run("alter default privileges for role engine_owner in schema app revoke all on tables from carry_reader")
