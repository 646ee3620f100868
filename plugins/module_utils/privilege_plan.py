# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From privileges as they are and as they are declared to GRANT and REVOKE."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ansible_collections.pgops.fleet.plugins.module_utils.quoting import grantee, identifier


@dataclass(frozen=True)
class Wanted:
    """What one role shall be able to do on one object, no more and no less."""

    role: str
    privileges: tuple
    grant_option: bool = False
    grantor: str | None = None


@dataclass
class ItemChange:
    """What one declared item changes, in the words of the result and of the diff."""

    role: str
    object: str
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)


class Statements:
    """GRANT and REVOKE, those alike joined into one statement over several objects."""

    def __init__(self):
        self._objects = defaultdict(list)

    def grant(self, kind, sql, wanted, privileges):
        option = " with grant option" if wanted.grant_option else ""
        self._add(wanted.grantor, f"grant {', '.join(privileges)} on {kind}", sql, f"to {grantee(wanted.role)}{option}")

    def revoke(self, kind, sql, role, privileges, grantor, option_only=False):
        words = "grant option for " if option_only else ""
        self._add(grantor, f"revoke {words}{', '.join(privileges)} on {kind}", sql, f"from {grantee(role)}")

    def _add(self, as_role, head, sql, tail):
        self._objects[(as_role, head, tail)].append(sql)

    def listed(self):
        """Return ``[(role to run as or None, statement)]``, revocations first, so that a regrant is not taken back."""
        listed = [
            (as_role, f"{head} {', '.join(names)} {tail}") for (as_role, head, tail), names in self._objects.items()
        ]
        return sorted(listed, key=lambda entry: not entry[1].startswith("revoke"))


def acl_words(grants, order):
    """Return grants as PostgreSQL's ACLs say it: privileges in order, an asterisk where they may be passed on."""
    has = {}
    for grant in grants:
        has[grant["privilege"]] = has.get(grant["privilege"], False) or grant["grantable"]
    return ", ".join(f"{name}{'*' if has[name] else ''}" for name in order if name in has)


def wanted_words(wanted):
    star = "*" if wanted.grant_option else ""
    return ", ".join(f"{name}{star}" for name in wanted.privileges)


def compare(grants, wanted, owner):
    """Return what to revoke, ``[(grantor, privileges, only the grant option)]``, and which privileges to grant.

    A grantor that is the owner is None: a superuser's statement acts as the owner.
    """
    own = [grant for grant in grants if grant["grantee"] == wanted.role]
    surplus, options = defaultdict(list), defaultdict(list)
    for grant in own:
        by = None if grant["grantor"] == owner else grant["grantor"]
        if grant["privilege"] not in wanted.privileges:
            surplus[by].append(grant["privilege"])
        # An owner may always pass on what it has.
        elif grant["grantable"] and not wanted.grant_option and wanted.role != owner:
            options[by].append(grant["privilege"])
    enough = wanted.role == owner or not wanted.grant_option
    has = {grant["privilege"] for grant in own if grant["grantable"] or enough}
    revoke = [(by, sorted(names), False) for by, names in surplus.items()]
    revoke += [(by, sorted(names), True) for by, names in options.items()]
    return revoke, [name for name in wanted.privileges if name not in has]


def plan_object(subject, wanted, order, change, statements):
    """Add what makes one object's privileges of one role as wanted, and say so in the item's change."""
    revoke, grant = compare(subject.grants, wanted, subject.owner)
    if not revoke and not grant:
        return
    for by, names, option_only in revoke:
        statements.revoke(subject.kind, subject.sql, wanted.role, names, by, option_only)
    if grant:
        statements.grant(subject.kind, subject.sql, wanted, grant)
    own = [entry for entry in subject.grants if entry["grantee"] == wanted.role]
    change.before[subject.label] = acl_words(own, order)
    change.after[subject.label] = wanted_words(wanted)


def default_statements(item, grants, wanted):
    """Return ALTER DEFAULT PRIVILEGES statements that make future objects' privileges as wanted."""
    place = f" in schema {identifier(item['in_schema'])}" if item["in_schema"] else ""
    head = f"alter default privileges for role {identifier(item['for_role'])}{place}"
    on = "functions" if item["object"] == "routines" else item["object"]
    revoke, grant = compare(grants, wanted, item["for_role"])
    made = []
    for _by, names, option_only in revoke:
        words = "grant option for " if option_only else ""
        made.append(f"{head} revoke {words}{', '.join(names)} on {on} from {grantee(wanted.role)}")
    if grant:
        option = " with grant option" if wanted.grant_option else ""
        made.append(f"{head} grant {', '.join(grant)} on {on} to {grantee(wanted.role)}{option}")
    return made
