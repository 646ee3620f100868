# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL for the checksum of rows, the same on any server that holds the same rows in a database of the same encoding.

A checksum is the sum of a 64-bit hash over the text of each row: the order of rows does not matter, a row that is there
twice counts twice, and the checksums of the parts of a table add up to that of the whole. Only the standard library is
used and nothing is imported from the collection: roles install this file on database hosts.
"""

from __future__ import annotations

# A row's text depends on these, and on nothing else but the row and the types of its columns.
PINNED_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "search_path": "pg_catalog",
    # With row-level security in the way an error is better than a part of the rows.
    "row_security": "off",
    "default_transaction_read_only": "on",
}


def quoted(name):
    """One identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def text_hash(expression):
    """SQL expression of the hash of the text of an expression."""
    return f'pg_catalog.hashtextextended({expression}::text collate "C", 0)'


def row_hash(columns, alias="t"):
    """SQL expression of the hash of a row, of these columns in this order."""
    return text_hash(f"row({', '.join(f'{alias}.{quoted(column)}' for column in columns)})")


def whole_row_hash(alias="t"):
    """SQL expression of the hash of a row, of all columns in the table's own order."""
    # Not t::text, which takes a column that is named t.
    return text_hash(f"({alias}.*)")


def totals(columns, alias="t"):
    """SQL select list: C(rows), and C(checksum) as text, null without rows."""
    return f"count(*) as rows, sum({row_hash(columns, alias)})::text as checksum"


def table_query(relation, columns, only=True):
    """SQL query for rows and checksum of one relation, its name already quoted; C(only) leaves its children out."""
    return f"select {totals(columns)} from {'only ' if only else ''}{relation} t"


def query_checksum(query, columns):
    """SQL query for rows and checksum of the result of a query."""
    return f"select {totals(columns)} from ({query}) t"
