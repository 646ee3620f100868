# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What stands against a switchover or a promotion, and what each of them has to do."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.replication_state import CLEAN, lsn_bytes
from ansible_collections.pgops.fleet.plugins.module_utils.replication_topology import (
    STANDBY,
    best_standby,
    running_standbys,
)

FAILOVER_SLOTS_SINCE = 17


def switchover_plan(found, members, seen, target, options):
    """Return C({step, from, problems, slots}): the step from which a switchover has to go on, and what forbids it.

    step: C(stop) the primary, C(promote) after an interruption, C(follow) when only the old primary is left, or C(none).
    """
    names = list(members["members"])
    if target not in names:
        return _nothing(f"switchover_to is {target!r}; accepted: a standby of {members['system']} ({', '.join(names)})")
    if found["problems"]:
        return _nothing(*found["problems"])
    if found["primary"] == target and found["members"][target]["running"]:
        left = [name for name, member in found["members"].items() if member["kind"] == "former primary"]
        step, problems = (
            "follow" if left else "none",
            _parted_problems(seen[target], seen[left[0]], left[0]) if left else [],
        )
        return {"step": step, "from": left[0] if left else None, "problems": problems, "slots": []}
    old = found["primary"]
    if old is None:
        lines = "; ".join(found["report"])
        return _nothing(
            f"{members['system']} has no primary to switch from ({lines}); if it is gone: playbooks/promote.yml"
        )
    plan = {"step": "stop", "from": old, "problems": _target_problems(found, members, seen, target, options)}
    if not seen[old]["running"]:
        plan["step"] = "promote"
        plan["problems"] += _interrupted_problems(seen, old, target)
    else:
        plan["problems"] += _lag_problems(found, seen, old, target, options)
        plan["problems"] += _slot_problems(seen[old], seen[target], target, options)
    plan["slots"] = slots_for_others(members, target)
    return plan


def _nothing(*problems):
    return {"step": "none", "from": None, "problems": list(problems), "slots": []}


def _parted_problems(new, old, name):
    """A former primary may follow as it is only if it stopped cleanly before the new primary's timeline began."""
    ended = [step["ended_at_lsn"] for step in new["history"] if step["timeline"] == old["timeline"]]
    control = old["control"]
    if ended and control.get("state") == CLEAN and lsn_bytes(control["checkpoint_lsn"]) < lsn_bytes(ended[-1]):
        return []
    return [
        f"{name} is stopped on timeline {old['timeline']} (its control file says {control.get('state')}, checkpoint at "
        f"{control.get('checkpoint_lsn')}), and may have what the new primary has not: playbooks/rejoin.yml -e rejoin_host={name}"
    ]


def _target_problems(found, members, seen, target, options):
    info, member = seen.get(target) or {}, members["members"][target]
    if found["members"][target]["kind"] != STANDBY or not info.get("accepting"):
        line = next(line for line in found["report"] if line.startswith(f"{target} "))
        return [f"{line} is no running standby, so nothing can be switched over to it"]
    problems = []
    if member["upstream"] not in (None, found["primary"]):
        problems.append(
            f"{target} is fed from {member['upstream']} (standby_primary), not from {found['primary']}, and would not notice "
            f"its stop: switch over to {member['upstream']} first, or let {target} follow the primary"
        )
    if info.get("replay_paused"):
        problems.append(f"replay is paused on {target}; resume it first: SELECT pg_wal_replay_resume()")
    if member["delayed"]:
        problems.append(f"{target} is delayed by {member['delay']} (standby_apply_delay); choose another standby")
    return problems


def _lag_problems(found, seen, old, target, options):
    upstream = seen[target].get("upstream")
    if not upstream or upstream["status"] != "streaming":
        return [
            f"{target} does not receive from {old} at the moment (walreceiver: "
            f"{upstream['status'] if upstream else 'none'}); its log says why"
        ]
    problems, limit = [], int(options["max_lag_bytes"])
    lag = found["members"][target]["lag_bytes"]
    behind = max(lag or 0, seen[target]["replay_lag_bytes"] or 0)
    if lag is None or behind > limit:
        problems.append(
            f"{target} is {behind} bytes behind {old}; accepted: {limit} (switchover_max_lag_bytes). Wait until it has "
            "caught up, or until the load is less"
        )
    return problems


def _slot_problems(old, new, target, options):
    """Logical slots that the target does not have ready: their subscribers would miss what is written next."""
    there = {slot["name"]: slot for slot in new["slots"] if not slot["temporary"] and not slot["invalidated"]}
    wanted = [
        slot
        for slot in old["slots"]
        if slot["type"] == "logical" and not slot["temporary"] and slot["name"] not in options["abandoned_slots"]
    ]
    early = [slot for slot in wanted if _made_by_hand(slot, there) and not _is_past(slot, there[slot["name"]])]
    lost = [slot for slot in wanted if not _made_by_hand(slot, there) and not there.get(slot["name"], {}).get("synced")]
    return [_behind_problem(slot, there[slot["name"]], target) for slot in early] + _lost_problems(lost, old, target)


