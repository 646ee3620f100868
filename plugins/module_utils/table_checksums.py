# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Count and checksum of a table's rows by bucket, the same on any server that holds the same rows.

What a checksum is: row_checksums. Rows never leave their server.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, quoted_name
from ansible_collections.pgops.fleet.plugins.module_utils.row_checksums import PINNED_SETTINGS, text_hash, totals

PERIODS = ("hour", "day", "week", "month", "year")
TIME_TYPES = {
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}
DEFAULT_PERIOD = "month"
NO_KEY = "null"


@dataclass(frozen=True)
class Cut:
    """How a table is cut into buckets: by periods of a key column of a time type, or by ranges of its hash."""

    key: str
    key_type: str
    by: str
    buckets: int

    def bucket(self):
        """SQL expression of a row's bucket, text. The table's alias is t."""
        column = f"t.{quoted_name(self.key, 'column')}"
        if self.by == "hash":
            return f"coalesce((abs(mod({text_hash(column)}, {self.buckets})))::text, '{NO_KEY}')"
        return f"coalesce(date_trunc('{self.by}', {column}::timestamp)::text, '{NO_KEY}')"

    def condition(self, buckets):
        """SQL condition for the rows of some buckets; for periods one that the planner can prune partitions by."""
        literals = [bucket.replace("'", "''") for bucket in buckets]
        listed = ", ".join(f"'{literal}'" for literal in literals)
        if self.by == "hash" or any(not bucket[:1].isdigit() or "BC" in bucket for bucket in buckets):
            return f"{self.bucket()} in ({listed})"
        column, cast = f"t.{quoted_name(self.key, 'column')}", TIME_TYPES[self.key_type]
        return " or ".join(
            f"({column} >= '{first}'::{cast} and {column} < ('{first}'::{cast} + interval '1 {self.by}'))"
            for first in literals
        )


def pin_settings(session):
    for name, value in PINNED_SETTINGS.items():
        session.execute("select set_config(%s, %s, false)", (name, value))


def read_columns(session, table):
    """{column: type}, None when there is no such table."""
    rows = session.rows(
        """
        select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type
        from pg_catalog.pg_attribute a
        where a.attrelid = pg_catalog.to_regclass(%s) and a.attnum > 0 and not a.attisdropped
        order by a.attnum
        """,
        (quoted_name(table),),
    )
    return {row["name"]: row["type"] for row in rows} or None


def natural_key(session, table):
    """The first column of the partition key, else of the primary key; None without either."""
    return session.value(
        """
        select a.attname::text
        from (select c.oid, p.partattrs[0] as column_number, 1 as rank
              from pg_catalog.pg_class c join pg_catalog.pg_partitioned_table p on p.partrelid = c.oid
              union all
              select i.indrelid, i.indkey[0], 2 from pg_catalog.pg_index i where i.indisprimary) k
        join pg_catalog.pg_attribute a on a.attrelid = k.oid and a.attnum = k.column_number and a.attnum > 0
        where k.oid = pg_catalog.to_regclass(%s)
        order by k.rank limit 1
        """,
        (quoted_name(table),),
    )


def cut_of(declared, columns, key):
    """The Cut of a declared table, given its columns and natural key."""
    name, key = declared["name"], declared["key"] or key
    if key is None:
        raise Refused(f"table {name} has neither a partition key nor a primary key. Set key to one of its columns.")
    if key not in columns:
        raise Refused(f"table {name} has no column {key}. Accepted as key: {', '.join(columns)}.")
    base_type = (
        columns[key].split("(")[0] if not columns[key].startswith("timestamp") else _without_precision(columns[key])
    )
    by = declared["by"] or (DEFAULT_PERIOD if base_type in TIME_TYPES else "hash")
    if by != "hash" and base_type not in TIME_TYPES:
        raise Refused(f"table {name}: by {by} needs a key of a time type, {key} is {columns[key]}. Accepted: by hash.")
    return Cut(key, base_type, by, declared["buckets"])


def _without_precision(type_name):
    """C(timestamp(3) with time zone) as C(timestamp with time zone)."""
    head, separator, tail = type_name.partition("(")
    return head + tail.partition(")")[2] if separator else type_name


def checksums(session, table, columns, cut, where=None, buckets=None):
    """{bucket: {"rows": count, "checksum": text}} of all buckets or of some."""
    conditions = [f"({condition})" for condition in (where, buckets and cut.condition(buckets)) if condition]
    rows = session.rows(
        f"""
        select {cut.bucket()} as bucket, {totals(columns)}
        from {quoted_name(table)} t {"where " + " and ".join(conditions) if conditions else ""}
        group by 1
        """
    )
    return {row.pop("bucket"): row for row in rows}


def differing_buckets(here, there):
    """[{"bucket", "here", "there"}] in order of buckets; a bucket that a side lacks has no rows there."""
    empty = {"rows": 0, "checksum": None}
    buckets = sorted(
        set(here) | set(there), key=lambda bucket: (len(bucket), bucket) if bucket.isdigit() else (0, bucket)
    )
    return [
        {"bucket": bucket, "here": here.get(bucket, empty), "there": there.get(bucket, empty)}
        for bucket in buckets
        if here.get(bucket) != there.get(bucket)
    ]


def column_differences(here, there):
    return {
        "columns_only_here": [name for name in here if name not in there],
        "columns_only_there": [name for name in there if name not in here],
        "types_that_differ": [
            {"column": name, "here": here[name], "there": there[name]}
            for name in here
            if name in there and here[name] != there[name]
        ],
    }
