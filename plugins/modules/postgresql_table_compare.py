#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_table_compare
short_description: Compare tables on two servers without copying rows
version_added: 0.1.0
description:
  - Compares the rows of tables on two servers by count and checksum of each bucket, and returns the buckets that
    differ. A bucket is a period of time of the key, or a range of the key's hash.
  - Each server computes its own checksums, at the same time, with the settings that a row's text depends on pinned.
    The order of rows does not matter. Only counts and checksums cross the network.
  - Names and types of the columns are compared first. Generated columns count as any other.
  - Changes nothing and runs in check mode as well. What does not exist yet in check mode is reported as not compared.
options:
  login_db:
    description:
      - Database on the first server.
    type: str
    required: true
  other:
    description:
      - How the host that this module runs on reaches the second server.
    type: dict
    required: true
    suboptions:
      host:
        description: Host name, address, or directory of the Unix socket; several addresses separated by commas.
        type: str
        required: true
      port:
        description: Port, or one for each host separated by commas.
        type: str
        default: "5432"
      target_session_attrs:
        description: Which of several hosts is meant, by what its server accepts.
        type: str
        choices: [any, read-write, read-only, primary, standby, prefer-standby]
        default: any
      dbname:
        description: Database. Without it O(login_db).
        type: str
      user:
        description: Role to log in as. It needs C(SELECT) on the tables.
        type: str
        required: true
      password:
        description: Password. O(other.passfile) keeps it out of the play.
        type: str
      passfile:
        description: Path of a password file on the host.
        type: path
      sslmode:
        description: How TLS is used.
        type: str
        choices: [allow, disable, prefer, require, verify-ca, verify-full]
        default: prefer
      sslrootcert:
        description: Path of the file with the certificate authority's certificate.
        type: path
      sslcert:
        description: Path of the client's certificate.
        type: path
      sslkey:
        description: Path of the client's key.
        type: path
      connect_timeout_seconds:
        description: How long to wait for a connection, and for an answer of a network that has gone.
        type: int
        default: 10
  tables:
    description:
      - The tables.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Table with its schema, V(app.t1). A partitioned table is compared as a whole.
        type: str
        required: true
      other_name:
        description:
          - Its name on the second server. Without it the same.
        type: str
      key:
        description:
          - Column by which the rows are put into buckets.
          - Without it the first column of the partition key, or of the primary key.
        type: str
      by:
        description:
          - Size of a bucket. Periods are in UTC and need a key of type C(date), C(timestamp) or C(timestamptz).
          - Without it V(month) for such a key and V(hash) for another.
        type: str
        choices: [hour, day, week, month, year, hash]
      buckets:
        description:
          - Number of buckets with O(tables[].by=hash).
        type: int
        default: 64
      columns:
        description:
          - V(all) calls tables with different columns or types different. V(common) compares what both have.
        type: str
        choices: [all, common]
        default: all
      where:
        description:
          - SQL condition for the rows to compare, with the table's alias C(t).
        type: str
  retries:
    description:
      - How often buckets that differ are compared again, because a replica lags behind.
    type: int
    default: 0
  wait_seconds:
    description:
      - Pause before buckets are compared again.
    type: float
    default: 1
attributes:
  check_mode:
    description: Only reads, so it does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
notes:
  - PostgreSQL 16 or later on both sides.
  - On one core a million narrow rows take between one and two seconds.
extends_documentation_fragment:
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Compare the published table with the subscriber's, month by month, allowing for the lag
  pgops.fleet.postgresql_table_compare:
    login_db: transactions
    other:
      host: db2.example.com
      user: transactions_reader
      passfile: /var/lib/postgresql/.pgpass
      sslmode: verify-full
      sslrootcert: /etc/postgresql/tls/ca.crt
    tables:
      - {name: app.t1, key: date, by: month}
    retries: 10
  register: compared
  failed_when: not compared.equal
"""

RETURN = r"""
equal:
  description: Whether all tables are equal. Null when a table could not be compared in check mode.
  returned: success
  type: bool
  sample: false
