"""A client of system 4 that outlives restarts of the server and of the pooler, and a change of its password.

    PGSERVICEFILE=inventories/local/.secrets/services/app_user.conf python docs/examples/client.py 60

adds users for so many seconds and then counts them. Needs psycopg with its pool (`pip install 'psycopg[binary,pool]'`).
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

Result = TypeVar("Result")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0
# What passes by itself: connection lost (08), rolled back (40), no free connection (53), shut down or starting (57).
PASSING = ("08", "40", "53", "57P")


def open_pool(service: str = "app_user") -> ConnectionPool:
    """A pool of ten; libpq reads the service file anew for each connection, so a new password is taken up within max_lifetime."""
    return ConnectionPool(
        f"service={service} application_name=example",
        min_size=2,
        max_size=10,
        timeout=2,  # seconds that a caller waits for a connection
        max_idle=30,
        max_lifetime=60,
        reconnect_timeout=300,
        check=ConnectionPool.check_connection,  # the health check: a round trip before a connection is handed out
        kwargs={"autocommit": True},
    )


def passes(error: Exception) -> bool:
    """Whether trying again may help. An error without SQLSTATE comes from the connection, not from the server."""
    if isinstance(error, PoolTimeout):
        return True
    return isinstance(error, psycopg.Error) and (error.sqlstate is None or error.sqlstate.startswith(PASSING))


def with_retries(work: Callable[[], Result], seconds: float = 60) -> Result:
    """Do it until it succeeds: pauses double up to a limit, and each is drawn at random, so that clients do not come back at once.

    The work must be safe to be done twice: when a connection is lost during COMMIT, nobody knows whether it was done.
    """
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
    while True:
        try:
            return work()
        except (psycopg.Error, PoolTimeout) as error:
            if not passes(error) or time.monotonic() > deadline:
                raise
            logging.info("trying again: %s", str(error).strip())
            time.sleep(random.uniform(0, pause))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def add_user(pool: ConnectionPool, email: str) -> None:
    """Safe to be done twice: the address is the client's own choice, and a second row with it is not made."""

    def work() -> None:
        with pool.connection() as connection:
            connection.execute(
                "insert into app.users (name, email) values (%s, %s) on conflict (email) do nothing", ("Example", email)
            )

    with_retries(work)


def count_users(pool: ConnectionPool, run: str) -> int:
    def work() -> int:
        with pool.connection() as connection:
            return connection.execute("select count(*) from app.users where email like %s", (f"{run}.%",)).fetchone()[0]

    return with_retries(work)


def main() -> int:
    """Add users for some seconds; 1 when one is missing whose insert was acknowledged."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("seconds", type=float, help="how long; PGSERVICEFILE names the service file of app_user")
    seconds, run, added = arguments.parse_args().seconds, uuid.uuid4().hex, 0
    with open_pool() as pool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            add_user(pool, f"{run}.{added}@example.com")
            added += 1
        found = count_users(pool, run)
    print(f"added {added}, found {found}")
    return int(added != found)


if __name__ == "__main__":
    sys.exit(main())
