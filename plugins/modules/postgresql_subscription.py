#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_subscription
short_description: Declare the subscriptions of a database to logical replication
version_added: 0.1.0
description:
  - Creates, alters, refreshes and drops subscriptions.
  - Before it changes anything it connects to each publisher as the subscription will, within a bounded time,
    and looks for the publications, their tables on both sides, and the replication slot.
  - A subscription to its own cluster is refused, because its creation would wait for itself for ever.
  - When the publications have other tables than the subscription knows, it is refreshed.
options:
  subscriptions:
    description:
      - Subscriptions of O(login_db). Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the subscription.
        type: str
        required: true
      connection:
        description:
          - How to reach the publisher, as parameters of libpq. Required unless O(subscriptions[].state=absent).
          - Compared as a whole with what the subscription has, in any order.
          - Set C(connect_timeout), C(tcp_user_timeout) and keepalives. Without them a publisher that has vanished holds
            the apply worker for minutes.
        type: dict
        suboptions:
          host:
            description:
              - Host name of the publisher, several separated by commas.
            type: str
          hostaddr:
            description:
              - Address, which saves the name's resolution.
            type: str
          port:
            description:
              - Port, one for each host if there are several.
            type: str
          dbname:
            description:
              - Database on the publisher.
            type: str
          user:
            description:
              - Role on the publisher. It needs C(REPLICATION), C(CONNECT) on the database, C(USAGE) on the schemas
                and C(SELECT) on the tables.
            type: str
          password:
            description:
              - Not accepted, because C(pg_subscription) would keep it readable.
                Use O(subscriptions[].connection.passfile).
            type: str
          passfile:
            description:
              - File on the subscriber with the line C(host:port:database:user:password), mode 0600, owned by the
                server's operating system user.
            type: path
          sslmode:
            description:
              - Whether the connection is encrypted and the publisher's certificate verified.
            type: str
            choices: [disable, allow, prefer, require, verify-ca, verify-full]
          sslrootcert:
            description:
              - File with the certificate authority, or V(system).
            type: str
          sslcert:
            description:
              - File with the client's certificate.
            type: path
          sslkey:
            description:
              - File with the key of the client's certificate.
            type: path
          sslcrl:
            description:
              - File with revoked certificates.
            type: path
          ssl_min_protocol_version:
            description:
              - Lowest TLS version, such as V(TLSv1.3).
            type: str
          channel_binding:
            description:
              - Whether SCRAM has to be bound to the TLS channel.
            type: str
            choices: [disable, prefer, require]
          require_auth:
            description:
              - Authentication methods that the publisher may ask for, such as V(scram-sha-256). libpq 16.
            type: str
          gssencmode:
            description:
              - Whether to use GSSAPI encryption.
            type: str
            choices: [disable, prefer, require]
          target_session_attrs:
            description:
              - Which of several hosts to take, such as V(read-write).
            type: str
          connect_timeout:
            description:
              - Seconds for each host to accept the connection.
            type: int
          tcp_user_timeout:
            description:
              - Milliseconds that sent data may stay unacknowledged.
            type: int
          keepalives:
            description:
              - 1 or 0, whether TCP keepalives are sent.
            type: int
          keepalives_idle:
            description:
              - Seconds of silence before the first keepalive.
            type: int
          keepalives_interval:
            description:
              - Seconds between keepalives.
            type: int
          keepalives_count:
            description:
              - Keepalives that may stay unanswered.
            type: int
          application_name:
            description:
              - Name in C(pg_stat_replication) of the publisher, and in its C(synchronous_standby_names).
            type: str
          options:
            description:
              - Command-line options for the publisher's session, such as V(-c statement_timeout=0).
            type: str
      publications:
        description:
          - Publications on the publisher. Required unless O(subscriptions[].state=absent).
        type: list
        elements: str
      options:
        description:
          - Options of the subscription. One that is left out keeps its value, PostgreSQL's default at creation.
          - One that this server's version does not know is an error.
        type: dict
        suboptions:
          streaming:
            description:
              - How large transactions are applied while they still run on the publisher.
            type: str
            choices: ['off', 'on', parallel]
          failover:
            description:
              - Whether the slot is kept on the publisher's standbys too. PostgreSQL 17 on both sides.
              - Changed while the subscription is disabled for a moment.
            type: bool
          synchronous_commit:
            description:
              - C(synchronous_commit) of the apply workers.
            type: str
            choices: ['off', local, remote_write, remote_apply, 'on']
          binary:
            description:
              - Whether values are sent in binary form.
            type: bool
          disable_on_error:
            description:
              - Whether the first error disables the subscription instead of being tried again for ever.
            type: bool
          origin:
            description:
              - V(none) takes only changes that did not reach the publisher by replication.
            type: str
            choices: [any, none]
          run_as_owner:
            description:
              - Whether changes are applied as the subscription's owner instead of the tables' owners.
            type: bool
          password_required:
            description:
              - Whether an owner who is no superuser has to bring a password in the connection string.
            type: bool
          two_phase:
            description:
              - Whether prepared transactions are applied when prepared. Can be changed from PostgreSQL 18.
            type: bool
          copy_data:
            description:
              - Whether rows that exist are copied, at creation and when a table is added. PostgreSQL's default is to.
            type: bool
          slot_name:
            description:
              - Name of the slot on the publisher, by default that of the subscription.
              - A subscription without a slot gets it back. Another slot than the one it has is refused.
            type: str
          create_slot:
            description:
              - Whether creation makes the slot. Without, it has to exist.
            type: bool
      options_when_supported:
        description:
          - Options that are left out where a server's version does not know them. They stand in RV(unsupported) then.
        type: dict
        suboptions:
          streaming:
            description:
              - As in O(subscriptions[].options).
            type: str
            choices: ['off', 'on', parallel]
          failover:
            description:
              - As in O(subscriptions[].options).
            type: bool
          synchronous_commit:
            description:
              - As in O(subscriptions[].options).
            type: str
            choices: ['off', local, remote_write, remote_apply, 'on']
          binary:
            description:
              - As in O(subscriptions[].options).
            type: bool
          disable_on_error:
            description:
              - As in O(subscriptions[].options).
            type: bool
          origin:
            description:
              - As in O(subscriptions[].options).
            type: str
            choices: [any, none]
          run_as_owner:
            description:
              - As in O(subscriptions[].options).
            type: bool
          password_required:
            description:
              - As in O(subscriptions[].options).
            type: bool
          two_phase:
            description:
              - As in O(subscriptions[].options).
            type: bool
      enabled:
        description:
          - Whether changes are applied. One that disabled itself at an error is enabled again.
        type: bool
        default: true
      owner:
        description:
          - Owner of the subscription. Without it the owner stays, O(login_user) at creation.
          - It needs C(LOGIN), and, if no superuser, C(password_required=false) under O(subscriptions[].options).
        type: str
      comment:
        description:
          - Comment on the subscription. V("") removes it, without it the comment stays.
        type: str
      replace_orphaned_slot:
        description:
          - What to do at creation when the publisher has an inactive slot of this name, left by an interrupted run or
            by a subscriber that is gone. V(true) drops it, and a new one is made with the copy, because from an old
            position rows would be missed or doubled. V(false) refuses.
          - By default V(true) if the slot is named like the subscription, V(false) otherwise.
          - A slot in use is never dropped. The slot has to stay inactive for 6 seconds, in which any subscriber that
            lives would have come back.
        type: bool
      abandon_slot:
        description:
          - With O(subscriptions[].state=absent), whether to drop the subscription although the publisher cannot be
            reached. Its slot stays there and holds WAL until somebody drops it.
        type: bool
        default: false
      state:
        description:
          - Whether the subscription should be there. Dropping it drops its slot on the publisher too.
        type: str
        choices: [present, absent]
        default: present
  connect_timeout_seconds:
    description:
      - How long one host of a publisher has for accepting the connection, and for answering each question.
    type: int
    default: 10
  create_timeout_seconds:
    description:
      - How long one statement may take. The creation of a slot waits for the end of every transaction that is writing
        on the publisher.
    type: int
    default: 120
  wait_for_sync_seconds:
    description:
      - How long to wait, when everything else is done, until all tables of the enabled subscriptions were copied and
        follow. V(0) does not wait.
    type: int
    default: 0
