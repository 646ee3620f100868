# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a cluster declares for the poolers that stand before it, as the inventory's groups say."""

from __future__ import annotations

import re

from ansible_collections.pgops.fleet.plugins.module_utils.addresses import hba_address
from ansible_collections.pgops.fleet.plugins.module_utils.inventory_schema import LISTS
from ansible_collections.pgops.fleet.plugins.module_utils.layers import merge_layers

# Where the function is that poolers ask; auth_dbname of PgBouncer.
DATABASE = "postgres"
CLUSTER_GROUP = re.compile(r"^(?P<system>.+)_(?:primary|standby)$")


def pooler_declarations(system, further, hostvars, groups, host):
    """Return what is declared besides for the poolers of a host's system, {} when it has none.

    system: the dictionary that the system's role declares; further: {roles, databases} that environment and host declare.
    Clients come from the pooler's address then, so its lines of pg_hba.conf name the logins that clients use: those
    with a password, but for roles that replicate.
    """
    names = [match["system"] for group in groups if host in groups[group] and (match := CLUSTER_GROUP.match(group))]
    poolers = [(name, each) for name in dict.fromkeys(names) for each in groups.get(f"{name}_pooler") or []]
    if not poolers:
        return {}
    role = f"{poolers[0][0]}_pooler"
    declared = {key: [*(system.get(key) or []), *(further.get(key) or [])] for key in ("databases", "roles")}
    absent = {item["name"] for item in declared["databases"] if item.get("state") == "absent"}
    databases = list(
        dict.fromkeys(item["name"] for item in declared["databases"] if item["name"] not in {DATABASE, *absent})
    )
    clients = _clients(declared["roles"])
    addresses = dict.fromkeys(hba_address(pooler_address(hostvars, name)) for _system, name in poolers)
    return {
        "databases": [{"name": DATABASE, "scripts": [{"name": "pooler", "role": "postgres"}]}],
        "roles": [
            {
                "name": role,
                "login": True,
                "secret": True,
                "comment": "The connection pooler",
                # A client's own connection may be refused; the question whether it may come shall not be.
                "member_of": ["pg_use_reserved_connections"],
            }
        ],
        "privileges": [
            *(
                {"role": role, "object": f"database {name}", "privileges": ["CONNECT"], "database": name}
                for name in [DATABASE, *databases]
            ),
            {"role": role, "object": "schema pooler", "privileges": ["USAGE"], "database": DATABASE},
            {"role": role, "object": "function pooler.login(text)", "privileges": ["EXECUTE"], "database": DATABASE},
        ],
        "hba": [
            line
            for address in addresses
            for line in (
                _line(DATABASE, [role], address, "The pooler asks for verifiers"),
                *([_line(databases, [role, *clients], address, "Through the pooler")] if databases else []),
            )
        ],
    }


def pooler_address(hostvars, name):
    """Return where a pooler's connections come from."""
    given = hostvars.get(name) or {}
    return str(given.get("pooler_address") or given.get("ansible_host") or name)


def with_declarations(system, declarations):
    """Return what a system declares with more of the same kind merged into it."""
    return {
        **system,
        **{
            name: merge_layers([system.get(name) or [], items], key=LISTS[name]["key"], nested=LISTS[name]["nested"])
            for name, items in declarations.items()
        },
    }


def _clients(roles):
    """Return the logins of clients: those that take turns by the role whose members they are."""
    found = []
    for role in roles:
        if role.get("state") == "absent" or role.get("replication"):
            continue
        if role.get("login_of"):
            found.append(f"+{role['login_of']}")
        elif role.get("login") and (role.get("secret") or role.get("password")):
            found.append(role["name"])
    return list(dict.fromkeys(found))


def _line(database, user, address, comment):
    return {
        "type": "hostssl",
        "database": database,
        "user": user,
        "address": address,
        "method": "scram-sha-256",
        "comment": comment,
    }
