# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who stands together in streaming replication, as the inventory's groups and variables say.

A system's physical cluster are the hosts of its groups C(<system>_primary) and C(<system>_standby). The groups say who
they are and who is made first; who is the primary now, only the servers can tell (replication_topology.py). What is
declared here is therefore the same whoever is the primary: a change of roles changes no declaration.
"""

from __future__ import annotations

import re

from ansible_collections.pgops.fleet.plugins.module_utils.addresses import hba_address

PORT = 5432
CLUSTER = "main"
# Slots of subscribers are synchronised by a plain connection to a database, which pg_rewind needs as well.
DATABASE = "postgres"
PARTS = ("primary", "standby")
MEMBER_GROUP = re.compile(rf"^(?P<system>.+)_(?P<part>{'|'.join(PARTS)})$")
# What pg_rewind calls on the server it reads from (manual, pg_rewind, Notes).
NO_DELAY = ("0", "0s", "0ms")
REWIND_FUNCTIONS = (
    "pg_catalog.pg_ls_dir(text, boolean, boolean)",
    "pg_catalog.pg_stat_file(text, boolean)",
    "pg_catalog.pg_read_binary_file(text)",
    "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)",
)


class MembersError(ValueError):
    """Groups or variables from which no physical cluster can be read."""


def members_of(hostvars, groups, host):
    """Return the physical cluster that a host belongs to, {} for a host without standbys around it."""
    system = _system_of(groups, host)
    if system is None:
        return {}
    primaries = list(groups.get(f"{system}_primary") or [])
    names = list(dict.fromkeys([*primaries, *groups[f"{system}_standby"]]))
    if not primaries:
        raise MembersError(f"group {system}_standby has hosts ({', '.join(names)}), but {system}_primary has none")
    given = {name: hostvars[name] for name in names}
    role = given[primaries[0]].get("standby_role") or f"{system}_standby"
    members = {name: _member(name, given[name], primaries) for name in names}
    _refuse_wrong_upstreams(members)
    for member in members.values():
        member["generation"] = _generation(members, member)
    _decide_synchronous(members, given)
    others = [member for member in members.values() if member["name"] != host]
    return {
        "system": system,
        "first": primaries[0],
        "role": role,
        "host": host,
        "members": members,
        "generations": max(member["generation"] for member in members.values()),
        "connection": _connection(members[host], others, role),
        "declarations": _declarations(system, role, others),
    }


def replicated_hosts(groups):
    """Return the hosts of all systems that have a standby, sorted by name."""
    systems = {match["system"] for match in map(MEMBER_GROUP.match, groups) if match}
    replicated = [system for system in systems if groups.get(f"{system}_standby")]
    return sorted({host for system in replicated for part in PARTS for host in groups.get(f"{system}_{part}", [])})


def slot_name(host):
    """Return the name of a host's slot: its own, as far as a slot can be named so."""
    return re.sub(r"[^a-z0-9_]", "_", host.lower())[:63]


def _system_of(groups, host):
    matches = [MEMBER_GROUP.match(name) for name in groups if host in groups[name]]
    systems = sorted({match["system"] for match in matches if match and groups.get(f"{match['system']}_standby")})
    if len(systems) > 1:
        raise MembersError(
            f"host {host} is a member of {' and '.join(systems)}; a cluster is replicated as a whole: "
            "leave it in the groups of one system"
        )
    return systems[0] if systems else None


def _member(name, given, primaries):
    upstream, delay = _upstream(given, primaries), str(given.get("standby_apply_delay") or "0")
    return {
        "name": name,
        "group": "primary" if name in primaries else "standby",
        "address": str(given.get("postgresql_address") or given.get("ansible_host") or name),
        "port": int(given.get("postgresql_port") or PORT),
        "cluster": given.get("postgresql_cluster") or CLUSTER,
        "data_directory": given.get("postgresql_data_directory"),
        "slot": given.get("standby_slot") or slot_name(name),
        "upstream": upstream,
        "delay": delay,
        "delayed": delay not in NO_DELAY,
        # A standby of a standby cannot: its source has only copies of them.
        "keeps_slots": upstream is None and _boolean(given.get("standby_feedback")) is not False,
    }


def _upstream(given, primaries):
    """Return the standby that a host is fed from, None when it follows whoever is the primary."""
    chosen = given.get("standby_primary")
    return chosen if chosen and chosen not in primaries else None


def _refuse_wrong_upstreams(members):
    slots = {}
    for name, member in members.items():
        if member["upstream"] is not None and (member["upstream"] not in members or member["upstream"] == name):
            raise MembersError(
                f"standby_primary of {name} is {member['upstream']!r}; accepted: another member of its system "
                f"({', '.join(other for other in members if other != name)})"
            )
        twin = slots.setdefault(member["slot"], name)
        if twin != name:
            raise MembersError(
                f"standby_slot: {twin} and {name} would share the slot {member['slot']}; give one another standby_slot"
            )


def _generation(members, member):
    """Return 1 for who follows the primary, 2 for who is fed from such a standby, and so on."""
    chain = [member["name"]]
    while members[chain[-1]]["upstream"] is not None:
        chain.append(members[chain[-1]]["upstream"])
        if chain[-1] in chain[:-1]:
            raise MembersError(
                f"standby_primary leads in a circle: {' is fed from '.join(chain)}; leave one of them out, so that it "
                "follows the primary"
            )
    return len(chain)


def _decide_synchronous(members, given):
    """Synchronous is asked of the system: said of one standby it holds for all that do not say no themselves."""
    said = {name: _boolean(given[name].get("standby_synchronous")) for name in members}
    wanted = any(said.values())
    for name, member in members.items():
        member["synchronous"] = wanted and said[name] is not False


def _boolean(value):
    return None if value is None else str(value).lower() in ("true", "yes", "on", "1")


def _connection(member, others, role):
    """Return the parameters by which a member reaches what it is fed from, whoever that is at the moment."""
    upstream = [other for other in others if other["name"] == member["upstream"]]
    sources = upstream or others
    found = {
        "host": ",".join(source["address"] for source in sources),
        "port": ",".join(str(source["port"]) for source in sources),
        "dbname": DATABASE,
        "user": role,
        "application_name": member["slot"],
        "sslmode": "verify-full",
        "connect_timeout": "5",
        # connect_timeout does not bound a connection to a machine that has vanished.
        "tcp_user_timeout": "3000",
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "keepalives_count": "2",
    }
    return found if upstream else {**found, "target_session_attrs": "read-write"}


def _declarations(system, role, others):
    addresses = list(dict.fromkeys(hba_address(other["address"]) for other in others))
    comment = f"Members of {system}"
    lines = [
        {
            "type": "hostssl",
            "database": database,
            "user": role,
            "address": address,
            "method": "scram-sha-256",
            "comment": comment,
        }
        for address in addresses
        for database in ("replication", DATABASE)
    ]
    return {
        "databases": [{"name": DATABASE}],
        "roles": [
            {"name": role, "login": True, "replication": True, "secret": True, "comment": f"Standbys of {system}"}
        ],
        "privileges": [
            {"role": role, "object": f"function {name}", "privileges": ["EXECUTE"], "database": DATABASE}
            for name in REWIND_FUNCTIONS
        ],
        "hba": lines,
    }


def conninfo(parameters):
    """Return a connection string."""
    return " ".join(f"{name}={_conninfo_value(str(value))}" for name, value in parameters.items())


def _conninfo_value(value):
    if re.fullmatch(r"[^\s'\\]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
