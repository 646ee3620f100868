from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from pgops.local import status, summary
from pgops.local.clusters import SYSTEMS

ANSWER = [
    {"section": "server", "version": "18.6 (Debian 18.6-1)", "port": 5432, "tls": True, "size_bytes": 1},
    {"section": "archive", "mode": "on", "archived": 12, "last_archived_seconds_ago": 61, "failed": 0},
    {"section": "slot", "name": "t1_subscription", "active": True, "lag_bytes": 1234, "lag_seconds": 0.25},
    {"section": "month", "month": "2026-10", "rows": 50000, "processed": 49999},
    {"section": "month", "month": "2026-11", "rows": 51003, "processed": 51000},
    {"section": "totals", "groups": 200, "amount": "123456.78", "transactions": 100000},
    {"section": "total", "client_id": 7, "operation_type": "online", "amount": "999.50", "transactions": 510},
    {"section": "drift", "groups": 0},
    {
        "section": "job", "name": "t1-insert", "schedule": "5 seconds", "user": "transactions_jobs", "active": True,
        "last_status": "succeeded", "last_message": "CALL", "last_run_seconds_ago": 3.2, "last_duration_ms": 4.4,
        "failed_last_hour": 0,
    },
]  # fmt: skip


def answer(*changes: dict[str, Any]) -> dict[str, Any]:
    """A host's answer in which sections are replaced by those of the same name."""
    names = {change["section"] for change in changes}
    rows = [row for row in ANSWER if row["section"] not in names] + list(changes)
    known = {"host": "db1", "container": "pgops-db1", "address": "10.203.0.11", "package_source": "distribution"}
    known |= {"system": "transactions", "port": 5432, "role": "primary"}
    return {**known, "state": "running", **status.parse_answer(json.dumps(row) for row in rows)}


def shown(*hosts: dict[str, Any]) -> str:
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    summary.show({"environment": "local", "hosts": list(hosts)}, console)
    return console.export_text()


def test_lines_that_are_no_answer_are_passed_over() -> None:
    parsed = status.parse_answer(["SET", "", json.dumps(ANSWER[0]), "NOTICE: x"])
    assert parsed["server"]["port"] == 5432
    assert parsed["jobs"] == []


def test_everything_is_shown() -> None:
    subscriber = answer(
        {"section": "slot", "name": "x", "active": False, "lag_bytes": 5, "lag_seconds": 0},
        {"section": "month", "month": "2026-10", "rows": 50000, "processed": 49999},
        {
            "section": "subscription", "name": "t1_subscription", "enabled": True, "applying": True,
            "last_message_seconds_ago": 1, "tables_not_ready": 0,
        },
    ) | {"host": "db2", "container": "pgops-db2"}  # fmt: skip
    text = shown(answer(), subscriber)
    assert "10.203.0.11:5432" in text
    assert "18.6" in text
    assert "Debian's own packages" in text
    assert ["2026-10", "50,000", "50,000", "yes"] in [line.split() for line in text.splitlines()]
    assert "differ by 51,003" in text
    assert "999.50 (510 rows)" in text
    assert "t1-insert" in text
    assert "3 s ago" in text
    assert "1,234 bytes, 0.2 s" in text
    assert "nobody connected" in text
    assert "applying" in text
    assert "make psql HOST=db2" in text
    assert "hostaddr=10.203.0.11&sslmode=verify-full" in text


VIEW = {
    "section": "view", "name": "app.client_type_sum_mv", "groups": 1998, "amount": "98765.43", "age_seconds": 2.1,
    "last_duration_seconds": 0.034, "refreshes": 1201, "skipped": 7, "wrong_groups": 0,
}  # fmt: skip


def operations(view: dict[str, Any]) -> dict[str, Any]:
    """A host of the system operations, on a machine that has other clusters too."""
    rows = [row for row in ANSWER if row["section"] in ("server", "archive", "month")] + [view]
    known = {"host": "db3", "system": "operations", "container": "pgops-db3", "address": "10.203.0.13", "port": 5434}
    known["role"] = "primary"
    return {**known, "state": "running", **status.parse_answer(json.dumps(row) for row in rows)}


