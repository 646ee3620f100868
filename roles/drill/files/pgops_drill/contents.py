"""What a database holds: tables with count and checksum of their rows, and sequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pgops_drill.moment import Asks
from pgops_drill.row_checksums import quoted, whole_row_hash

# Rows of partitioned tables lie in their partitions. The last column: sequences, and the columns that take their values,
# which may be declared at the partition root.
TABLES = """
select n.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text, c.relispopulated,
       c.oid::bigint, pg_relation_size(c.oid), pg_relation_filenode(c.oid)::bigint, c.relfilenode::bigint,
       (select array_agg(distinct array[format('%I.%I', sn.nspname, s.relname), a.attname::text])
        from pg_depend d
        join pg_class s on s.oid = d.objid and s.relkind = 'S' and s.relpersistence <> 'u'
        join pg_namespace sn on sn.oid = s.relnamespace
        join pg_attribute r on r.attrelid = d.refobjid and r.attnum = d.refobjsubid
        join pg_attribute a on a.attrelid = c.oid and a.attname = r.attname and a.attnum > 0 and not a.attisdropped
        where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
          and d.refobjid in (c.oid, pg_partition_root(c.oid)) and r.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype))
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  and n.nspname !~ '^pg_(toast_)?temp_'
order by 1, 2
"""
SEQUENCES = """
select format('%I.%I', s.schemaname, s.sequencename), s.last_value, s.increment_by, s.cycle
from pg_sequences s
join pg_class c on c.relname = s.sequencename
join pg_namespace n on n.oid = c.relnamespace and n.nspname = s.schemaname
where c.relkind = 'S' and c.relpersistence = 'p'
order by 1
"""
LEFT_OUT = {
    "unlogged": "an unlogged table is not part of a backup",
    "foreign": "the rows of a foreign table are somewhere else",
    "empty view": "a materialized view that was never filled has no rows",
}


@dataclass(frozen=True)
class Table:
    """A relation that holds rows of its own."""

    database: str
    schema: str
    name: str
    oid: int
    size_bytes: int
    file: int
    """Number of its file, which changes when the table is rewritten or emptied behind a snapshot's back."""
    columns_of_sequences: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """As people write it."""
        return f"{self.schema}.{self.name}"


@dataclass
class Contents:
    """One side of the comparison; keys are (database, name)."""

    tables: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """rows and checksum, or error."""
    sequences: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """last_value, increment_by, cycle; of the source also later_value, read behind the moment."""
    left_out: list[dict[str, str]] = field(default_factory=list)


def list_tables(session: Asks, database: str) -> tuple[list[Table], list[dict[str, str]]]:
    """Tables that can be compared, and those that cannot, with the reason."""
    tables, left_out = [], []
    for schema, name, kind, persistence, populated, oid, size, file, seen_file, sequences in session.rows(TABLES):
        reason = None
        if kind == "f":
            reason = "foreign"
        elif persistence == "u":
            reason = "unlogged"
        elif not populated:
            reason = "empty view"
        if reason:
            left_out.append({"database": database, "table": f"{schema}.{name}", "why": LEFT_OUT[reason]})
            continue
        # Mapped relations have no file number of their own in pg_class; user tables do.
        columns = tuple((sequence, column) for sequence, column in sequences or ())
        tables.append(Table(database, schema, name, oid, size or 0, seen_file or file, columns))
    return tables, left_out


def checksum_query(table: Table) -> str:
    """Count, checksum, and the highest value of every column that takes its values from a sequence."""
    highest = "".join(f", max(x.{quoted(column)})" for _sequence, column in table.columns_of_sequences)
    return (
        f"select count(*), coalesce(sum({whole_row_hash('x')}), 0)::text{highest} "
        f"from only {quoted(table.schema)}.{quoted(table.name)} as x"
    )


def read_table(session: Asks, table: Table) -> dict[str, Any]:
    """Figures of one table."""
    # psycopg takes no % for its own as long as there are no parameters.
    count, checksum, *highest = session.rows(checksum_query(table))[0]
    figures: dict[str, Any] = {"rows": count, "checksum": checksum}
    used = {
        sequence: value
        for (sequence, _column), value in zip(table.columns_of_sequences, highest, strict=True)
        if value is not None
    }
    return figures | ({"used": used} if used else {})


def is_same_file(session: Asks, table: Table) -> bool:
    """Whether a table is still the one that the snapshot saw.

    TRUNCATE, REFRESH MATERIALIZED VIEW, CLUSTER and some forms of ALTER TABLE put a new file in its place, whose rows
    an older snapshot sees as well or not at all.
    """
    return session.value("select pg_relation_filenode(%s::oid)::bigint", (table.oid,)) == table.file


def read_sequences(session: Asks, database: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Where the sequences of a database stand, and how far the WAL has them in advance; they are not part of any snapshot."""
    found = session.rows(SEQUENCES)
    advance = dict(
        session.rows(" union all ".join(f"select {n}, log_cnt from {row[0]}" for n, row in enumerate(found)))
        if found
        else []
    )
    return {
        (database, name): {"last_value": value, "increment_by": increment, "cycle": cycle, "log_cnt": advance[number]}
        for number, (name, value, increment, cycle) in enumerate(found)
    }
