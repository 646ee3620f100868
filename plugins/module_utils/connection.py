# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One connection a task: open it, ask, change, and keep the statements that changed something."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_text

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.community.postgresql.plugins.module_utils.database import pg_quote_identifier
from ansible_collections.community.postgresql.plugins.module_utils.version import LooseVersion

BOOKKEEPING_SCHEMA = "pgops"
DEFAULT_SOCKET_DIRECTORY = "/var/run/postgresql"

# Another session stood in the way and the transaction was rolled back whole: trying again is safe.
LOCK_NOT_AVAILABLE = "55P03"
RETRYABLE_SQLSTATES = {LOCK_NOT_AVAILABLE, "40P01", "40001"}


class Refused(Exception):
    """What was asked for cannot or must not be done. The message says what was asked, found, and what to do."""

    @property
    def diag(self):
        """The server's diagnosis, when it was the server that refused."""
        return getattr(self.__cause__, "diag", None)


def server_message(error):
    """The server's own words: message, SQLSTATE, detail, hint and context, each on its line."""
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None or not diagnosis.message_primary:
        return to_text(error).strip()
    lines = [f"{diagnosis.severity}: {diagnosis.message_primary} (SQLSTATE {diagnosis.sqlstate})"]
    for label, text in (
        ("DETAIL", diagnosis.message_detail),
        ("HINT", diagnosis.message_hint),
        ("CONTEXT", diagnosis.context),
    ):
        if text:
            lines.append(f"{label}: {text}")
    return "\n".join(lines)


def sqlstate(error):
    """The five characters by which PostgreSQL names an error, None for an error of the client's side."""
    return getattr(getattr(error, "diag", None), "sqlstate", None)


def quoted_name(name, kind="table"):
    """C(app.t1) as C("app"."t1"); upper and lower case stay as written."""
    return pg_quote_identifier(name, kind)


class Session:
    """A connection in autocommit mode, with plain rows out and the statements that changed something kept.

    Transactions are opened and closed explicitly, which is what procedures with COMMIT inside need.
    """

    def __init__(self, connection, check_mode=False):
        self.connection = connection
        self.check_mode = check_mode
        self.queries = []

    def rows(self, statement, parameters=None):
        """Execute and return the rows as plain dictionaries."""
        with self.connection.cursor(**postgres.pg_cursor_args) as cursor:
            cursor.execute(statement, parameters)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []

    def row(self, statement, parameters=None):
        """The first row, None without one."""
        found = self.rows(statement, parameters)
        return found[0] if found else None

    def value(self, statement, parameters=None):
        """The first column of the first row, None without one."""
        found = self.row(statement, parameters)
        return next(iter(found.values())) if found else None

    def execute(self, statement, parameters=None):
        """Execute what leaves nothing behind: settings of the session, begin, commit."""
        with self.connection.cursor(**postgres.pg_cursor_args) as cursor:
            cursor.execute(statement, parameters)

    def change(self, statement, parameters=None):
        """Keep the statement for the result, and execute it unless in check mode."""
        with self.connection.cursor(**postgres.pg_cursor_args) as cursor:
            text = statement if parameters is None else to_text(cursor.mogrify(statement, parameters))
            self.queries.append(" ".join(text.split()))
            if not self.check_mode:
                cursor.execute(statement, parameters)

    @contextlib.contextmanager
    def transaction(self, options="isolation level read committed", keep=True):
        """A transaction that is rolled back on an error, or always with keep=False."""
        self.execute(f"begin {options}")
        try:
            yield
        except BaseException:
            with contextlib.suppress(postgres.psycopg.Error):
                self.execute("rollback")
            raise
        self.execute("commit" if keep else "rollback")

    def close(self):
        self.connection.close()


def connect(parameters):
    """Open an autocommit connection with psycopg 3 or psycopg2, whichever community.postgresql chose."""
    parameters = {"client_encoding": "UTF8", **parameters}
    if LooseVersion("3") <= postgres.PSYCOPG_VERSION:
        # The client-side cursor sends a statement as it stands, so a procedure may COMMIT.
        return postgres.psycopg.connect(
            autocommit=True,
            cursor_factory=postgres.psycopg.ClientCursor,
            row_factory=postgres.psycopg.rows.dict_row,
            **parameters,
        )
    connection = postgres.psycopg.connect(**parameters)
    connection.autocommit = True
    return connection


def open_session(module):
    """Connect as the common options say.

    In check mode None stands for a server or a database that an earlier task would have made.
    """
    if module.check_mode and not postgres.HAS_PSYCOPG:
        module.warn("psycopg is not installed yet: assuming that the server is still to be made")
        return None
    postgres.ensure_required_libs(module)
    parameters = postgres.get_conn_params(module, module.params)
    parameters.setdefault("application_name", f"ansible {module._name}"[:63])
    try:
        return Session(connect(parameters), module.check_mode)
    except postgres.psycopg.OperationalError as error:
        if module.check_mode and _still_to_be_made(module, parameters):
            return None
        raise Refused(
            f"cannot connect to database {module.params['login_db']}: {server_message(error)}. "
            "Check login_host or login_unix_socket, login_port, login_user, and that the database exists."
        ) from error


def _still_to_be_made(module, parameters):
    """Is it the database, or the server with its local socket, that does not exist yet?"""
    directory = parameters.get("host") or DEFAULT_SOCKET_DIRECTORY
    if directory.startswith("/") and not Path(directory, f".s.PGSQL.{parameters.get('port', 5432)}").exists():
        module.warn(f"no server listens in {directory} yet: assuming that it is still to be made")
        return True
    for maintenance_database in ("postgres", "template1"):
        with contextlib.suppress(postgres.psycopg.OperationalError):
            session = Session(connect({**parameters, "dbname": maintenance_database}))
            try:
                known = session.value(
                    "select count(*) from pg_catalog.pg_database where datname = %s", (module.params["login_db"],)
                )
                return known == 0
            finally:
                session.close()
    return False


def with_retries(attempt, tries, wait=lambda: random.uniform(0.2, 0.5)):
    """Call attempt() until no other session stands in its way, at most `tries` times."""
    for _number in range(tries - 1):
        try:
            return attempt()
        except (postgres.psycopg.Error, Refused) as error:
            if sqlstate(error) not in RETRYABLE_SQLSTATES:
                raise
        time.sleep(wait())
    return attempt()


def extension(session, name):
    """Version and schema of an extension in this database, None when it is not there."""
    return session.row(
        """
        select e.extversion as version, n.nspname::text as schema
        from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
        where e.extname = %s
        """,
        (name,),
    )


def table_exists(session, name):
    """Is there a relation of this qualified name?"""
    return session.value("select pg_catalog.to_regclass(%s) is not null", (quoted_name(name),))


def ensure_bookkeeping(session, table, definition, comment):
    """Make schema pgops and one of its tables when missing."""
    if table_exists(session, f"{BOOKKEEPING_SCHEMA}.{table}"):
        return
    if session.value("select pg_catalog.to_regnamespace(%s) is null", (BOOKKEEPING_SCHEMA,)):
        session.change(f"create schema {BOOKKEEPING_SCHEMA}")
    session.change(f"create table {BOOKKEEPING_SCHEMA}.{table} ({definition})")
    session.change(f"comment on table {BOOKKEEPING_SCHEMA}.{table} is %s", (comment,))


def run_module(argument_spec, work, **options):
    """Everything around a module's own work(module, session): arguments, connection, errors, result."""
    specification = postgres.postgres_common_argument_spec()
    specification.update({"login_db": {"type": "str", "required": True}, **argument_spec})
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True, **options)
    session = None
    try:
        session = open_session(module)
        result = work(module, session)
    except Refused as refusal:
        module.fail_json(msg=to_text(refusal), queries=session.queries if session else [])
    except getattr(postgres.psycopg, "Error", ()) as error:
        module.fail_json(msg=server_message(error), queries=session.queries if session else [])
    finally:
        if session:
            session.close()
    module.exit_json(queries=session.queries if session else [], **result)
