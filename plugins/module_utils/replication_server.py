# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a running server says of its place in replication. Reads only."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.replication_state import read_history

# A standby cannot serve while these are lower than on its primary (manual, 26.4.3).
NOT_LOWER = (
    "max_connections",
    "max_worker_processes",
    "max_wal_senders",
    "max_prepared_transactions",
    "max_locks_per_transaction",
)
SETTINGS = (
    *NOT_LOWER,
    "wal_level",
    "primary_conninfo",
    "primary_slot_name",
    "hot_standby_feedback",
    "recovery_min_apply_delay",
    "sync_replication_slots",
    "synchronized_standby_slots",
    "synchronous_standby_names",
)
STATE = """
    select pg_catalog.pg_is_in_recovery() as in_recovery,
           pg_catalog.current_setting('server_version_num')::int / 10000 as version,
           (select s.system_identifier::text from pg_catalog.pg_control_system() s) as system_identifier,
           (select greatest(c.timeline_id, r.min_recovery_end_timeline)
            from pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_control_recovery() r) as control_timeline,
           pg_catalog.clock_timestamp()::text as asked_at
"""
PRIMARY = """
    select pg_catalog.pg_current_wal_flush_lsn()::text as lsn,
           substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) as timeline_digits
"""
STANDBY = """
    select greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())::text as received_lsn,
           pg_catalog.pg_last_wal_replay_lsn()::text as replayed_lsn,
           pg_catalog.pg_wal_lsn_diff(greatest(pg_catalog.pg_last_wal_receive_lsn(),
               pg_catalog.pg_last_wal_replay_lsn()), pg_catalog.pg_last_wal_replay_lsn())::bigint as replay_lag_bytes,
           pg_catalog.pg_last_xact_replay_timestamp()::text as last_commit_at,
           pg_catalog.pg_is_wal_replay_paused() as replay_paused,
           exists (select from pg_catalog.pg_stat_activity a
                   where a.backend_type = 'startup' and a.wait_event = 'RecoveryApplyDelay') as replay_delayed,
           (select max(substr(w.name, 1, 8)) from pg_catalog.pg_ls_waldir() w
            where w.name ~ '^[0-9A-F]{24}$') as timeline_digits
"""
UPSTREAM = """
    select r.status, r.sender_host as host, r.sender_port as port, r.slot_name as slot, r.received_tli as timeline,
           r.latest_end_lsn::text as sender_lsn, r.latest_end_time::text as sender_at,
           extract(epoch from pg_catalog.clock_timestamp() - r.last_msg_receipt_time)::float8 as heard_seconds_ago
    from pg_catalog.pg_stat_wal_receiver r
"""
RECEIVERS = """
    select r.application_name as name, r.client_addr::text as address, r.state, r.sync_state, r.flush_lsn::text as flush_lsn,
           r.replay_lsn::text as replay_lsn, extract(epoch from r.replay_lag)::float8 as replay_lag_seconds,
           pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_receive_lsn()
               else pg_catalog.pg_current_wal_flush_lsn() end, r.flush_lsn)::bigint as lag_bytes,
           r.usesysid is not null and exists (
               select from pg_catalog.pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical') as logical
    from pg_catalog.pg_stat_replication r order by 1
"""
# to_jsonb, because the columns differ between versions
SLOTS = """
    select s.slot_name::text as name, s.slot_type as type, s.database::text as database, s.plugin::text as plugin,
           s.active, s.temporary,
           s.restart_lsn::text as restart_lsn, s.confirmed_flush_lsn::text as confirmed_flush_lsn, s.wal_status,
           coalesce((pg_catalog.to_jsonb(s) ->> 'failover')::boolean, false) as failover,
           coalesce((pg_catalog.to_jsonb(s) ->> 'synced')::boolean, false) as synced,
           coalesce(pg_catalog.to_jsonb(s) ->> 'invalidation_reason', case when s.wal_status = 'lost' then 'lost' end) as invalidated
    from pg_catalog.pg_replication_slots s order by 1
"""
HISTORY = "select pg_catalog.pg_read_file('pg_wal/' || %s || '.history', true)"


def server_state(session):
    """Return a running server's state in replication."""
    state = session.row(STATE)
    state["settings"] = {
        name: session.value("select pg_catalog.current_setting(%s, true)", (name,)) for name in SETTINGS
    }
    control_timeline = state.pop("control_timeline") or 0
    state["upstream"] = None
    if state["in_recovery"]:
        state.update(session.row(STANDBY))
        state["upstream"] = session.row(UPSTREAM)
        # The control file only knows the timeline of the last restart point.
        digits = state.pop("timeline_digits") or "0"
        state["timeline"] = max(control_timeline, int(digits, 16), (state["upstream"] or {}).get("timeline") or 0)
        state["lsn"] = state["received_lsn"]
    else:
        row = session.row(PRIMARY)
        state.update(
            lsn=row["lsn"], timeline=int(row["timeline_digits"], 16), replay_paused=False, replay_delayed=False
        )
    state["slots"] = session.rows(SLOTS)
    state["receivers"] = session.rows(RECEIVERS)
    text = session.value(HISTORY, (f"{state['timeline']:08X}",)) if state["timeline"] > 1 else None
    state["history"] = read_history(text or "")
    return state
