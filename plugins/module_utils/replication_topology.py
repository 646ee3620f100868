# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who is the primary now, who its standbys are, and what must not be done: read from what the servers say.

The inventory's groups only say who is made first. Nothing here talks to a server.
"""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.replication_state import lsn_bytes, lsn_difference

# What a member was found to be.
ABSENT = "absent"  # no cluster
UNKNOWN = "unknown"  # does not answer
PRIMARY = "primary"  # runs and takes writes, or would when started
STANDBY = "standby"  # follows, or would when started
FORMER = "former primary"  # stopped, and would take writes when started, although another is the primary
STRANGER = "another cluster"  # was never a copy of the primary


def topology(members, seen, rebuild=""):
    """Return who is what, and for each member why it must not be touched.

    members: as members_of() returns them; seen: what postgresql_replication_info said, by host, {} or a failed
    result for a host that does not answer; rebuild: host whose cluster may be replaced.
    """
    found = _Topology(members, seen, rebuild)
    return {
        "system": members["system"],
        "primary": found.primary,
        "timeline": (seen.get(found.primary) or {}).get("timeline"),
        "members": {name: found.describe(name) for name in members["members"]},
        "problems": found.problems,
        "notes": found.notes(),
        "report": [found.line(name) for name in members["members"]],
    }


def answers(info):
    """Tell whether a look at a host succeeded."""
    return bool(info) and "exists" in info


class _Topology:
    """The judgement of one physical cluster."""

    def __init__(self, members, seen, rebuild):
        self.members = members["members"]
        self.system, self.first = members["system"], members["first"]
        self.seen = {name: info for name, info in seen.items() if answers(info)}
        self.rebuild = rebuild
        self.problems, self.refusals, self.primary = [], {}, None
        self.kinds = {name: self._first_sight(name) for name in self.members}
        self._find_primary()
        self._judge_others()
        self._judge_rebuild()

    def info(self, name):
        return self.seen.get(name) or {}

    def _first_sight(self, name):
        info = self.info(name)
        if not info:
            return UNKNOWN
        if not info["exists"]:
            return ABSENT
        return STANDBY if info["in_recovery"] else PRIMARY

    def of_kind(self, kind):
        return [name for name, found in self.kinds.items() if found == kind]

    def _find_primary(self):
        candidates = [name for name in self.of_kind(PRIMARY) if self._could_be_primary(name)]
        running = [name for name in candidates if self.info(name)["running"]]
        same = {self.info(name)["system_identifier"] for name in running}
        if len(running) > 1 and len(same) == 1:
            self.problems.append(self._two_primaries(running))
        elif running:
            self.primary = self.first if self.first in running else running[0]
        elif len(candidates) > 1:
            self.problems.append(
                f"{self.system}: {self._places(candidates)} are both stopped and would both take writes; start the one "
                "that was written to last by hand, then bring back the other: "
                "ansible-playbook playbooks/rejoin.yml -e rejoin_host=..."
            )
        elif candidates:
            self._stopped_primary(candidates[0])
        else:
            self._no_primary()

    def _could_be_primary(self, name):
        """A cluster that was never promoted takes writes only on the host that is made first."""
        return name == self.first or (self.info(name).get("timeline") or 1) > 1

    def _two_primaries(self, running):
        return (
            f"{self.system} has two primaries: {self._places(running)}. Both take writes, and what one takes the other "
            f"does not have. Stop the one that clients must not use (systemctl stop on its machine), then "
            "ansible-playbook playbooks/rejoin.yml -e rejoin_host=<the stopped one>"
        )

    def _stopped_primary(self, name):
        ahead = [
            other
            for other in self.of_kind(STANDBY)
            if (self.info(other)["timeline"] or 0) > self.info(name)["timeline"]
        ]
        unknown = self.of_kind(UNKNOWN)
        if ahead:
            self.kinds[name] = FORMER
            self.refusals[name] = (
                f"{name} is stopped on timeline {self.info(name)['timeline']}, but {self._places(ahead)} went on: it "
                "would take writes that nobody has. Find the primary first, then: "
                f"ansible-playbook playbooks/rejoin.yml -e rejoin_host={name}"
            )
        elif unknown:
            self.refusals[name] = (
                f"{name} is stopped and would take writes, and {' and '.join(unknown)} cannot be asked who is the "
                f"primary of {self.system} now; bring {' and '.join(unknown)} within reach, or start {name} by hand "
                "if you know that no other has been promoted"
            )
        else:
            self.primary = name

    def _no_primary(self):
        standbys, unknown = self.of_kind(STANDBY), self.of_kind(UNKNOWN)
        if self.kinds[self.first] != ABSENT:
            return
        if standbys:
            self.refusals[self.first] = (
                f"{self.first} has no cluster, but {self._places(standbys)} holds a copy of {self.system}: an empty "
                f"primary beside it would help nobody. To make it the primary: ansible-playbook playbooks/promote.yml "
                f"-e promote_to={standbys[0]} -e promote_fenced={self.first}; {self.first} then becomes its standby"
            )
        elif unknown:
            self.refusals[self.first] = (
                f"{self.first} has no cluster, and {' and '.join(unknown)} cannot be asked whether there is one already: "
                f"bring {' and '.join(unknown)} within reach, or take it out of the inventory"
            )
        else:
            self.primary = self.first

    def _judge_others(self):
        primary = self.info(self.primary)
        identifier = primary.get("system_identifier")
        for name in self.members:
            if name == self.primary or not self.info(name).get("exists") or name in self.refusals:
                continue
            if identifier and self.info(name)["system_identifier"] != identifier:
                self.kinds[name] = STRANGER
                found = self.info(name)["system_identifier"]
                what = f"system identifier {found}" if found else "its control file cannot be read"
                self.refusals[name] = (
                    f"{name} holds a cluster of its own in {self.info(name)['data_directory']} ({what}; the system "
                    f"identifier of {self.primary} is {identifier}). "
                    f"To replace it by a copy of {self.primary}, with the loss of all it holds: -e standby_rebuild={name}"
                )
            elif self.kinds[name] == PRIMARY and self.primary and not self.info(name)["running"]:
                self.kinds[name] = FORMER
                self.refusals[name] = (
                    f"{name} is a former primary, stopped on timeline {self.info(name)['timeline']}; the primary of "
                    f"{self.system} is {self.primary} on timeline {primary.get('timeline')}. To have it follow: "
                    f"ansible-playbook playbooks/rejoin.yml -e rejoin_host={name}"
                )
            elif self.kinds[name] == PRIMARY and not self.problems and not self._could_be_primary(name):
                self.refusals[name] = (
                    f"{name} is in group {self.system}_standby, but its cluster in {self.info(name)['data_directory']} "
                    "is no standby: it takes writes and was never promoted. To replace it by a copy, with the loss of "
                    f"all it holds: -e standby_rebuild={name}"
                )

    def _judge_rebuild(self):
        name = self.rebuild
        if name not in self.members:
            return
        if self.primary in (None, name) or not self.info(self.primary).get("accepting"):
            self.refusals[name] = (
                f"standby_rebuild is {name}, but there is no other running primary of {self.system} to copy from "
                f"({self._places(list(self.members))}); a copy is only replaced while its source answers"
            )
        else:
            self.refusals.pop(name, None)

    def _places(self, names):
        return " and ".join(self.line(name) for name in names)

    def line(self, name):
        """Return one line on a member."""
        info, kind = self.info(name), self.kinds[name]
        if kind in (ABSENT, UNKNOWN):
            return f"{name} ({'no cluster' if kind == ABSENT else 'does not answer'})"
        words = [
            kind,
            "running" if info["running"] else "stopped",
            f"timeline {info['timeline']}",
            # Of a stopped server only its last checkpoint is known; it may have written more.
            f"LSN {info['lsn']}" if info["running"] else f"last checkpoint at LSN {info['lsn']}, its WAL may go on",
        ]
        if info["running"] and not info["accepting"]:
            words[1] = f"running, not accepting connections: {info['message']}"
        if info["in_recovery"] and info["running"]:
            words.append(self._source(info))
            words.append(f"{self.lag_bytes(name)} bytes behind" if self.lag_bytes(name) is not None else "lag unknown")
        return f"{name} ({', '.join(words)})"

    @staticmethod
    def _source(info):
        upstream = info.get("upstream")
        if upstream:
            return f"receiving from {upstream['host']}:{upstream['port']}"
        return f"receiving from nobody{' until it has replayed what it has' if info.get('replay_delayed') else ''}"

    def lag_bytes(self, name):
        """Return how far a standby's received WAL is behind the primary's flushed WAL."""
        primary = self.info(self.primary)
        if not primary.get("accepting") or primary.get("in_recovery"):
            return None
        difference = lsn_difference(primary["lsn"], self.info(name).get("received_lsn"))
        return None if difference is None else max(0, difference)

    def describe(self, name):
        """Return what a role or a playbook has to know of a member."""
        info = self.info(name)
        follows = self.primary is not None and name != self.primary
        return {
            "kind": self.kinds[name],
            "role": "primary" if name == self.primary else "standby" if follows or info.get("in_recovery") else "none",
            "running": bool(info.get("running")),
            "exists": bool(info.get("exists")),
            "due": self._due(name),
            "refusal": self.refusals.get(name, ""),
            "lag_bytes": self.lag_bytes(name) if info.get("in_recovery") else None,
        }

    def _due(self, name):
        """Return what a deploy has to do for a standby: copy, finish an interrupted copy, or nothing."""
        if name in self.refusals or name == self.primary or self.kinds[name] == UNKNOWN:
            return ""
        if name == self.rebuild:
            return "rebuild"
        if self.kinds[name] == ABSENT:
            return "copy"
        return "" if self.info(name)["configured"] else "register"

    def notes(self):
        if self.primary in (None, self.first):
            return []
        return [
            f"{self.system}: the primary is {self.primary} on timeline {self.info(self.primary).get('timeline')}, "
            f"where the inventory's group {self.system}_primary has {self.first}. The servers' roles count; to have the "
            f"inventory say so too, swap the two hosts in groups {self.system}_primary and {self.system}_standby."
        ]


def best_standby(found, seen, given_up=()):
    """Return the running standby that received most, apart from those that are given up; None without one."""
    running = [name for name in running_standbys(found, seen) if name not in given_up]
    return max(running, key=lambda name: lsn_bytes(seen[name]["received_lsn"]), default=None)


def running_standbys(found, seen):
    """Return the standbys that accept connections and can follow."""
    return [
        name
        for name, member in found["members"].items()
        if member["kind"] == STANDBY and seen[name].get("accepting") and not member["refusal"]
    ]
