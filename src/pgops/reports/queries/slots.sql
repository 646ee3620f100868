-- Replication slots and the WAL that each keeps, the most first.
-- scope: cluster
-- column slot: slot
-- column type: physical (a standby's) or logical (a subscriber's)
-- column database: database of a logical one
-- column active: whether somebody is connected to it
-- column inactive_s: seconds since nobody is; before 17 empty
-- column kept_mb: megabytes of WAL that it keeps
-- column limit_mb: most that it may keep (max_slot_wal_keep_size); empty without a limit
-- column state: reserved; extended, beyond max_wal_size; unreserved, about to be lost; lost
-- column holds_back_transactions: transactions whose dead rows VACUUM must keep for it
-- good: all are active, and kept_mb is small.
-- bad: one that is not active and keeps more and more: the disk fills; lost: its standby or subscriber has to be made anew.
-- do: runbook replication-slot-holding-wal: bring its consumer back, or drop the slot with pg_drop_replication_slot.
select
    s.slot_name as slot,
    s.slot_type as type,
    s.database,
    s.active,
    -- A column of 17 and later: read so that 16 knows the statement, too.
    round(extract(epoch from clock_timestamp() - (to_jsonb(s) ->> 'inactive_since')::timestamptz)::numeric, 0) as inactive_s,
    case
        when not pg_is_in_recovery() then round((pg_current_wal_lsn() - s.restart_lsn) / 1048576, 1)
    end as kept_mb,
    nullif(current_setting('max_slot_wal_keep_size'), '-1') as limit_mb,
    s.wal_status as state,
    greatest(age(s.xmin), age(s.catalog_xmin)) as holds_back_transactions
from pg_replication_slots as s
order by kept_mb desc nulls last, s.slot_name asc
