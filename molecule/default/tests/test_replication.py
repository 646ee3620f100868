"""Every row on the second host, over TLS, by a role that may do nothing else."""

from __future__ import annotations

import time

MONTHS = """
    select to_char(date at time zone 'UTC', 'YYYY-MM') as month, count(*) as rows,
           sum(hashtextextended(concat_ws('|', id, amount, state, transaction_guid, message), 0)) as checksum
    from app.t1 where date < '{until}' group by 1 order by 1
"""


def test_both_sides_are_equal_by_month(query, primary, subscriber):
    # Rows of the last minute may still advance; everything older was changed for the last time.
    (moment,) = query(primary, "select now() - interval '1 minute' as until")
    expected = query(primary, MONTHS.format(**moment))
    for _attempt in range(30):
        found = query(subscriber, MONTHS.format(**moment))
        if found == expected:
            break
        time.sleep(1)
    assert found == expected
    assert len(expected) >= 4


def test_stream_uses_tls_and_its_own_role(query, primary):
    (stream,) = query(
        primary,
        """
        select r.usename, r.application_name, s.ssl, s.version, r.state
        from pg_stat_replication r join pg_stat_ssl s using (pid)
        """,
    )
    assert stream["usename"] == "transactions_replication"
    assert stream["application_name"] == "t1_subscription"
    assert stream["ssl"]
    assert stream["version"] in ("TLSv1.2", "TLSv1.3")
    assert stream["state"] == "streaming"


def test_slot_is_active_and_ready_for_failover(query, primary):
    (slot,) = query(primary, "select to_jsonb(s) as slot from pg_replication_slots s")
    slot = slot["slot"]
    assert slot["slot_name"] == "t1_subscription"
    assert slot["active"]
    assert slot["wal_status"] == "reserved"
    assert slot.get("failover", True), "slots of 17 and later survive a promotion"


def test_publication_is_through_the_root(query, primary):
    assert query(primary, "select pubname, pubviaroot from pg_publication") == [
        {"pubname": "t1_publication", "pubviaroot": True}
    ]
    assert query(primary, "select schemaname, tablename from pg_publication_tables") == [
        {"schemaname": "app", "tablename": "t1"}
    ]


def test_no_password_in_the_subscription(query, subscriber):
    (row,) = query(subscriber, "select subconninfo from pg_subscription")
    assert "password" not in row["subconninfo"]
    assert "sslmode=verify-full" in row["subconninfo"].replace("'", "")


def test_replication_role_can_do_nothing_else(query, primary):
    rights = query(
        primary,
        """
        select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('app', 'pgops') and c.relkind in ('r', 'p', 'v', 'm')
          and c.oid not in (select relid from pg_partition_tree('app.t1') where level > 0)
          and has_table_privilege('transactions_replication', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
        """,
    )
    assert [row["name"] for row in rights] == ["app.t1"]
    (row,) = query(
        primary,
        "select has_table_privilege('transactions_replication', 'app.t1', 'INSERT, UPDATE, DELETE, TRUNCATE') as writes",
    )
    assert not row["writes"]


def test_row_without_a_month_arrives(query, primary, subscriber):
    """A row for a month that neither side has goes into the default partition of both; nothing stops."""
    insert = """
        insert into app.t1 (date, amount, state, transaction_guid, message)
        values ('2001-02-03', 1, 0, gen_random_uuid(), '{"account_number": "1", "client_id": 1, "operation_type": "online"}')
    """
    result = primary.run("su postgres -c %s", f"psql -XAtq -v ON_ERROR_STOP=1 -d transactions <<'SQL'\n{insert}\nSQL")
    assert result.rc == 0, result.stderr
    try:
        for _attempt in range(30):
            (there,) = query(subscriber, "select count(*) as rows from app.t1 where date = '2001-02-03'")
            if there["rows"] == 1:
                break
            time.sleep(1)
        assert there["rows"] == 1
    finally:
        primary.run(
            "su postgres -c %s", "psql -XAtq -d transactions -c \"delete from app.t1 where date = '2001-02-03'\""
        )


def test_apply_worker_has_nothing_to_complain_of(subscriber):
    """AFTER triggers of partitions made it warn of unclosed relations, once for every transaction."""
    log = subscriber.run("cat /var/log/postgresql/postgresql-*-main.log")
    assert log.rc == 0, log.stderr
    assert "logical replication apply worker" in log.stdout
    assert "not closed" not in log.stdout
