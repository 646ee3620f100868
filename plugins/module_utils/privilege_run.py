# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One run of the privileges module: find objects, compare, grant and revoke."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils import privilege_catalog as catalog
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_plan import (
    ItemChange,
    Statements,
    Wanted,
    acl_words,
    default_statements,
    plan_object,
    wanted_words,
)
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_targets import (
    DEFAULT_KINDS,
    KINDS,
    normalize_privileges,
    parse_target,
)
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier

MAINTAIN_SINCE = 170000


class Privileges:
    """One run over all items."""

    def __init__(self, module, session):
        self.module = module
        self.session = session
        self.roles = catalog.known_roles(session)
        self.schemas = catalog.known_schemas(session)
        self.version = int(session.value("show server_version_num")) if session else MAINTAIN_SINCE
        self.changes = []
        self.statements = []

    def plan(self):
        self._plan_objects()
        defaults = self.module.params["default_privileges"]
        names = ("role", "object", "for_role", "in_schema")
        _refuse_twice([" ".join(str(item[name]) for name in names) for item in defaults], "default_privileges")
        for item in defaults:
            self._plan_default(item)

    def _accepted(self, names):
        return tuple(name for name in names if name != "maintain" or self.version >= MAINTAIN_SINCE)

    def _wanted(self, item, accepted):
        if item["privileges"] is None and item["state"] == "present":
            raise Refused(
                f"role {item['role']} on {item['object']}: no privileges given; accepted: a list, [] for none"
            )
        names = [] if item["state"] == "absent" else item["privileges"]
        privileges = normalize_privileges(names, accepted, item["object"])
        role = "public" if item["role"].lower() == "public" else item["role"]
        return Wanted(role, tuple(privileges), item["grant_option"], item.get("grantor"))

    def _expect_role(self, name):
        """Refuse a role that does not exist; in check mode an earlier task may be about to make it."""
        if name in self.roles or name == "public" or name is None:
            return
        if not self.module.check_mode:
            raise Refused(f"role {name} does not exist; declare it with postgresql_roles first, or correct the name")
        if self.session and name not in getattr(self.module, "changing_roles", ()):
            self.module.warn(f"role {name} does not exist yet: assuming that it is still to be made")

    def _gone(self, item, *roles):
        return item["state"] == "absent" and any(role not in self.roles and role != "public" for role in roles)

    def _plan_objects(self):
        plans, statements = {}, Statements()
        items = [(item, parse_target(item["object"])) for item in self.module.params["privileges"]]
        _refuse_twice([f"role {item['role']} on {target}" for item, target in items], "privileges")
        # What is said of one object comes after, and so replaces, what is said of all in its schema.
        for item, target in sorted(items, key=lambda pair: not pair[1].all_in_schema):
            order = self._accepted(KINDS[target.kind])
            wanted = self._wanted(item, order)
            if self._gone(item, wanted.role):
                continue
            self._expect_role(wanted.role)
            self._expect_role(wanted.grantor)
            change = ItemChange(wanted.role, str(target))
            for subject in catalog.find_objects(self.session, target):
                if subject.exists or self._expect_object(item, subject):
                    plans[(subject.identity, wanted.role)] = (subject, wanted, order, change)
        for subject, wanted, order, change in plans.values():
            plan_object(subject, wanted, order, change, statements)
            if change.after and not any(change is known for known in self.changes):
                self.changes.append(change)
        self.statements += statements.listed()

    def _expect_object(self, item, subject):
        """Tell whether to go on with a missing object: in check mode an earlier task may be about to make it."""
        if item["state"] == "absent":
            return False
        if not self.module.check_mode:
            raise Refused(f"{subject.label} does not exist in database {self.module.params['login_db']}; make it first")
        if self.session and not getattr(self.module, "changing_contents", False):
            self.module.warn(f"{subject.label} does not exist yet: assuming that it is still to be made")
        return True

    def _plan_default(self, item):
        order = self._accepted(DEFAULT_KINDS[item["object"]])
        wanted = self._wanted(item, order)
        if self._gone(item, wanted.role, item["for_role"]):
            return
        self._expect_role(wanted.role)
        self._expect_role(item["for_role"])
        if item["in_schema"] and item["in_schema"] not in self.schemas:
            schema = catalog.Object("schema", (), "", f"schema {item['in_schema']}", exists=False)
            if not self._expect_object(item, schema):
                return
        grants = self._default_grants(item, item["in_schema"])
        self._refuse_taking_in_schema(item, wanted, order)
        statements = default_statements(item, grants, wanted)
        if statements:
            label = f"future {item['object']} of {item['for_role']}" + (
                f" in schema {item['in_schema']}" if item["in_schema"] else ""
            )
            own = [grant for grant in grants if grant["grantee"] == wanted.role]
            before, after = {label: acl_words(own, order)}, {label: wanted_words(wanted)}
            self.changes.append(ItemChange(wanted.role, label, before, after))
            self.statements += [(None, statement) for statement in statements]

    def _default_grants(self, item, schema):
        schema_is_missing = schema is not None and schema not in self.schemas
        if self.session is None or item["for_role"] not in self.roles or schema_is_missing:
            return []
        return catalog.default_grants(self.session, item["for_role"], item["object"], schema)

    def _refuse_taking_in_schema(self, item, wanted, order):
        """PostgreSQL adds a schema's default privileges to those for any schema, so they cannot take any away."""
        if not item["in_schema"] or item["state"] == "absent":
            return
        anywhere = [grant for grant in self._default_grants(item, None) if grant["grantee"] == wanted.role]
        beyond = [grant for grant in anywhere if grant["privilege"] not in wanted.privileges]
        if beyond:
            raise Refused(
                f"future {item['object']} of {item['for_role']} give {wanted.role} {acl_words(beyond, order)} in any "
                f"schema, which cannot be taken away in schema {item['in_schema']} alone; leave in_schema out"
            )

    def apply(self):
        if not self.statements or self.session is None:
            return
        with self.session.transaction():
            for as_role, statement in self.statements:
                if as_role:
                    self.session.change(f"set local role {identifier(as_role)}")
                self.session.change(statement)
                if as_role:
                    self.session.change("reset role")


def _refuse_twice(labels, option):
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise Refused(f"{'; '.join(twice)}: stands twice in {option}; write it once")
