"""Who may connect, from where, and how; what stands in files."""

from __future__ import annotations

import pytest

from pgops.local.fleet import TEST

SECRETS = TEST.inventory / ".secrets"


def connect(host, user, password, target, *, sslmode="verify-full", database="transactions", sql="select 1"):
    """Try a TCP connection from `host`; returns the finished command."""
    authority = host.run("ls /etc/postgresql/*/main/tls/ca.crt").stdout.strip()
    return host.run(
        "PGPASSWORD=%s PGCONNECT_TIMEOUT=5 psql -XAtq -c %s %s",
        password,
        sql,
        f"host={target} dbname={database} user={user} sslmode={sslmode} sslrootcert={authority}",
    )


def address(host):
    return host.check_output("hostname -i")


def password(role):
    return (SECRETS / "passwords" / role).read_text().strip()


def test_replication_role_connects_from_the_subscriber_only(primary, subscriber):
    secret = password("transactions_replication")
    assert connect(subscriber, "transactions_replication", secret, address(primary)).rc == 0
    refused = connect(primary, "transactions_replication", secret, address(primary))
    assert "no pg_hba.conf entry" in refused.stderr


@pytest.mark.parametrize("role", ["transactions_app", "transactions_reader"])
def test_applications_connect_from_no_database_host(primary, subscriber, role):
    refused = connect(subscriber, role, password(role), address(primary))
    assert "no pg_hba.conf entry" in refused.stderr


@pytest.mark.parametrize("role", ["postgres", "transactions_owner", "transactions_jobs"])
def test_others_connect_from_nowhere(primary, subscriber, role):
    assert "no pg_hba.conf entry" in connect(subscriber, role, "any", address(primary)).stderr


def test_wrong_password_is_refused(primary, subscriber):
    refused = connect(subscriber, "transactions_replication", "wrong", address(primary))
    assert "password authentication failed" in refused.stderr


def test_connection_without_tls_is_refused(primary, subscriber):
    refused = connect(
        subscriber,
        "transactions_replication",
        password("transactions_replication"),
        address(primary),
        sslmode="disable",
    )
    assert "no encryption" in refused.stderr


def test_physical_replication_is_refused(primary, subscriber):
    refused = subscriber.run(
        "PGPASSWORD=%s psql -XAtq -c 'IDENTIFY_SYSTEM' %s",
        password("transactions_replication"),
        f"host={address(primary)} user=transactions_replication replication=true sslmode=require",
    )
    assert "no pg_hba.conf entry for replication" in refused.stderr


def test_secrets_are_private(primary, subscriber):
    for path in [SECRETS, *SECRETS.rglob("*")]:
        if path.suffix != ".crt":
            assert path.stat().st_mode & 0o077 == 0, path
    for host in (primary, subscriber):
        key = host.file(host.run("ls /etc/postgresql/*/main/tls/server.key").stdout.strip())
        assert (key.user, key.mode) == ("postgres", 0o600)
    passfile = subscriber.file(subscriber.run("ls /var/lib/postgresql/*.pgpass").stdout.strip())
    assert (passfile.user, passfile.mode) == ("postgres", 0o600)


def test_no_password_reached_a_log(primary, subscriber):
    for role in ("transactions_app", "transactions_reader", "transactions_replication"):
        for host in (primary, subscriber):
            found = host.run("grep -rlF %s /var/log/postgresql /etc/postgresql", password(role))
            assert found.stdout == "", f"{role}'s password stands in {found.stdout}"


def test_public_may_do_nothing(query, primary, subscriber):
    for host in (primary, subscriber):
        granted = query(
            host,
            """
            select 'schema ' || nspname as object, privilege_type from pg_namespace, aclexplode(nspacl)
            where nspname in ('app', 'pgops', 'public') and grantee = 0
            union all
            select 'database ' || datname, privilege_type from pg_database, aclexplode(datacl)
            where datname = 'transactions' and grantee = 0
            union all
            select 'table ' || c.oid::regclass, privilege_type from pg_class c, aclexplode(relacl)
            where relnamespace in ('app'::regnamespace, 'pgops'::regnamespace) and grantee = 0
            """,
        )
        assert granted == []


def test_reader_cannot_write(query, primary, subscriber):
    for host in (primary, subscriber):
        (row,) = query(
            host,
            """
            select bool_or(has_table_privilege('transactions_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) as writes,
                   has_table_privilege('transactions_reader', 'app.t1', 'SELECT') as reads,
                   has_table_privilege('transactions_reader', 'app.t1_totals', 'SELECT') as reads_totals
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'app' and c.relkind in ('r', 'p', 'v', 'm')
            """,
        )
        assert row == {"writes": False, "reads": True, "reads_totals": True}
