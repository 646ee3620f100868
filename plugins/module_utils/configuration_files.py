# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Texts of postgresql.conf, pg_hba.conf and pg_ident.conf: writing them, and reading settings from them."""

from __future__ import annotations

import re

HEADER = "# Written by Ansible (pgops.fleet.postgresql_configuration); changes made here are overwritten.\n"
SETTING_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*$")
# Set by whoever made the cluster, or directives rather than settings.
RESERVED = ("config_file", "data_directory", "hba_file", "ident_file", "include", "include_if_exists", "include_dir")

# A section a concern: title, and the names that belong there, the first match wins.
SECTIONS = (
    ("Extensions", r"(shared|session|local)_preload_libraries|.*\..*"),
    (
        "Connections",
        r"listen_addresses|port|.*_connections|unix_socket_.*|tcp_.*|authentication_timeout|password_encryption",
    ),
    ("TLS", r"ssl.*"),
    (
        "Memory",
        r"shared_buffers|.*work_mem|huge_page.*|temp_buffers|hash_mem_multiplier|max_stack_depth|effective_cache_size",
    ),
    ("Worker processes", r"max_worker_processes|max_parallel.*|parallel_.*|io_.*|.*_io_concurrency"),
    ("Archiving", r"archive_.*|restore_command"),
    (
        "Replication",
        r"max_wal_senders|max_replication_slots|max_slot.*|wal_keep_size|wal_sender_timeout|wal_receiver.*|hot_standby.*"
        r"|primary_.*|synchronous_standby_names|synchronized_standby_slots|sync_replication_slots|idle_replication.*"
        r"|max_logical.*|max_sync_workers.*|max_active_replication.*|recovery_.*|logical_decoding.*"
        r"|track_commit_timestamp",
    ),
    ("Write-ahead log and checkpoints", r".*wal.*|checkpoint.*|fsync|full_page_writes|synchronous_commit|commit_.*"),
    (
        "Planner",
        r".*_page_cost|cpu_.*|enable_.*|default_statistics_target|jit.*|.*_collapse_limit|geqo.*|plan_cache_mode",
    ),
    ("Logging", r"log.*|cluster_name|syslog.*"),
    ("Statistics", r"track_.*|compute_query_id|stats_.*"),
    ("Vacuum", r"autovacuum.*|vacuum.*"),
    ("Sessions", r".*"),
)

_TOKEN = re.compile(
    r"""^\s*(?P<name>[A-Za-z_][\w$.]*)(?:\s*=\s*|\s+)(?P<value>'(?:[^'\\\n]|\\.|'')*'|[^\s#']+)\s*(?:\#.*)?$""",
    re.ASCII,
)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PLAIN_ELEMENT = re.compile(r"^[a-z0-9_.:*/-]+$")
_PLAIN_TOKEN = re.compile(r"^[A-Za-z0-9_.$/:*-]+$")


class ConfigurationError(ValueError):
    """Something that cannot be written into a configuration file."""


def setting_value(value):
    """Return a value as text, the way PostgreSQL shows it: booleans on and off, lists separated by commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)):
        return ", ".join(_element(setting_value(entry)) for entry in value)
    if isinstance(value, (int, float, str)):
        return str(value)
    raise ConfigurationError(
        f"{value!r} is no value of a setting; accepted: a text, a number, a boolean, or a list of these"
    )


def _element(text):
    return text if _PLAIN_ELEMENT.match(text) else '"' + text.replace('"', '""') + '"'


def quote(text):
    """Return the text as a string of postgresql.conf (backslash escapes and doubled quotes)."""
    if "\x00" in text:
        raise ConfigurationError(f"{text!r} holds a zero byte, which no setting can")
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def unquote(text):
    """Return what a value of postgresql.conf means."""
    if not text.startswith("'"):
        return text
    inner = text[1:-1].replace("''", "'")
    return re.sub(r"\\([0-7]{1,3}|.)", lambda match: _unescape(match[1]), inner, flags=re.DOTALL)


def _unescape(code):
    return chr(int(code, 8)) if code[0] in "01234567" else _ESCAPES.get(code, code)


def read_settings(text):
    """Return ``[(name, value, line number)]`` of a configuration file, include directives among them."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        match = _TOKEN.match(line)
        if match:
            found.append((match["name"].lower(), unquote(match["value"]), number))
    return found