tables:
  description: The result for each table.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The table's name.
      type: str
      returned: always
    equal:
      description: Whether columns and rows are the same. Null when it could not be compared.
      type: bool
      returned: always
    rows_here:
      description: Number of rows on the first server.
      type: int
      returned: when compared
    rows_there:
      description: Number of rows on the second server.
      type: int
      returned: when compared
    key:
      description: Column by which the rows were put into buckets.
      type: str
      returned: when compared
    by:
      description: Size of a bucket.
      type: str
      returned: when compared
    buckets:
      description: Number of buckets that were compared.
      type: int
      returned: when compared
    differing:
      description: Buckets that differ, with count and checksum on both sides. A period has its beginning, in UTC.
      type: list
      elements: dict
      returned: when compared
      sample:
        - bucket: "2026-11-01 00:00:00"
          here: {rows: 1200, checksum: "-55340232221128654848"}
          there: {rows: 1199, checksum: "36893488147419103232"}
    columns_only_here:
      description: Columns that the second server's table lacks.
      type: list
      elements: str
      returned: when compared
    columns_only_there:
      description: Columns that the first server's table lacks.
      type: list
      elements: str
      returned: when compared
    types_that_differ:
      description: Columns with another type on the second server.
      type: list
      elements: dict
      returned: when compared
    comparisons:
      description: How often it was compared until the buckets were equal or the retries used up.
      type: int
      returned: when compared
queries:
  description: Always empty.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    Session,
    connect,
    run_module,
    server_message,
)
from ansible_collections.pgops.fleet.plugins.module_utils.table_checksums import PERIODS
from ansible_collections.pgops.fleet.plugins.module_utils.table_comparison import Comparison

SSL_MODES = ["allow", "disable", "prefer", "require", "verify-ca", "verify-full"]


def other_parameters(other, database):
    """The second server's options in libpq's names, with limits for a network that has gone."""
    seconds = other["connect_timeout_seconds"]
    parameters = {key: value for key, value in other.items() if value is not None and key != "connect_timeout_seconds"}
    return {
        "dbname": database,
        "application_name": "ansible postgresql_table_compare",
        "connect_timeout": seconds,
        "tcp_user_timeout": seconds * 1000,
        "keepalives_idle": seconds,
        **parameters,
    }


def open_other(module):
    """A session on the second server; in check mode None when it cannot be reached yet."""
    parameters = other_parameters(module.params["other"], module.params["login_db"])
    try:
        return Session(connect(parameters), module.check_mode)
    except psycopg.OperationalError as error:
        message = (
            f"other: cannot connect to database {parameters['dbname']} on {parameters['host']} port "
            f"{parameters['port']} as {parameters['user']}: {server_message(error)}"
        )
        if module.check_mode:
            module.warn(message)
            return None
        raise Refused(message) from error


def work(module, session):
    parameters = module.params
    other = open_other(module) if session else None
    if other is None:
        tables = [{"name": declared["name"], "equal": None} for declared in parameters["tables"]]
        return {"changed": False, "equal": None, "tables": tables}
    try:
        comparison = Comparison(session, other)
        tables = [
            comparison.compare(declared, parameters["retries"], parameters["wait_seconds"])
            for declared in parameters["tables"]
        ]
    finally:
        other.close()
    answers = [table["equal"] for table in tables]
    return {"changed": False, "equal": None if None in answers else all(answers), "tables": tables}


def main():
    text, path, required = {"type": "str"}, {"type": "path"}, {"type": "str", "required": True}
    other = {
        "host": required,
        "port": {"type": "str", "default": "5432"},
        "target_session_attrs": {
            "type": "str",
            "choices": ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"],
            "default": "any",
        },
        "dbname": text,
        "user": required,
        "password": {"type": "str", "no_log": True},
        "passfile": path,
        "sslmode": {"type": "str", "choices": SSL_MODES, "default": "prefer"},
        "sslrootcert": path,
        "sslcert": path,
        "sslkey": {"type": "path", "no_log": False},
        "connect_timeout_seconds": {"type": "int", "default": 10},
    }
    table = {
        "name": required,
        "other_name": text,
        "key": {"type": "str", "no_log": False},
        "by": {"type": "str", "choices": [*PERIODS, "hash"]},
        "buckets": {"type": "int", "default": 64},
        "columns": {"type": "str", "choices": ["all", "common"], "default": "all"},
        "where": text,
    }
    run_module(
        {
            "other": {"type": "dict", "required": True, "options": other},
            "tables": {"type": "list", "elements": "dict", "required": True, "options": table},
            "retries": {"type": "int", "default": 0},
            "wait_seconds": {"type": "float", "default": 1},
        },
        work,
    )


if __name__ == "__main__":
    main()