def test_each_system_has_its_own_table_of_rows() -> None:
    text = shown(answer(), operations(VIEW))
    assert "Rows of app.t1 by month" in text
    assert "Rows of app.operations by month" in text
    # One host has nothing to be equal to.
    assert ["2026-10", "50,000"] in [line.split() for line in text.splitlines()]
    assert "10.203.0.13:5434" in text
    assert "postgresql://operations_reader@db3:5434/operations_db?hostaddr=10.203.0.13" in text
    assert "password of operations_reader: inventories/local/.secrets/passwords/operations_reader" in text
    assert text.count("password of transactions_reader") == 1


def test_a_materialized_view_says_how_old_it_is() -> None:
    view, line = "app.client_type_sum_mv", shown(operations(VIEW))
    words = next(row for row in line.splitlines() if view in row).split()
    assert words == ["db3", view, "1,998", "98765.43", "2", "s", "ago", "34", "ms", "1,201", "7", "none"]


def test_a_view_that_waits_for_its_refresh_says_so() -> None:
    assert "12 until the next refresh" in shown(operations({**VIEW, "wrong_groups": 12}))
    never = {**VIEW, "age_seconds": None, "last_duration_seconds": None, "refreshes": 0}
    assert "never" in shown(operations(never))


def test_a_failing_archive_names_the_segment() -> None:
    failing = ANSWER[1] | {"failed": 3, "last_failed": "00000001000000000000000A", "last_failed_seconds_ago": 5}
    assert "00000001000000000000000A, 5 s ago" in shown(answer(failing))


def test_drift_says_how_to_look_at_it() -> None:
    assert "3 groups differ: select * from app.totals_drift()" in shown(answer({"section": "drift", "groups": 3}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"active": False}, "not active"),
        ({"last_status": None, "last_run_seconds_ago": None, "last_duration_ms": None}, "not yet due"),
        ({"last_status": "failed", "last_message": "ERROR: no\n"}, "failed: ERROR: no"),
    ],
)
def test_a_job_says_what_became_of_it(change: dict[str, Any], expected: str) -> None:
    assert expected in shown(answer({**ANSWER[-1], **change}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"enabled": False}, "disabled"),
        ({"applying": False}, "not connected"),
        ({"tables_not_ready": 2}, "2 tables being copied"),
    ],
)
def test_a_subscription_says_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    subscription = {
        "section": "subscription", "name": "s", "enabled": True, "applying": True, "tables_not_ready": 0,
        "last_message_seconds_ago": None,
    }  # fmt: skip
    assert expected in shown(answer({**subscription, **change}))


def test_hosts_that_do_not_answer_are_listed_with_the_reason() -> None:
    known = {"host": "db1", "system": "transactions", "port": 5432, "container": "pgops-db1", "address": None}
    text = shown({**known, "state": "not there (make up)"})
    assert "not there (make up)" in text
    assert "Jobs" not in text


def test_a_database_without_the_system_shows_what_there_is() -> None:
    server, archive = ANSWER[0], ANSWER[1]
    host = answer() | status.parse_answer([])
    host |= {"server": server, "archive": archive}
    del host["totals"]
    text = shown(host)
    assert "WAL archive" in text
    assert "Totals" not in text


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (126, 'OCI runtime exec failed: "psql": executable file not found in $PATH', "no PostgreSQL yet"),
        (126, "unable to find user postgres: no matching entries in passwd file", "no PostgreSQL yet"),
        (2, 'psql: error: FATAL:  database "transactions" does not exist', "no database transactions yet"),
        (2, "psql: error: connection to server on socket failed: No such file", "PostgreSQL does not run (make start)"),
        (3, "something else", "something else"),
        (3, "", "psql ended with status 3"),
    ],
)
def test_a_failing_question_becomes_words(code: int, message: str, expected: str) -> None:
    assert status.why_no_answer(code, message, "transactions") == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, "never"), (-0.2, "0 s ago"), (4.4, "4 s ago"), (119, "119 s ago"), (600, "10 min ago"), (7200, "2 h ago"),
     (400000, "5 d ago")],
)  # fmt: skip
def test_time_spans_are_words(seconds: float | None, expected: str) -> None:
    assert summary.ago(seconds) == expected


