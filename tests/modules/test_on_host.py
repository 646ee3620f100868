"""The modules as a deploy runs them: sent to the host, with the host's Python and psycopg2 instead of psycopg 3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.sql.servers import CRON_DATABASE, REPOSITORY, SQL_SETS

SHOP = """
create table app.payment (payment_id int primary key, client_id int, amount numeric(18, 2));
create table app.t1 (id int, date timestamptz not null) partition by range (date);
insert into app.payment select i, i % 7, i / 10.0 from generate_series(1, 100) i;
"""


def tasks(database, owner):
    pgops = [{"name": path.name, "content": path.read_text()} for path in sorted(SQL_SETS.glob("pgops/*.sql"))]
    shop = [
        {"name": "V001__create_payment.sql", "content": SHOP},
        {"name": "R__percent.sql", "content": "create or replace view app.percent as select '100%s' as p"},
    ]
    query = "select client_id, sum(amount) as amount from app.payment where amount % 2 >= 0 group by client_id"
    return {
        "postgresql_scripts": {
            "sets": [{"name": "pgops", "scripts": pgops}, {"name": "shop", "role": owner, "scripts": shop}]
        },
        "postgresql_partitions": {
            "policies": [{"table": "app.t1", "by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}"}]
        },
        "postgresql_immv": {
            "views": [{"name": "app.totals", "owner": owner, "query": query, "verify_contents": True,
                       "comment": "100% right", "indexes": [{"columns": ["amount"]}]}]
        },
        "postgresql_cron_job": {
            "login_db": CRON_DATABASE,
            "jobs": [{"name": "percent", "cron": "0 0 $ * *", "run": "select '5%'", "database": database}],
        },
        "postgresql_table_compare": {
            "other": {"host": "localhost", "user": "postgres"},
            "tables": [{"name": "app.payment"}, {"name": "app.t1"}],
        },
    }  # fmt: skip


def play(server, modules, database, tmp_path, *options):
    """Run each module once on the host; the results by module."""
    playbook = tmp_path / "play.json"
    steps = [
        {"name": name, f"pgops.fleet.{name}": {"login_host": "localhost", "login_db": database, **arguments}}
        for name, arguments in modules.items()
    ]
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": steps}]))
    inventory = {"all": {"hosts": {server._container.name: {"ansible_connection": "community.docker.docker"}}}}
    (tmp_path / "hosts.json").write_text(json.dumps(inventory))
    configuration = tmp_path / "ansible.cfg"
    configuration.touch()  # none of the settings of whoever runs the tests
    environment = os.environ | {
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
    }
    command = [Path(sys.executable).with_name("ansible-playbook"), "-i", tmp_path / "hosts.json", playbook, *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout[done.stdout.index("{") :])
    return {task["task"]["name"]: next(iter(task["hosts"].values())) for task in report["plays"][0]["tasks"]}


def test_modules_on_the_host(server, database, owner, tmp_path):
    database.execute(f"create extension pg_ivm; create schema app authorization {owner}")
    name = database.info.dbname
    with server.cron_database():
        first = play(server, tasks(name, owner), name, tmp_path)
        again = play(server, tasks(name, owner), name, tmp_path, "--check")
    changing = [module for module in first if module != "postgresql_table_compare"]
    assert all(first[module]["changed"] for module in changing)
    assert not any(result["changed"] for result in again.values())
    assert first["postgresql_table_compare"]["equal"]
    assert database.execute("select p from app.percent").fetchone() == ("100%s",)
