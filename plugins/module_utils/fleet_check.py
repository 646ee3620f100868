# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What no host can see by itself: clusters in each other's way, and groups that miss each other."""

from __future__ import annotations

import re
from collections import defaultdict

from ansible_collections.pgops.fleet.plugins.module_utils.field_kinds import nearest

PORT = 5432
CLUSTER = "main"
# Groups of a system are named <system>_<part>; each part needs the one it takes its data from.
# What a primary declares stays when a standby takes over only if that declares the same.
CONTENTS = (
    "databases",
    "roles",
    "privileges",
    "default_privileges",
    "partitions",
    "incremental_views",
    "cron_jobs",
    "publications",
)
OF_THE_MACHINE = ("postgresql_kernel_settings", "postgresql_transparent_huge_pages")
NEEDS = {"primary": None, "subscriber": "primary", "standby": "primary"}
POOLER, POOLER_PORT = "pooler", 6432
# Groups whose hosts are no clusters, but serve some.
SERVING_GROUP = re.compile(rf"^(backup_repository|.+_{POOLER})$")


def fleet_problems(hostvars, groups, systems=()):
    """Return what is wrong between the hosts, each problem a readable line.

    hostvars: {host: variables}; groups: {group: [host]}; systems: names of the systems known.
    """
    clusters = sorted({host for group in _system_groups(groups, systems) for host in groups[group]})
    return [
        *_shared(hostvars, clusters, lambda given: ("port", given.get("postgresql_port") or PORT), "postgresql_port"),
        *_shared(hostvars, clusters, _named_cluster, "postgresql_cluster"),
        *_missing_groups(groups, systems),
        *_unknown_groups(groups, systems),
        *_itself(hostvars, groups, systems),
        *_unlike(hostvars, groups, systems),
        *_unlike_neighbours(hostvars, clusters),
        *_poolers(hostvars, groups, systems),
    ]


def cluster_hosts(groups):
    """Return the hosts that are clusters, sorted: all but those that only serve others, as a repository of backups does."""
    serving = {host for name, hosts in groups.items() if SERVING_GROUP.match(name) for host in hosts}
    return sorted(set(groups.get("all") or []) - serving)


def _system_groups(groups, systems):
    return [f"{system}_{part}" for system in systems for part in NEEDS if groups.get(f"{system}_{part}")]


def machine(host, variables):
    return str(variables.get("ansible_host") or host)


def _named_cluster(variables):
    return (
        "cluster",
        f"{variables.get('postgresql_version', '')}/{variables.get('postgresql_cluster') or CLUSTER}".lstrip("/"),
    )


def _shared(hostvars, clusters, what, variable):
    """Yield hosts that claim the same thing of the same machine."""
    claims = defaultdict(list)
    for host in clusters:
        given = hostvars.get(host) or {}
        claims[(machine(host, given), *what(given))].append(host)
    for (address, kind, value), hosts in sorted(claims.items(), key=str):
        if len(hosts) > 1:
            yield (
                f"{variable}: {' and '.join(hosts)} claim the same {kind} {value} of {address}; "
                f"give each host of one machine its own {variable}"
            )


def _missing_groups(groups, systems):
    for group in _system_groups(groups, systems):
        system, _underscore, part = group.rpartition("_")
        needed = NEEDS[part] and f"{system}_{NEEDS[part]}"
        if needed and not groups.get(needed):
            yield (
                f"group {group} has hosts ({', '.join(groups[group])}), but group {needed}, "
                "where their data comes from, has none; add a host to it"
            )
        if part == "primary" and len(groups[group]) > 1:
            yield f"group {group} has {len(groups[group])} hosts ({', '.join(groups[group])}); accepted: one"


def _unknown_groups(groups, systems):
    """Yield groups that are named after a system but that nothing reads; one that joins known groups carries variables."""
    known = [f"{system}_{part}" for system in systems for part in (*NEEDS, POOLER)]
    for group in sorted(groups):
        system = next((name for name in systems if group.startswith(f"{name}_")), None)
        placed = {host for part in NEEDS for host in groups.get(f"{system}_{part}") or []}
        if system and group not in known and not (groups[group] and placed.issuperset(groups[group])):
            yield f"group {group} is unknown; nearest known: {nearest(group, known) or ', '.join(known)}"