def _made_by_hand(slot, there):
    """Whether the standby has a slot of its own for the subscriber, which PostgreSQL keeps through a promotion."""
    twin = there.get(slot["name"], {"synced": True})
    same = all(slot.get(key) == twin.get(key) for key in ("type", "database", "plugin"))
    return same and not (slot["failover"] or twin["failover"] or twin["synced"])


def _is_past(slot, twin):
    """Whether the subscriber has all that was committed before the standby's slot was made, which that will not send."""
    return bool(slot["confirmed_flush_lsn"] and twin["confirmed_flush_lsn"]) and lsn_bytes(
        slot["confirmed_flush_lsn"]
    ) >= lsn_bytes(twin["confirmed_flush_lsn"])


def _behind_problem(slot, twin, target):
    return (
        f"the subscriber of slot {slot['name']} has confirmed {slot['confirmed_flush_lsn']}, and the slot of that name on "
        f"{target} sends only what was committed after {twin['confirmed_flush_lsn']}: wait until the subscriber is past that"
    )


def _lost_problems(lost, old, target):
    if not lost:
        return []
    names = ", ".join(f"{slot['name']} (database {slot['database']}, failover {slot['failover']})" for slot in lost)
    if old["version"] < FAILOVER_SLOTS_SINCE:
        how = (
            f"PostgreSQL {old['version']} does not keep them: make them on {target} before the change, as "
            "docs/how-to/switch-over-and-fail-over.md says (Logical subscribers)"
        )
    else:
        how = (
            "they need failover = true on the subscription, and sync_replication_slots on the standby; a slot whose "
            f"subscriber was away is synchronised once it has caught up. Without failover, make them on {target} before the "
            "change, as docs/how-to/switch-over-and-fail-over.md says (Logical subscribers)"
        )
    return [
        f"logical slots are not ready on {target}: {names}; {how}. To leave them behind: "
        '-e \'{"switchover_abandoned_slots": ["name"]}\''
    ]


def _interrupted_problems(seen, old, target):
    """After an interruption between stop and promotion: is all there?"""
    control = seen[old]["control"]
    if control.get("state") != CLEAN:
        return [
            f"{old} is stopped, but not cleanly (its control file says {control.get('state')}): start it again, or promote.yml"
        ]
    if lsn_bytes(seen[target]["received_lsn"]) <= lsn_bytes(control["checkpoint_lsn"]):
        return [
            f"{target} received WAL up to {seen[target]['received_lsn']}, {old} stopped with its last checkpoint at "
            f"{control['checkpoint_lsn']}: start {old} again, so that {target} gets the rest"
        ]
    return []


def slots_for_others(members, target):
    """Return the slots that a new primary needs: one for each member that will follow it directly."""
    return [
        member["slot"]
        for name, member in members["members"].items()
        if name != target and member["upstream"] in (None, target)
    ]


def promotion_plan(found, members, seen, options):
    """Return C({to, from, problems, slots, step}) of a promotion without the primary."""
    target, fenced = options["to"] or best_standby(found, seen), options["fenced"]
    old = _primary_that_was(found, members)
    plan = {"to": target, "from": old, "problems": [], "slots": [], "step": "promote"}
    if options["to"] and options["to"] not in members["members"]:
        plan["problems"].append(f"promote_to is {options['to']!r}; accepted: one of {', '.join(members['members'])}")
        return plan
    if found["primary"] and found["primary"] == target and seen[target]["accepting"]:
        return {**plan, "step": "none"}
    if target is None:
        plan["problems"].append(f"{members['system']} has no running standby: {'; '.join(found['report'])}")
        return plan
    plan["problems"] = [
        *_still_answers(found, members, seen, target, fenced, options["port_answers"]),
        *_not_the_best(found, members, seen, target, options.get("giving_up")),
    ]
    plan["slots"] = slots_for_others(members, target)
    return plan


def _primary_that_was(found, members):
    """Return the member that the standbys lost: the one that is neither a standby nor absent."""
    gone = [name for name, member in found["members"].items() if member["kind"] not in (STANDBY, "absent")]
    return found["primary"] or next(iter(gone), members["first"])


