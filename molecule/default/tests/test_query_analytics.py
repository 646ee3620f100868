"""pg_activity and pgBadger beside system 4's cluster."""

from __future__ import annotations

import pytest

SLOW = "select pg_sleep(0.3) as a_statement_that_a_user_notices"


@pytest.fixture(scope="module")
def version(operations):
    """Major version of the cluster."""
    return operations.check_output("ls /etc/postgresql")


@pytest.fixture(scope="module")
def service(version):
    return f"pgops-log-report@{version}-application"


@pytest.fixture(scope="module")
def pages(version):
    return f"/var/lib/pgops/query-analytics/{version}-application"


def slow_statement(host):
    """Longer than log_min_duration_statement of the profile small, from a client whose name has spaces."""
    psql = "PGAPPNAME='a report' psql -XAtq -p 5435 -d application"
    host.check_output("su postgres -c %s", f'{psql} -c "{SLOW}"')


def test_the_log_becomes_pages_that_only_postgres_reads(operations, service, pages):
    slow_statement(operations)
    operations.check_output("systemctl start %s", service)
    assert operations.file(f"{pages}/index.html").exists
    assert (operations.file(pages).user, operations.file(pages).mode) == ("postgres", 0o700)
    assert operations.check_output("grep -rl --include='*.html' a_statement_that_a_user_notices %s", pages)
    # What was read already is not counted again.
    operations.check_output("systemctl start %s", service)


def test_the_timer_waits(operations, service):
    assert operations.service(f"{service}.timer").is_running
    assert operations.service(f"{service}.timer").is_enabled


def test_a_page_of_a_span_of_time_is_brought_here(operations, play, tmp_path):
    slow_statement(operations)
    begin = operations.check_output("date -u +'%Y-%m-%d %H:00:00'")
    status, output = play(
        "log_report", "--limit", "app1", query_analytics_begin=begin, query_analytics_target_directory=str(tmp_path)
    )
    assert status == 0, output
    page = (tmp_path / "app1-log.html").read_text()
    assert "a_statement_that_a_user_notices" in page
    assert oct((tmp_path / "app1-log.html").stat().st_mode)[-3:] == "600"


def test_what_is_no_moment_is_refused(play, tmp_path):
    status, output = play(
        "log_report",
        "--limit",
        "app1",
        query_analytics_begin="2026-11-30",
        query_analytics_target_directory=str(tmp_path),
    )
    assert status != 0
    assert "accepted: moments as in the log" in output
    assert list(tmp_path.iterdir()) == []


def test_pg_activity_shows_sessions_to_the_unprivileged_role(operations):
    show = "pg_activity --host /var/run/postgresql --port 5435 --username pgops_report --dbname application"
    sleep = 'setsid psql -XAtq -p 5435 -d application -c "select pg_sleep(12) as seen" > /dev/null 2>&1 &'
    operations.check_output("su postgres -c %s", sleep)
    # A terminal of its own has no size.
    terminal = f"TERM=xterm timeout 8 script --quiet --command 'stty cols 250 rows 50; exec {show}' /dev/null"
    seen = operations.run("su postgres -c %s", terminal).stdout
    assert "pgops_report@/var/run/postgresql:5435/application" in seen
    assert "select pg_sleep(12) as seen" in seen