def declared_settings(settings):
    """Return the settings by lower-case name with their values as text; null ones are left out."""
    declared = {}
    for name, value in settings.items():
        if value is None:
            continue
        if not SETTING_NAME.match(name):
            raise ConfigurationError(
                f"setting {name!r} is no name PostgreSQL takes; accepted: letters, digits and underscores"
            )
        if name.lower() in RESERVED:
            raise ConfigurationError(
                f"setting {name} is decided when the cluster is made and cannot be declared here; leave it out"
            )
        if name.lower() in declared:
            raise ConfigurationError(f"setting {name.lower()} stands twice, in different case; write it once")
        declared[name.lower()] = setting_value(value)
    return declared


def render_settings(settings, comments=None):
    """Return the text of our file in conf.d: a section a concern, names in order, comments above their setting."""
    declared, sections = declared_settings(settings), {}
    for name in sorted(declared):
        title = next(title for title, names in SECTIONS if re.fullmatch(names, name))
        sections.setdefault(title, []).append(name)
    blocks = [HEADER]
    for title in (title for title, _names in SECTIONS if title in sections):
        lines = [f"# {title}"]
        for name in sections[title]:
            lines += _comment((comments or {}).get(name))
            lines.append(f"{name} = {quote(declared[name])}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _comment(text):
    return [f"# {line}".rstrip() for line in str(text).splitlines()] if text else []


def token(text):
    """Return a name as a token of pg_hba.conf or pg_ident.conf, quoted where it must be.

    A name that the operator put in double quotes stays so: quoted keywords are plain names there.
    """
    text = str(text)
    if not text or re.search(r"[\x00-\x1f\x7f]", text):
        raise ConfigurationError(f"{text!r} cannot stand in a line: it is empty or holds a control character")
    if _PLAIN_TOKEN.match(text) or re.fullmatch(r'"([^"]|"")*"', text):
        return text
    if text[0] in "+@" and len(text) > 1:
        return text[0] + token(text[1:])
    return '"' + text.replace('"', '""') + '"'


def _tokens(value):
    return ",".join(token(entry) for entry in value) if isinstance(value, (list, tuple)) else token(value)


def hba_fields(line):
    """Return the fields of one line of pg_hba.conf."""
    options = line.get("options") or {}
    return [
        token(line["type"]),
        _tokens(line["database"]),
        _tokens(line["user"]),
        token(line["address"]) if line.get("address") is not None else "",
        token(line["method"]),
        " ".join(f"{token(name)}={_option(setting_value(value))}" for name, value in sorted(options.items())),
    ]


def _option(text):
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ConfigurationError(f"option {text!r} holds a control character")
    return text if _PLAIN_TOKEN.match(text) else '"' + text.replace('"', '""') + '"'


def ident_fields(line):
    """Return the fields of one line of pg_ident.conf."""
    return [token(line["map"]), token(line["system_user"]), token(line["database_user"])]


def render_lines(lines, fields, titles):
    """Return the text of a file of lines: a title row, columns of one width, comments above their line."""
    present = [line for line in lines if line.get("state") != "absent"]
    rows = [fields(line) for line in present]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    out = [HEADER + "\n" + _row(titles, widths)]
    for line, row in zip(present, rows, strict=True):
        out += _comment(line.get("comment"))
        out.append(_row(row, widths))
    return "\n".join(out) + "\n"


def _row(cells, widths):
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


HBA_TITLES = ["# TYPE", "DATABASE", "USER", "ADDRESS", "METHOD", "OPTIONS"]
IDENT_TITLES = ["# MAP", "SYSTEM-USER", "DATABASE-USER"]