def _still_answers(found, members, seen, target, fenced, port_answers):
    old = _primary_that_was(found, members)
    heard = _heard_seconds_ago(found, members, seen, target)
    signs = []
    if seen.get(old, {}).get("running"):
        signs.append("its server runs")
    if port_answers:
        signs.append(f"its port {members['members'][old]['port']} answers {target}")
    if heard is not None and heard < 30:
        signs.append(f"{target} heard from it {heard:.1f} s ago")
    if not signs or fenced == old:
        return []
    wrong = f" (promote_fenced is {fenced!r})" if fenced else ""
    return [
        f"{old} still answers: {', '.join(signs)}{wrong}. A planned change loses nothing: playbooks/switchover.yml -e "
        f"switchover_to={target}. If clients can reach it no more (power off, cable, firewall), say so: "
        f"-e promote_fenced={old}"
    ]


def _heard_seconds_ago(found, members, seen, target):
    """Return when the target last heard from a primary; what another standby sends is no sign of the primary's life."""
    upstream = seen[target].get("upstream") or {}
    for name, member in members["members"].items():
        here = (member["address"], member["port"]) == (upstream.get("host"), upstream.get("port"))
        if here and found["members"][name]["kind"] == STANDBY and seen[name].get("accepting"):
            return None
    return upstream.get("heard_seconds_ago")


def _not_the_best(found, members, seen, target, given_up):
    info = seen.get(target) or {}
    if found["members"][target]["kind"] != STANDBY or not info.get("accepting"):
        line = next(line for line in found["report"] if line.startswith(f"{target} "))
        return [f"{line} is no running standby"]
    given_up = [name.strip() for name in (given_up or "").split(",") if name.strip()]
    best = best_standby(found, seen, given_up)
    ahead = _bytes_ahead(found, seen, target)
    if ahead.get(best, 0) > 0:
        delayed = " (it stays behind on purpose, and replays all that it received when it is promoted)"
        return [
            f"{target} received WAL up to {info['received_lsn']}, {best} has {ahead[best]} bytes more; promote that: "
            f"-e promote_to={best}{delayed if members['members'][best]['delayed'] else ''}. To give up what {target} does not "
            "have, and with it those who have it, each of which has to be copied anew then: "
            f"-e promote_giving_up={','.join(name for name, more in ahead.items() if more > 0)}"
        ]
    return []


def _bytes_ahead(found, seen, target):
    """Return by how many bytes each running standby has received more than the target."""
    has = lsn_bytes(seen[target]["received_lsn"])
    return {name: lsn_bytes(seen[name]["received_lsn"]) - has for name in running_standbys(found, seen)}


def stale_slots(members, host, state):
    """Return the slots that keep a member from being a good standby, or that hold WAL there for nobody.

    Logical slots that are failover and not synced stand in the way of synchronisation; those of members that this host
    does not feed any more would keep WAL for ever.
    """
    fed = {member["slot"] for member in members["members"].values() if member["upstream"] == host}
    known = {member["slot"] for member in members["members"].values()}
    return [
        slot["name"]
        for slot in state.get("slots", [])
        if not slot["active"]
        and (
            (slot["type"] == "logical" and slot["failover"] and not slot["synced"])
            or (slot["type"] == "physical" and slot["name"] in known - fed)
        )
    ]


def feeding(members, host, state):
    """Return C({synchronous, synchronized}): the slots whose standbys this primary may wait for.

    Only those that stream now, or that it waits for already: a standby that is not there yet would hold up every commit,
    and one that is away for a moment must not lose its rank silently.
    """
    if state.get("in_recovery") or not state.get("accepting"):
        return {"synchronous": [], "synchronized": []}
    streaming = {receiver["name"] for receiver in state["receivers"] if receiver["state"] == "streaming"}
    slots = {slot["name"] for slot in state["slots"] if slot["type"] == "physical"}
    settings = state["settings"]
    direct = [
        member for name, member in members["members"].items() if name != host and member["upstream"] in (None, host)
    ]
    said = {
        "synchronous": settings.get("synchronous_standby_names") or "",
        "synchronized": settings.get("synchronized_standby_slots") or "",
    }
    kept = {kind: [name for name in direct if _names(text, name["slot"])] for kind, text in said.items()}
    new = [member for member in direct if member["slot"] in streaming]
    return {
        "synchronous": [m["slot"] for m in direct if m["synchronous"] and (m in new or m in kept["synchronous"])],
        # Who has no copies of the slots can take over no subscriber, which then need not wait for it. A delayed one receives
        # nothing after a restart until it has replayed what it has: subscribers would stand still as long as its delay.
        "synchronized": [
            m["slot"]
            for m in direct
            if m["keeps_slots"] and not m["delayed"] and m["slot"] in slots and (m in new or m in kept["synchronized"])
        ],
    }


def _names(text, slot):
    return slot in [word.strip(' "') for word in text.replace("(", ",").replace(")", ",").split(",")]
