"""Conversions: a plain table with everything that a table can have, calls, and what a test asks afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

ROWS = 1500
TABLE = f"""
create table app.country (code text primary key);
insert into app.country values ('de'), ('fr'), ('it');
create table app.seen (id bigint, note text);
create function app.touch() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
create function app.see() returns trigger language plpgsql as $$
begin insert into app.seen values (new.id, new.note); return null; end $$;
create table app.events (
    gone text, id bigint generated always as identity (increment by 2 cache 3), at timestamptz not null,
    country text default 'de', note text, number serial, twice integer generated always as (length(note) * 2) stored,
    constraint noted check (note <> 'never'), constraint longer check (length(note) < 5) not valid,
    constraint home foreign key (country) references app.country on update cascade,
    primary key (id, at)
);
alter table app.events drop column gone, drop constraint longer, alter note set statistics 77, alter note set storage external;
insert into app.events (at, country, note)
select '2024-01-01 00:00+00'::timestamptz + i * interval '97 minutes', (array['de', 'fr', null])[1 + i % 3], 'note ' || i
from generate_series(0, {ROWS - 1}) as i;
alter table app.events add constraint longer check (length(note) < 6) not valid;
create index events_note on app.events (lower(note)) where note <> 'x';
create index odd on app.events (country, at desc);
alter table app.events add constraint events_once unique (number, at);
create trigger touch before insert or update on app.events for each row execute function app.touch();
create trigger see after update on app.events for each row when (new.note like 'see%') execute function app.see();
create trigger off after delete on app.events for each row execute function app.touch();
alter table app.events disable trigger off;
create view app.notes with (security_barrier = true) as select e.id, e.note as text from app.events as e where e.note <> '';
create view app.over as select count(*) as notes from app.notes;
create function app.counted() returns bigint language sql begin atomic select count(*) from app.events; end;
create table app.line (n int, id bigint, at timestamptz, constraint of_event foreign key (id, at) references app.events on delete cascade);
insert into app.line select 1, id, at from app.events limit 20;
create statistics app.events_s on country, note from app.events;
alter table app.events enable row level security;
create policy own on app.events using (exists (select from app.country as c where c.code = country));
create rule quiet as on delete to app.events where old.id < 0 do instead nothing;
comment on table app.events is 'what happened'; comment on constraint home on app.events is 'where';
comment on index app.odd is 'odd one'; comment on view app.notes is 'texts'; comment on trigger see on app.events is 'sees';
"""
GRANTS = """
grant select (id, note), update (note) on app.events to engine_stranger with grant option;
grant insert on app.events to engine_monitor; grant select on app.notes to engine_monitor;
create publication convert_p for table app.events (id, at, note) with (publish_via_partition_root = true);
alter publication convert_p owner to engine_owner;
"""
MONTHS = {"by": {"range": "at", "every": "month"}, "name": "events_{year}_{month}", "ahead": 1}


@dataclass
class Conversion:
    """Conversions of the table app.events, and what a test asks afterwards."""

    engine: Any  # of tests/sql/engine/conftest.py
    table: str = "app.events"

    def apply(
        self, operation: str, arguments: dict | None = None, session=None, table: str | None = None, **options
    ) -> None:
        oid = self.engine.value("select %s::regclass::oid", table or self.table)
        (session or self.engine.session()).execute(
            "call pgops.operation_apply(%s::regclass, %s, %s, %s)",
            [oid, operation, json.dumps(arguments or {}), json.dumps(options)],
        )

    def record(self) -> dict:
        with self.engine.superuser.cursor(row_factory=dict_row) as cursor:
            return cursor.execute("select * from pgops.operation order by operation_id desc limit 1").fetchone()

    def rows(self, table: str | None = None) -> tuple:
        return self.engine.run(
            "select count(*), coalesce(sum(hashtextextended(row(t.id, t.at, t.country, t.note, t.number, t.twice)::text, 0)), 0)"
            f" from {table or self.table} as t"
        )[0]

    def left_over(self) -> list[str]:
        """What conversions have made and not removed."""
        return [
            name
            for (name,) in self.engine.run(
                """
                select relname::text from pg_class where relname like 'pgops\\_operation%' and relnamespace = 'app'::regnamespace
                union all select proname from pg_proc where proname like 'pgops\\_operation%'
                union all select tgname from pg_trigger where tgname like 'pgops\\_operation%'
                union all select stxname from pg_statistic_ext where stxname like 'pgops\\_operation%'
                """
            )
        ]

    def relations(self) -> list[tuple]:
        return self.engine.run(
            "select relname, relkind from pg_class where relnamespace = 'app'::regnamespace order by 1, 2"
        )
