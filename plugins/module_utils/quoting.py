# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Names and texts as they stand in SQL statements."""

from __future__ import annotations


def identifier(name):
    """Return a single name in double quotes; dots and upper case are part of it."""
    if not name or "\x00" in name:
        raise ValueError(f"{name!r} is no name in PostgreSQL")
    return '"' + name.replace('"', '""') + '"'


def grantee(name):
    """Return a role as GRANT names it; public is a keyword."""
    return "public" if name.lower() == "public" else identifier(name)


def literal(text):
    """Return a text as a string constant, whatever standard_conforming_strings says."""
    quoted = "'" + str(text).replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted
