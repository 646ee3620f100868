# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the inventory may not say in PostgreSQL's settings: what has a variable of its own, loses data, or contradicts its databases."""

from __future__ import annotations

# Settings that the role decides by a variable of its own, or that its programs rely on.
OWNED = {
    "port": "set postgresql_port",
    "unix_socket_directories": "leave it out; the collection's programs find the server in /var/run/postgresql",
    "data_directory": "set postgresql_data_directory before the cluster is made",
    "external_pid_file": "leave it out; postgresql-common sets it",
    "archive_mode": "set postgresql_archive",
    "archive_command": "set postgresql_archive: command, and postgresql_archive_command",
    "archive_library": "set postgresql_archive",
}


def _text(value):
    return ("on" if value else "off") if isinstance(value, bool) else str(value).strip().lower()


def _is_on(value):
    return _means(value, ("on", "1"), ("true", "yes"))


def _is_off(value):
    return _means(value, ("of", "off", "0"), ("false", "no"))


def _means(value, words, shortened):
    """PostgreSQL takes the beginnings of some words, too."""
    text = _text(value)
    return text in words or (text != "" and any(word.startswith(text) for word in shortened))


def _is_md5(value):
    return _text(value) == "md5"


def _is_replica(value):
    return _text(value) == "replica"


def _is_given(value):
    return _text(value) not in ("", "0", "[]") and not (isinstance(value, (list, tuple)) and not value)


# name: which values are dangerous, what they do (20 of the PostgreSQL 16 manual)
UNSAFE = {
    "fsync": (_is_off, "a crash of the machine can damage the whole cluster beyond repair"),
    "full_page_writes": (_is_off, "a crash of the machine can leave torn pages that recovery does not mend"),
    "zero_damaged_pages": (_is_on, "damaged pages are emptied, and their rows are gone"),
    "ignore_checksum_failure": (_is_on, "damaged pages are read as if they were whole"),
    "ignore_invalid_pages": (_is_on, "recovery goes on over references to missing pages, and hides that data was lost"),
    "ignore_system_indexes": (_is_on, "catalogue lookups scan whole tables"),
    "allow_system_table_mods": (_is_on, "a slip in the catalogue can damage the cluster beyond repair"),
    "autovacuum": (_is_off, "tables grow without bound, and transaction numbers run out"),
    "track_counts": (_is_off, "autovacuum does not see what is due"),
    "default_transaction_read_only": (
        _is_on,
        "whatever writes fails, clients and jobs alike; a role has it by its own settings",
    ),
    "synchronous_standby_names": (
        _is_given,
        "without a standby of that name each commit waits for ever; standby_synchronous asks for those of the inventory",
    ),
    "session_replication_role": (_is_replica, "triggers and foreign keys are not as they are declared, in any session"),
    "restrict_nonsystem_relation_kind": (_is_given, "nobody can use a view or a foreign table, reports among them"),
    "password_encryption": (
        _is_md5,
        "passwords set from now on do not let anybody in, as pg_hba.conf asks for scram-sha-256",
    ),
    "restart_after_crash": (_is_off, "after the crash of one session the server stays down until somebody starts it"),
    "pre_auth_delay": (_is_given, "each new connection waits for so long"),
    "post_auth_delay": (_is_given, "each new connection waits for so long"),
}
PRELOADED = ("pg_cron", "pg_ivm", "pg_stat_statements")


def settings_problems(settings, databases, allowed=()):
    """Return what is wrong with the merged settings of one host, each problem a readable line.

    databases: the merged databases, for whose extensions libraries are preloaded; allowed: names of unsafe settings that
    the operator has said to want.
    """
    given = {str(name).lower(): value for name, value in settings.items() if value is not None}
    return [
        *_control_characters(given),
        *_owned(given),
        *_unsafe(given, allowed),
        *_unknown_allowed(allowed),
        *_preload(given, databases),
        *_cron(given, databases),
    ]


def _control_characters(given):
    """No setting needs a line break, and files that repeat a value, units of systemd among them, would be broken by it."""
    for name, value in given.items():
        if isinstance(value, str) and any(ord(character) < 32 and character != "\t" for character in value):
            yield f"setting {name} is {value!r}; accepted: a value without line breaks and other control characters"


def _owned(given):
    for name, instead in OWNED.items():
        if name in given:
            yield f"setting {name} is {given[name]!r}; {instead}"


def _unsafe(given, allowed):
    for name, (is_dangerous, consequence) in UNSAFE.items():
        if name in given and is_dangerous(given[name]) and name not in allowed:
            yield (
                f"setting {name} is {given[name]!r}: {consequence}. If that is meant: "
                f"postgresql_unsafe_settings_allowed: [{name}]"
            )


def _unknown_allowed(allowed):
    for name in allowed:
        if name not in UNSAFE:
            yield f"postgresql_unsafe_settings_allowed names {name}; accepted: {', '.join(UNSAFE)}"


def _preload(given, databases):
    if "shared_preload_libraries" not in given:
        return
    value = given["shared_preload_libraries"]
    loaded = [str(name).strip().strip('"') for name in (value.split(",") if isinstance(value, str) else value)]
    for database in databases:
        for extension in database.get("extensions") or []:
            name = extension.get("name") if isinstance(extension, dict) else extension
            if database.get("state") != "absent" and name in PRELOADED and name not in loaded:
                yield (
                    f"setting shared_preload_libraries is {value!r}, without {name}, which database {database.get('name')} "
                    f"declares; accepted: a list with it: [{', '.join([name, *filter(None, loaded)])}]"
                )


def _cron(given, databases):
    wanted = given.get("cron.database_name")
    names = [database.get("name") for database in databases if database.get("state") != "absent"]
    if wanted is not None and wanted != "postgres" and wanted not in names:
        yield f"setting cron.database_name is {wanted!r}; accepted: a declared database, {', '.join([*names, 'postgres'])}"