def _itself(hostvars, groups, systems):
    """Yield hosts that would take their data from themselves."""
    for system in systems:
        primaries = groups.get(f"{system}_primary") or []
        for part, needed in NEEDS.items():
            for host in (groups.get(f"{system}_{part}") or []) if needed else []:
                if host in primaries:
                    yield (
                        f"host {host} is in groups {system}_primary and {system}_{part}: "
                        "it would take its data from itself; take it out of one"
                    )
                    continue
                twin = next((name for name in primaries if _place(hostvars, name) == _place(hostvars, host)), None)
                if twin:
                    yield (
                        f"host {host} of group {system}_{part} is the same server as its source {twin}: "
                        f"{':'.join(_place(hostvars, host))}; give it an address or a port of its own"
                    )


def _unlike(hostvars, groups, systems):
    """Yield what the members of a physical cluster declare differently, although any of them can be the primary."""
    for system in systems:
        primary = next(iter(groups.get(f"{system}_primary") or []), None)
        for host in (groups.get(f"{system}_standby") or []) if primary else []:
            one, other = hostvars.get(primary) or {}, hostvars.get(host) or {}
            for name in _alike(system, one, other):
                if one.get(name) != other.get(name):
                    yield _differs(system, name, (primary, one.get(name)), (host, other.get(name)))
            stanzas = [given.get("backup_stanza") or name for name, given in ((primary, one), (host, other))]
            archives = groups.get("backup_repository") and one.get("postgresql_archive") not in (
                "off",
                "command",
                "directory",
            )
            if archives and len(set(stanzas)) > 1:
                yield _differs(system, "backup_stanza", (primary, stanzas[0]), (host, stanzas[1]))


def _unlike_neighbours(hostvars, clusters):
    """Yield what clusters of one machine declare differently, although the machine has it only once."""
    for name in OF_THE_MACHINE:
        first = {}
        for host in clusters:
            given = hostvars.get(host) or {}
            one, value = first.setdefault(machine(host, given), (host, given.get(name)))
            if value != given.get(name):
                yield (
                    f"{name} of {host} is {_shown(given.get(name))}, and of {one} {_shown(value)}; accepted: the same for both, as "
                    f"they are on one machine, {machine(host, given)}"
                )


def _alike(system, *variables):
    names = {name for given in variables for name in given if name.startswith(f"{system}_")}
    return sorted(names | {f"postgresql_{kind}" for kind in CONTENTS})


def _poolers(hostvars, groups, systems):
    """Yield poolers that have nothing to stand before, are clusters themselves, or claim a port that something else has."""
    clusters = cluster_hosts(groups)
    taken = {
        (machine(host, given), str(given.get("postgresql_port") or PORT)): host
        for host in clusters
        for given in [hostvars.get(host) or {}]
    }
    for system in systems:
        hosts = groups.get(f"{system}_{POOLER}") or []
        if hosts and not groups.get(f"{system}_primary"):
            yield (
                f"group {system}_{POOLER} has hosts ({', '.join(hosts)}), but group {system}_primary, "
                "which they stand before, has none; add a host to it"
            )
        for host in hosts:
            parts = [
                f"{name}_{part}" for name in systems for part in NEEDS if host in (groups.get(f"{name}_{part}") or [])
            ]
            if parts:
                yield (
                    f"host {host} is in groups {parts[0]} and {system}_{POOLER}; accepted: an entry of its own for the pooler, "
                    "which may have the same ansible_host"
                )
                continue
            given = hostvars.get(host) or {}
            place = (machine(host, given), str(given.get("pooler_port") or POOLER_PORT))
            other = taken.setdefault(place, host)
            if other != host:
                yield (
                    f"pooler_port: {host} claims the port {place[1]} of {place[0]}, which {other} has; give it a pooler_port of its own"
                )


def _differs(system, name, one, other):
    (first, there), (second, here) = one, other
    return (
        f"{name} of {second} is {_shown(here)}, and of {first} {_shown(there)}; accepted: the same for all of "
        f"{system}_primary and {system}_standby, as any of them can be the primary. Set it for a group that has both as children"
    )


def _shown(value):
    text = "not set" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _place(hostvars, host):
    given = hostvars.get(host) or {}
    return str(given.get("postgresql_address") or machine(host, given)), str(given.get("postgresql_port") or PORT)