notes:
  - PostgreSQL 16 or later on both sides.
  - Run it on the subscriber's host as the server's operating system user, with a superuser of the database. Passfile
    and certificates are then read as the server will read them.
  - In check mode what is wrong with a publisher is a warning, because an earlier task may not have made it yet.
  - A publisher that cannot be reached is a warning for a subscription that exists and is declared with
    O(subscriptions[].enabled=false).
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Subscribe to the transactions of db1
  pgops.fleet.postgresql_subscription:
    login_db: transactions
    subscriptions:
      - name: t1_subscription
        connection:
          host: db1
          port: 5432
          dbname: transactions
          user: transactions_replication
          passfile: /var/lib/postgresql/.pgpass_t1_subscription
          sslmode: verify-full
          sslrootcert: /etc/postgresql/ca.crt
          connect_timeout: 5
          tcp_user_timeout: 10000
          keepalives_idle: 10
          keepalives_interval: 5
          keepalives_count: 3
        publications: [t1_publication]
        options:
          streaming: parallel
          disable_on_error: false
        options_when_supported:
          failover: true
    wait_for_sync_seconds: 60

- name: Drop a subscription whose publisher is gone for good
  pgops.fleet.postgresql_subscription:
    login_db: transactions
    subscriptions:
      - name: t1_subscription
        abandon_slot: true
        state: absent
