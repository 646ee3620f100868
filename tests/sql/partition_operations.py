"""Operations on partitions: a table of each strategy with rows, calls, and what a test asks afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

ROWS = 3000
UNTIL = "2024-05-01 00:00+00"

TABLES = {
    # Half of the rows have no partition of their own. A dropped column, a generated one, an identity, odd names.
    "range": f"""
        create table app."Event Log" (
            gone text, id bigint generated always as identity, at timestamptz not null, "No,te" text default 'x',
            twice integer generated always as (length("No,te") * 2) stored, primary key (id, at)
        ) partition by range (at);
        alter table app."Event Log" drop column gone;
        create index on app."Event Log" ("No,te" desc nulls last) where "No,te" <> '';
        create table app."Jan, 24" partition of app."Event Log" for values from ('2024-01-01+00') to ('2024-02-01+00');
        create table app."Feb, 24" partition of app."Event Log" for values from ('2024-02-01+00') to ('2024-03-01+00');
        create table app."Rest" partition of app."Event Log" default;
        insert into app."Event Log" (at, "No,te")
        select '2024-01-01+00'::timestamptz + i * interval '58 minutes', 'note ' || i from generate_series(0, {ROWS - 1}) as i
    """,
    "number": f"""
        create table app.numbers (n numeric(10, 2) primary key, note text) partition by range (n);
        create table app.n1 partition of app.numbers for values from (minvalue) to (1000);
        create table app.n2 partition of app.numbers for values from (1000) to (2000);
        create table app.n3 partition of app.numbers for values from (2000) to (maxvalue);
        insert into app.numbers select i, 'n' || i from generate_series(0, {ROWS - 1}) as i
    """,
    "list": f"""
        create table app.orders (id integer, region text, amount numeric, note json, unique (id, region)) partition by list (region);
        alter table app.orders alter column id set not null;
        create unique index on app.orders (region, id) include (amount);
        create table app.eu partition of app.orders for values in ('de', 'fr', 'it');
        create table app.us partition of app.orders for values in ('us');
        create table app.others partition of app.orders default;
        alter table app.orders alter column region set not null;
        insert into app.orders select i, (array['de', 'fr', 'it', 'us', 'jp', 'cn'])[1 + i % 6], i, json_build_object('n', i)
        from generate_series(0, {ROWS - 1}) as i
    """,
    "hash": f"""
        create table app.users (id bigint primary key, name text) partition by hash (id);
        create table app.p0 partition of app.users for values with (modulus 4, remainder 0);
        create table app.p1 partition of app.users for values with (modulus 4, remainder 1);
        create table app.p2 partition of app.users for values with (modulus 4, remainder 2);
        create table app.p3 partition of app.users for values with (modulus 4, remainder 3);
        insert into app.users select i, 'user ' || i from generate_series(0, {ROWS - 1}) as i
    """,
    # Acted on is the nested table of a quarter; its partitions must imply the bounds of the quarter, too.
    "nested": f"""
        create table app.sales (day date, kind text, id integer, primary key (day, kind, id)) partition by range (day);
        create table app.q1 partition of app.sales for values from ('2024-01-01') to ('2024-04-01') partition by list (kind);
        create table app.q1_a partition of app.q1 for values in ('a', 'b');
        create table app.q1_rest partition of app.q1 default;
        create table app.q2 partition of app.sales for values from ('2024-04-01') to ('2024-07-01');
        insert into app.sales select '2024-01-01'::date + i % 150, chr(97 + i % 5), i from generate_series(0, {ROWS - 1}) as i
    """,
    "two columns": f"""
        create table app.pairs (a integer, b text collate "C", v integer, primary key (b, a)) partition by range (a, b);
        create table app.low partition of app.pairs for values from (minvalue, minvalue) to (1000, 'm');
        create table app.high partition of app.pairs for values from (1000, 'm') to (2000, 'm');
        create table app.rest partition of app.pairs default;
        insert into app.pairs select i, chr(97 + i % 26), i from generate_series(0, {ROWS - 1}) as i
    """,
    "expression": f"""
        create table app.words (id integer not null, word text not null) partition by range (lower(word));
        create table app.a_to_m partition of app.words for values from ('a') to ('m');
        create unique index on app.a_to_m (id);
        create table app.m_to_z partition of app.words for values from ('m') to ('zz');
        insert into app.words select i, chr(65 + i % 26) || i from generate_series(0, {ROWS - 1}) as i
    """,
}
ROOTS = {
    "range": 'app."Event Log"', "number": "app.numbers", "list": "app.orders", "hash": "app.users", "nested": "app.q1",
    "two columns": "app.pairs", "expression": "app.words",
}  # fmt: skip
WEEKS = [
    {"name": "feb 1", "from": "2024-02-01", "to": "2024-02-08"},
    {"name": "feb 2", "from": "2024-02-08", "to": "2024-02-15"},
    {"name": "feb 3", "from": "2024-02-15", "to": "2024-02-22"},
    {"name": "feb 4", "from": "2024-02-22", "to": "2024-03-01"},
]
MARCH = {"name": "March", "from": "2024-03-01", "to": "2024-04-01"}
APRIL = {"name": "April", "from": "2024-04-01", "to": "2024-05-01"}


@dataclass
class Operations:
    """Calls operations on one table and looks at what they did."""

    engine: Any  # of tests/sql/engine/conftest.py
    root: str

    @property
    def top(self) -> str:
        return self.engine.value("select pg_partition_root(%s::regclass)::text", self.root)

    def apply(self, operation: str, arguments: dict | None = None, session=None, **options) -> None:
        (session or self.engine.superuser).execute(
            "call pgops.operation_apply(%s::regclass, %s, %s, %s)",
            [self.root, operation, json.dumps(arguments or {}), json.dumps(options)],
        )

    def plan(self, operation: str, arguments: dict | None = None, session=None) -> list[dict]:
        with (session or self.engine.superuser).cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "select * from pgops.operation_plan(%s::regclass, %s, %s)",
                [self.root, operation, json.dumps(arguments or {})],
            ).fetchall()

    def record(self) -> dict:
        """The newest operation."""
        with self.engine.superuser.cursor(row_factory=dict_row) as cursor:
            return cursor.execute("select * from pgops.operation order by operation_id desc limit 1").fetchone()

    def rows(self) -> tuple:
        return self.engine.rows(self.top)

    def partitions(self) -> dict[str, tuple[str, int]]:
        """Bound and rows of each direct partition, by name."""
        return {
            name: (bound, self.engine.value(f"select count(*) from {relation}"))
            for name, relation, bound in self.engine.run(
                "select c.relname, c.oid::regclass::text, pg_get_expr(c.relpartbound, c.oid)"
                " from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = %s::regclass order by 1",
                self.root,
            )
        }

    def sizes(self) -> dict[str, int]:
        return {name: rows for name, (_, rows) in self.partitions().items()}

    def left_over(self) -> list[str]:
        """What operations have made and not removed: tables, functions, triggers, constraints."""
        return [
            name
            for (name,) in self.engine.run(
                """
                select relname::text from pg_class where relname like 'pgops\\_operation%' and relkind in ('r', 'p', 'i', 'I')
                    and relnamespace <> 'pgops'::regnamespace
                union all select proname from pg_proc where proname like 'pgops\\_operation%'
                union all select tgname from pg_trigger where tgname like 'pgops\\_operation%'
                union all select conname from pg_constraint where conname like 'pgops\\_operation%'
                """
            )
        ]

    def state(self) -> tuple:
        """All that an operation must leave alone when it is refused."""
        return (
            self.rows(), self.partitions(), self.left_over(), self.engine.value("select count(*) from pgops.operation"),
            self.engine.run(
                "select c.oid, c.relname, c.relfilenode, (select count(*) from pg_constraint k where k.conrelid = c.oid),"
                " (select count(*) from pg_trigger t where t.tgrelid = c.oid) from pg_class c"
                " where c.relnamespace = 'app'::regnamespace order by 1"
            ),
        )  # fmt: skip
