"""The mix of system 4's clients, what they count, and where they connect to."""

from __future__ import annotations

import random
from collections import Counter

import psycopg
import pytest
from typer.testing import CliRunner

from pgops.cli import app
from pgops.errors import PgopsError
from pgops.load import mix, running
from pgops.load.service import Service, of_inventory

FILE = """\
# Connection service file
[app_user]
host=app1pool
port=6435
user=app_user_a
password=a#b=c%d
"""


def test_shares_are_of_a_hundred_and_drawn_as_often():
    assert sum(operation.share for operation in mix.OPERATIONS) == 100
    chance = random.Random(1)
    drawn = Counter(mix.draw(chance).name for _ in range(20_000))
    for operation in mix.OPERATIONS:
        assert drawn[operation.name] / 200 == pytest.approx(operation.share, abs=1.5)


def test_a_service_file_is_read_anew(tmp_path):
    path = tmp_path / "app_user.conf"
    path.write_text(FILE)
    service = Service(path, "app_user")
    assert service.parameters()["password"] == "a#b=c%d"
    assert "port=5435" in service.conninfo(port="5435")
    path.write_text(FILE.replace("app_user_a", "app_user_b"))
    assert service.parameters()["user"] == "app_user_b"


@pytest.mark.parametrize("text", [None, "", "[other]\nhost=x\n", "host=x\n", "[app_user]\nhost\n"])
def test_what_is_no_service_file_is_refused(tmp_path, text):
    service = of_inventory(tmp_path, "app_user")
    if text is not None:
        service.path.parent.mkdir(parents=True)
        service.path.write_text(text)
    with pytest.raises(PgopsError, match="there is no|is no connection service file"):
        service.parameters()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("connection refused"), "08 connection lost or refused"),
        (psycopg.errors.DeadlockDetected(), "40 rolled back (deadlock, serialization)"),
        (psycopg.errors.TooManyConnections(), "53 no resources (too many connections, disk full)"),
        (psycopg.errors.AdminShutdown(), "57 cancelled or shut down (statement time-out, restart)"),
        (psycopg.errors.UniqueViolation(), "23 UniqueViolation"),
    ],
    ids=str,
)
def test_class_of_an_error(error, kind):
    assert running.error_class(error) == kind


def test_summary_of_nothing():
    load = running.Load(lambda: "", users=[(1, "user1@example.com")], clients=1)
    assert load.summary()["all"] == {"done": 0, "p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0, "longest_ms": 0.0}


def test_a_server_that_does_not_answer_is_an_error_of_each_client():
    with running.Load(
        lambda: "host=127.0.0.1 port=1 connect_timeout=1", users=[(1, "user1@example.com")], clients=3, seed=1
    ) as load:
        load._stop.wait(0.3)
    found = load.summary()
    assert set(found["errors"]) == {"08 connection lost or refused"}
    assert found["connections"] == found["in_doubt"] == found["all"]["done"] == 0


@pytest.mark.parametrize("option", ["--clients", "--duration", "--users", "--rate"])
def test_values_out_of_range_are_refused(option):
    result = CliRunner().invoke(app, ["load", "application", option, "0"])
    assert isinstance(result.exception, PgopsError)
    assert f"{option} 0" in str(result.exception)
