# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be done about a subscription, after a look at both of its sides."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.subscription import (
    literal,
    supported_options,
    target,
)
from ansible_collections.pgops.fleet.plugins.module_utils.subscription_catalog import (
    OWN_CLUSTER,
    current_subscriptions,
    missing_tables,
    refuse_slot_of_a_neighbour,
    refuse_unusable_owner,
)
from ansible_collections.pgops.fleet.plugins.module_utils.subscription_publisher import (
    Publisher,
    refuse_active_slot,
    refuse_foreign_slot,
    wait_until_orphaned,
)
from ansible_collections.pgops.fleet.plugins.module_utils.subscription_statements import (
    alter_statements,
    create_statements,
    drop_statements,
    refuse_unalterable,
)

NEWEST_VERSION = 1000  # stands for a server that is still to be made


@dataclass
class Plan:
    """What is to be done about one subscription, and what the publisher showed of it."""

    declared: object
    current: object = None
    options: dict = field(default_factory=dict)
    unsupported: list = field(default_factory=list)
    published: dict | None = None
    publisher_version: int = NEWEST_VERSION
    orphaned_slot: bool = False
    statements: list = field(default_factory=list)


class Planner:
    """Looks at both sides of a subscription before anything is changed."""

    def __init__(self, module, session):
        self.module = module
        self.session = session
        self.current = current_subscriptions(session) if session else {}
        self.version = postgres.get_server_version(session.connection) // 10000 if session else NEWEST_VERSION
        self.timeout = module.params["connect_timeout_seconds"]

    def object_to(self, problem):
        """In check mode a warning: what is missing may be what an earlier task would have made."""
        if not self.module.check_mode:
            raise Refused(problem)
        self.module.warn(problem)

    def plan(self, declared):
        plan = Plan(declared, self.current.get(declared.name))
        if not declared.present:
            self.plan_drop(plan)
            return plan
        if self.session:
            self.look_at_publisher(plan)
        plan.options, plan.unsupported = supported_options(declared, self.version, plan.publisher_version)
        if plan.current is None:
            plan.statements = create_statements(declared, plan.options)
        else:
            refuse_unalterable(plan.current, declared, plan.options, self.version)
            plan.statements = alter_statements(plan.current, declared, plan.options, plan.published)
        return plan

    def look_at_publisher(self, plan):
        declared, current = plan.declared, plan.current
        try:
            refuse_unusable_owner(self.session, declared)
        except Refused as refusal:
            self.object_to(str(refusal))
        moved = current is None or current.connection != declared.connection
        try:
            publisher = Publisher(declared.name, declared.connection, self.timeout, as_walsender=moved)
        except Refused as refusal:
            if current is not None and not declared.enabled:
                self.module.warn(str(refusal))
            else:
                self.object_to(str(refusal))
            return
        with publisher:
            if moved:
                self.refuse_own_cluster(declared, publisher)
            self.look_at_tables(plan, publisher)
            self.look_at_slot(plan, publisher)

    def refuse_own_cluster(self, declared, publisher):
        if publisher.is_own_cluster(self.session.row(OWN_CLUSTER)):
            raise Refused(
                f"subscription {declared.name}: connection ({target(declared.connection)}) leads back to the cluster "
                "of the subscriber, where the creation of the slot would wait for itself for ever. "
                "Set connection.host and connection.port to another cluster."
            )

    def look_at_tables(self, plan, publisher):
        declared = plan.declared
        plan.publisher_version = publisher.version
        if publisher.wal_level() != "logical":
            self.object_to(
                f"subscription {declared.name}: wal_level of the publisher ({target(declared.connection)}) is "
                f"{publisher.wal_level()}, needed is logical. Set it there and restart that server."
            )
        there = publisher.publications()
        missing = sorted(set(declared.publications) - set(there))
        if missing:
            self.object_to(
                f"subscription {declared.name}: the publisher ({target(declared.connection)}) has no publication "
                f"{', '.join(missing)}; there {'are ' + ', '.join(there) if there else 'is none'}. "
                "Create it there, or correct publications or connection.dbname."
            )
            return
        plan.published = publisher.tables(declared.publications)
        self.look_at_new_tables(plan)

    def look_at_new_tables(self, plan):
        declared = plan.declared
        known = plan.current.tables if plan.current else {}
        new = {name: table for name, table in plan.published.items() if name not in known}
        unreadable = sorted(name for name, table in new.items() if not table["readable"])
        if unreadable and declared.copy_data:
            self.object_to(
                f"subscription {declared.name}: {declared.connection['user']} may not read {', '.join(unreadable)} "
                "on the publisher, so the copy would fail again and again. "
                "Grant usage on the schema and select on the table."
            )
        absent = missing_tables(self.session, new)
        if absent:
            self.object_to(
                f"subscription {declared.name}: this database has no table {', '.join(absent)}, which the publications "
                "have. DDL is not replicated: create it here first."
            )

    def look_at_slot(self, plan, publisher):
        declared, current = plan.declared, plan.current
        slot = publisher.slot(declared.slot_name)
        if current is None and declared.create_slot:
            if slot is not None:
                self.look_at_left_over_slot(plan, publisher, slot)
        elif slot is None:
            self.refuse_missing_slot(declared, current, "is gone from the publisher")
        elif slot["wal_status"] == "lost" or slot["invalidation_reason"]:
            reason = slot["invalidation_reason"] or "its WAL was removed"
            self.refuse_missing_slot(declared, current, f"on the publisher is invalid ({reason})")

    def look_at_left_over_slot(self, plan, publisher, slot):
        refuse_foreign_slot(plan.declared, slot)
        refuse_slot_of_a_neighbour(self.session, plan.declared)
        if self.module.check_mode:
            refuse_active_slot(plan.declared, slot)
            plan.orphaned_slot = True
        else:
            plan.orphaned_slot = wait_until_orphaned(plan.declared, publisher)

    def refuse_missing_slot(self, declared, current, found):
        if current is None:
            self.object_to(
                f"subscription {declared.name}: create_slot is false, and the slot {declared.slot_name} {found}. "
                "Create it there, or leave create_slot out."
            )
            return
        if current.slot_name not in (None, declared.slot_name):
            return  # asked for another slot than the subscription has: refused with that reason
        raise Refused(
            f"subscription {declared.name}: its slot {declared.slot_name} {found}, so changes since its last position "
            "cannot be had any more. Drop the subscription (state: absent), empty its tables, and create it again: "
            "that copies them."
        )

    def plan_drop(self, plan):
        if plan.current is None:
            return
        dissociate = False
        if plan.current.slot_name is not None:
            dissociate = self.slot_cannot_be_dropped(plan)
        plan.statements = drop_statements(plan.current, dissociate)

    def slot_cannot_be_dropped(self, plan):
        """A slot that went with an interrupted drop would make DROP SUBSCRIPTION fail for ever."""
        current = plan.current
        try:
            with Publisher(current.name, current.connection, self.timeout, as_walsender=True) as publisher:
                return publisher.slot(current.slot_name) is None
        except Refused as refusal:
            consequence = f"the slot {current.slot_name} stays on the publisher and holds WAL there until it is dropped"
            command = f"select pg_drop_replication_slot({literal(current.slot_name)})"
            if not plan.declared.abandon_slot:
                raise Refused(
                    f"{refusal} Dropping the subscription drops its slot on the publisher too. Bring the publisher "
                    f"back, or set abandon_slot: true; then {consequence}: {command}."
                ) from refusal
            self.module.warn(f"{refusal} Subscription dropped without it: {consequence}: {command}.")
            return True
