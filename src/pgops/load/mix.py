"""What clients of system 4 do: mostly reading, some writing, and now and then a larger question."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

EVENT_TYPES = ("login", "view", "purchase", "logout", "error")
KEYS = ("address", "language", "phone", "theme", "note")
METRICS = ("response_ms", "queue_length", "basket_value")


Users = Sequence[tuple[int, str]]
"""Number and address of each user that the load may work with."""


@dataclass(frozen=True)
class Operation:
    """One kind of work; its share is of 100."""

    name: str
    share: int
    run: Callable[[psycopg.Connection, random.Random, Users], Any]
    """Does it on a connection in autocommit mode, for one of the users."""
    writes: bool = False


def _statement(text: str, values: Callable[[random.Random, Users], tuple[Any, ...]]):
    def run(connection: psycopg.Connection, chance: random.Random, users: Users) -> None:
        connection.execute(text, values(chance, users)).fetchall()

    return run


def _user(chance: random.Random, users: Users) -> tuple[Any, ...]:
    return (chance.choice(users)[0],)


def _event(chance: random.Random, users: Users) -> tuple[Any, ...]:
    data = {"page": chance.randint(1, 500), "ms": chance.randint(1, 900)}
    return chance.choice(EVENT_TYPES), chance.choice(users)[0], json.dumps(data)


def _process_next(connection: psycopg.Connection, _chance: random.Random, _users: Users) -> None:
    """Take some of what is to be done, and say that it is done, in one transaction."""
    with connection.transaction():
        found = connection.execute(
            "select id, created_at from app.events where status = 'pending' order by created_at limit 5 for update skip locked"
        ).fetchall()
        for number, at in found:
            connection.execute(
                "update app.events set status = 'processed', processed_at = now() where id = %s and created_at = %s",
                (number, at),
            )


OPERATIONS = (
    Operation("user by address", 25, _statement(
        "select id, name, status, metadata from app.users where email = %s",
        lambda chance, users: (chance.choice(users)[1],),
    )),
    Operation("entries of a user", 20, _statement("select key, value from app.data_entries where user_id = %s", _user)),
    Operation("last events of a user", 15, _statement(
        "select event_type, data, created_at from app.events where user_id = %s order by created_at desc limit 20", _user,
    )),
    Operation("statistics of a user", 5, _statement("select * from app.get_user_statistics(%s)", _user)),
    Operation("new event", 15, _statement(
        "insert into app.events (event_type, user_id, data) values (%s, %s, %s) returning id", _event,
    ), writes=True),
    Operation("changed entry", 10, _statement(
        "update app.data_entries set value = %s where id = (select min(id) from app.data_entries where user_id = %s and key = %s)"
        " returning id",
        lambda chance, users: (f"v{chance.randrange(10**6)}", chance.choice(users)[0], chance.choice(KEYS)),
    ), writes=True),
    Operation("metric", 7, _statement(
        "insert into app.metrics (metric_name, metric_value, tags) values (%s, %s, %s) returning id",
        lambda chance, _users: (chance.choice(METRICS), chance.randint(1, 10_000) / 10, json.dumps({"host": chance.randint(1, 20)})),
    ), writes=True),
    Operation("events to be processed", 3, _process_next, writes=True),
)  # fmt: skip


def draw(chance: random.Random) -> Operation:
    """One operation by chance, each as often as its share says."""
    (chosen,) = chance.choices(OPERATIONS, [operation.share for operation in OPERATIONS])
    return chosen


SEED_USERS = """
insert into app.users (name, email, status, metadata)
select
    'User ' || n, 'user' || n || '@example.com', case when n %% 20 = 0 then 'inactive' else 'active' end,
    jsonb_build_object('plan', (array['free', 'basic', 'pro'])[n %% 3 + 1])
from generate_series(1, %(users)s::bigint) as n
where not exists (select from app.users as u where u.email = 'user' || n || '@example.com')
"""
SEED_ENTRIES = """
insert into app.data_entries (user_id, key, value)
select u.id, k.key, 'v' || u.id
from app.users as u
cross join unnest(%(keys)s::text[]) as k (key)
where u.email ~ '^user[0-9]+@example[.]com$' and not exists (select from app.data_entries as d where d.user_id = u.id)
"""


def seed(connection: psycopg.Connection, users: int) -> tuple[Users, int]:
    """Make those of so many users, with their entries, that are missing; returns them all, and how many were made."""
    made = connection.execute(SEED_USERS, {"users": users}).rowcount
    connection.execute(SEED_ENTRIES, {"keys": list(KEYS)})
    found = connection.execute(
        "select id, email from app.users where email ~ '^user[0-9]+@example[.]com$' order by id limit %s", [users]
    )
    return found.fetchall(), made