UPSTREAM = {
    "section": "upstream", "status": "streaming", "host": "10.203.0.13", "port": 5434, "timeline": 2,
    "replay_lag_bytes": 96, "last_commit_seconds_ago": 1.4,
}  # fmt: skip
RECEIVER = {
    "section": "receiver", "name": "db3b", "state": "streaming", "sync_state": "async", "lag_bytes": 2048,
    "lag_seconds": 0.31,
}  # fmt: skip


def replica(upstream: dict[str, Any]) -> dict[str, Any]:
    """A standby of the system operations."""
    rows = [ANSWER[0], upstream]
    known = {"host": "db3b", "system": "operations", "container": "pgops-db3", "address": "10.203.0.13", "port": 5433}
    answered = status.parse_answer(json.dumps(row) for row in rows)
    return {**known, "role": "standby", "state": "running", **answered}


def line_of(text: str, words: str) -> list[str]:
    return next(line for line in text.splitlines() if words in line).split()


def test_a_standby_and_its_primary_show_the_lag() -> None:
    primary = operations(VIEW)
    primary["receivers"] = [RECEIVER]
    text = shown(primary, replica(UPSTREAM))
    assert line_of(text, "10.203.0.13:5433")[:5] == ["db3b", "pgops-db3", "10.203.0.13:5433", "standby", "running"]
    assert line_of(text, "standby db3b")[3:] == ["streaming,", "async", "2,048", "bytes,", "0.3", "s"]
    assert (
        " ".join(line_of(text, "follows 10.203.0.13:5434, timeline 2")[5:]) == "streaming 96 bytes, last commit 1 s ago"
    )
    # What a standby does not do is not shown of it.
    assert ["db3b", "on"] not in [line.split()[:2] for line in text.splitlines()]


def test_a_standby_that_receives_nothing_says_so() -> None:
    alone = {**UPSTREAM, "status": None, "host": None, "port": None, "last_commit_seconds_ago": 300}
    text = shown(replica(alone))
    assert line_of(text, "nobody connected")[-4:] == ["commit", "5", "min", "ago"]


def test_clients_are_told_how_to_follow_the_primary() -> None:
    text = shown(operations(VIEW), replica(UPSTREAM))
    assert "whoever is the primary of operations:" in text
    assert "operations_reader@db3:5434,db3b:5433/operations_db?hostaddr=10.203.0.13,10.203.0.13" in text
    assert "target_session_attrs=primary&connect_timeout=2&tcp_user_timeout=3000" in text
    assert "whoever is the primary" not in shown(answer(), operations(VIEW))


def test_tables_of_the_lab_are_shown_in_their_shapes() -> None:
    sections = [
        {
            "section": "partitioned", "name": "app.event_logs", "key": "RANGE (created_at)", "partitions": 4,
            "estimated_rows": 3405, "size_bytes": 1234567,
        },
        {
            "section": "partitioned", "name": "app.event_logs_old", "key": None, "partitions": 0, "estimated_rows": None,
            "size_bytes": 8192,
        },
    ]  # fmt: skip
    answered = status.parse_answer(json.dumps(row) for row in [ANSWER[0], *sections])
    known = {
        "host": "lab1",
        "system": "partition_lab",
        "container": "pgops-db3",
        "address": "10.203.0.13",
        "port": 5434,
    }
    text = shown({**known, "role": "primary", "state": "running", **answered})
    assert line_of(text, "app.event_logs ") == [
        "lab1",
        "app.event_logs",
        "RANGE",
        "(created_at)",
        "4",
        "3,405",
        "1.2",
        "MB",
    ]
    assert line_of(text, "app.event_logs_old") == ["lab1", "app.event_logs_old", "0", "8", "kB"]
    assert "partition_lab_reader@lab1:5434/partition_lab" in text


def test_two_primaries_of_one_system_are_shown() -> None:
    assert shown(operations(VIEW), replica(UPSTREAM) | {"role": "primary"}).count("primary, one of 2") == 2
    assert "one of" not in shown(answer(), operations(VIEW), replica(UPSTREAM))


def test_the_login_that_is_in_use_is_shown(tmp_path):
    system = SYSTEMS["application"]
    assert system.reader_now(tmp_path) == "readonly_user_a"
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins" / "readonly_user").write_text("readonly_user_b\n")
    assert system.reader_now(tmp_path) == "readonly_user_b"
    assert SYSTEMS["transactions"].reader_now(tmp_path) == "transactions_reader"