"""

RETURN = r"""
subscriptions:
  description: The declared subscriptions as they are after the run, in check mode as they would be.
  returned: success
  type: list
  elements: dict
  sample:
    - name: t1_subscription
      change: created
      connection: {dbname: transactions, host: db1, user: transactions_replication}
      publications: [t1_publication]
      options: {streaming: parallel}
      slot_name: t1_subscription
      enabled: true
      owner: postgres
      comment: null
      tables: [app.t1]
unsupported:
  description: Options under O(subscriptions[].options_when_supported) that were left out.
  returned: success
  type: list
  elements: dict
  sample:
    - {subscription: t1_subscription, option: failover, needs: 17}
queries:
  description: Statements that were executed, in check mode those that would be. One on a publisher says so.
  returned: always
  type: list
  elements: str
  sample: ['alter subscription "t1_subscription" enable']
"""

import time

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, run_module, server_message
from ansible_collections.pgops.fleet.plugins.module_utils.subscription import (
    CREATE_ONLY,
    OPTIONS,
    declared_subscription,
    literal,
    shown,
    shown_after,
)
from ansible_collections.pgops.fleet.plugins.module_utils.subscription_catalog import (
    wait_for_sync,
    wait_until_workers_ended,
)
from ansible_collections.pgops.fleet.plugins.module_utils.subscription_plan import Planner
from ansible_collections.pgops.fleet.plugins.module_utils.subscription_publisher import Publisher

WORKERS_END_SECONDS = 30
SLOT_RELEASE_SECONDS = 10


class Changes:
    """Carries out what was planned, in check mode only in writing."""

    def __init__(self, module, session):
        self.module = module
        self.session = session
        self.timeout = module.params["connect_timeout_seconds"]

    def apply(self, plan):
        if plan.orphaned_slot:
            self.drop_orphaned_slot(plan.declared)
        for statement in plan.statements:
            self.execute(plan, statement)

    def drop_orphaned_slot(self, declared):
        statement = f"select pg_catalog.pg_drop_replication_slot({literal(declared.slot_name)})"
        self.session.queries.append(f"/* on the publisher */ {statement}")
        if self.module.check_mode:
            return
        with Publisher(declared.name, declared.connection, self.timeout, as_walsender=True) as publisher:
            publisher.session.execute(statement)

    def execute(self, plan, statement):
        """Failover and two_phase are refused until the publisher noticed that the worker has ended."""
        after_disable = statement.split(" set (")[-1].startswith(("failover", "two_phase"))
        if after_disable and not self.module.check_mode:
            wait_until_workers_ended(self.session, plan.declared.name, WORKERS_END_SECONDS)
        end = time.monotonic() + SLOT_RELEASE_SECONDS * after_disable
        self.session.queries.append(statement)
        while not self.module.check_mode:
            try:
                self.session.execute(statement)
                return
            except postgres.psycopg.Error as error:
                if time.monotonic() < end:
                    time.sleep(0.5)
                    continue
                raise Refused(
                    f"subscription {plan.declared.name}: {server_message(error)}\nThe statement was: {statement}\n"
                    "Statements under queries before it were executed; mend the cause and run again to go on."
                ) from error


def describe(plan, change, user):
    after = shown_after(plan.current, plan.declared, plan.options, plan.published)
    if after and after["owner"] is None:
        after["owner"] = user
    return {"name": plan.declared.name, "change": change, **after}


def difference(plan, described):
    before = shown(plan.current)
    after = {key: value for key, value in described.items() if key != "change"} if plan.declared.present else {}
    if plan.orphaned_slot:
        before["slot on the publisher"] = f"{plan.declared.slot_name}, left over"
        after["slot on the publisher"] = f"{plan.declared.slot_name}, made anew"
    header = f"subscription {plan.declared.name}"
    return {"before_header": header, "after_header": header, "before": before or "", "after": after or ""}


def change_of(plan):
    if not plan.statements:
        return "none"
    if plan.current is None:
        return "created"
    return "altered" if plan.declared.present else "dropped"


def declared_subscriptions(module):
    declared = [declared_subscription(item) for item in module.params["subscriptions"]]
    names = [subscription.name for subscription in declared]
    if len(set(names)) < len(names):
        raise Refused(f"subscriptions: {', '.join(names)} has a name more than once. Give each one entry.")
    return declared


def work(module, session):
    declared = declared_subscriptions(module)
    planner, changes = Planner(module, session), Changes(module, session)
    plans = [planner.plan(item) for item in declared]
    if session:
        session.execute(f"set statement_timeout = '{module.params['create_timeout_seconds']}s'")
    user = session.value("select current_user::text") if session else module.params["login_user"]
    result = {"changed": any(plan.statements for plan in plans), "diff": [], "subscriptions": [], "unsupported": []}
    for plan in plans:
        if session:
            changes.apply(plan)
        change = change_of(plan)
        described = describe(plan, change, user)
        result["subscriptions"].append(described)
        result["unsupported"] += [
            {"subscription": plan.declared.name, "option": name, "needs": OPTIONS[name].since}
            for name in plan.unsupported
        ]
        if plan.statements:
            result["diff"].append(difference(plan, described))
    seconds = module.params["wait_for_sync_seconds"]
    if seconds and session and not module.check_mode:
        wait_for_sync(session, [item.name for item in declared if item.present and item.enabled], seconds)
    return result


def connection_spec():
    modes = ["disable", "prefer", "require"]
    spec = {name: {"type": "str"} for name in (
        "host", "hostaddr", "port", "dbname", "user", "sslrootcert", "ssl_min_protocol_version", "require_auth",
        "target_session_attrs", "application_name", "options",
    )}  # fmt: skip
    spec |= {name: {"type": "path"} for name in ("sslcert", "sslkey", "sslcrl")}
    spec |= {name: {"type": "int"} for name in (
        "connect_timeout", "tcp_user_timeout", "keepalives", "keepalives_idle", "keepalives_interval",
        "keepalives_count",
    )}  # fmt: skip
    return spec | {
        "password": {"type": "str", "no_log": True},
        "passfile": {"type": "path", "no_log": False},
        "sslmode": {"type": "str", "choices": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]},
        "channel_binding": {"type": "str", "choices": modes},
        "gssencmode": {"type": "str", "choices": modes},
    }


def option_spec():
    return {
        "streaming": {"type": "str", "choices": ["off", "on", "parallel"]},
        "synchronous_commit": {"type": "str", "choices": ["off", "local", "remote_write", "remote_apply", "on"]},
        "origin": {"type": "str", "choices": ["any", "none"]},
        **{
            name: {"type": "bool", "no_log": False}
            for name in ("failover", "binary", "disable_on_error", "run_as_owner", "password_required", "two_phase")
        },
    }


def subscription_spec():
    at_creation = {"slot_name": {"type": "str"}, **{name: {"type": "bool"} for name in CREATE_ONLY}}
    return {
        "name": {"type": "str", "required": True},
        "connection": {"type": "dict", "options": connection_spec()},
        "publications": {"type": "list", "elements": "str"},
        "options": {"type": "dict", "options": {**option_spec(), **at_creation}},
        "options_when_supported": {"type": "dict", "options": option_spec()},
        "enabled": {"type": "bool", "default": True},
        "owner": {"type": "str"},
        "comment": {"type": "str"},
        "replace_orphaned_slot": {"type": "bool"},
        "abandon_slot": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }


def main():
    run_module(
        {
            "subscriptions": {"type": "list", "elements": "dict", "required": True, "options": subscription_spec()},
            "connect_timeout_seconds": {"type": "int", "default": 10},
            "create_timeout_seconds": {"type": "int", "default": 120},
            "wait_for_sync_seconds": {"type": "int", "default": 0},
        },
        work,
    )


if __name__ == "__main__":
    main()
