# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The settings of a member that follow from who its primary is: one file of their own, so that a change of roles can
write them without knowing what else the system declares."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import quote
from ansible_collections.pgops.fleet.plugins.module_utils.replication_members import conninfo
from ansible_collections.pgops.fleet.plugins.module_utils.role_changes import FAILOVER_SLOTS_SINCE, feeding

HEADER = "# Written by Ansible (pgops.fleet.standby); changes made here are overwritten.\n"
# What other tools put into postgresql.auto.conf, where it would win over this file.
MANAGED = (
    "primary_conninfo",
    "primary_slot_name",
    "hot_standby_feedback",
    "recovery_min_apply_delay",
    "sync_replication_slots",
    "synchronized_standby_slots",
    "synchronous_standby_names",
)


def replication_settings(members, state, options):
    """Return the settings of one member.

    state: what postgresql_replication_info said of it, {} before it first starts.
    options: version, wal_level of the cluster, passfile, authority, feedback, and sync_slots, false to hold back the
    synchronisation of slots for the moment.
    """
    host, version = members["host"], int(options["version"])
    member, waits_for = members["members"][host], feeding(members, host, state)
    source = {**members["connection"], "passfile": options["passfile"], "sslrootcert": options["authority"]}
    settings = {
        "primary_conninfo": conninfo(source),
        "primary_slot_name": member["slot"],
        "hot_standby_feedback": "on" if options["feedback"] else "off",
        "recovery_min_apply_delay": member["delay"],
        "synchronous_standby_names": synchronous_names(waits_for["synchronous"]),
    }
    if version >= FAILOVER_SLOTS_SINCE:
        logical = options["wal_level"] == "logical"
        synchronise = logical and options["feedback"] and options["sync_slots"] and member["keeps_slots"]
        settings["sync_replication_slots"] = "on" if synchronise else "off"
        settings["synchronized_standby_slots"] = ", ".join(waits_for["synchronized"] if logical else [])
    return settings


def synchronous_names(slots):
    """Return a value of synchronous_standby_names: any one of them has to have a commit."""
    return f"ANY 1 ({', '.join(slots)})" if slots else ""


def render(settings):
    """Return the text of the file."""
    return HEADER + "".join(f"{name} = {quote(value)}\n" for name, value in settings.items())
