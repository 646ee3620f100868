# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The statements that lead from the subscription that is to the one that is asked for."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.subscription import (
    OPTIONS,
    format_conninfo,
    identifier,
    literal,
)


def _option_list(options):
    return ", ".join(f"{name} = {_option_text(value)}" for name, value in options.items())


def _option_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return literal(value)


def create_statements(declared, options):
    """With an owner to be set it starts disabled, so that nothing is copied as somebody else."""
    subscription = f"subscription {identifier(declared.name)}"
    parameters = {
        **options,
        "enabled": declared.enabled and not declared.owner,
        "create_slot": declared.create_slot,
        "slot_name": declared.slot_name,
        "copy_data": declared.copy_data,
    }
    statements = [
        f"create {subscription} connection {literal(format_conninfo(declared.connection))} "
        f"publication {_names(declared.publications)} with ({_option_list(parameters)})"
    ]
    if declared.owner:
        statements.append(f"alter {subscription} owner to {identifier(declared.owner)}")
    if declared.comment:
        statements.append(f"comment on {subscription} is {literal(declared.comment)}")
    if declared.owner and declared.enabled:
        statements.append(f"alter {subscription} enable")
    return statements


def _names(names):
    return ", ".join(identifier(name) for name in names)


def alter_statements(current, declared, options, published):
    """From what is to what is asked for. `published` is the list of tables on the publisher, None when unknown."""
    subscription = f"alter subscription {identifier(declared.name)}"
    changed = {name: value for name, value in options.items() if current.options.get(name) != value}
    while_disabled = [name for name in changed if OPTIONS[name].only_while_disabled]
    statements, enabled = [], current.enabled
    if enabled and (while_disabled or not declared.enabled):
        statements.append(f"{subscription} disable")
        enabled = False
    if declared.owner and current.owner != declared.owner:
        statements.append(f"{subscription} owner to {identifier(declared.owner)}")
    if current.connection != declared.connection:
        statements.append(f"{subscription} connection {literal(format_conninfo(declared.connection))}")
    if current.slot_name is None:
        statements.append(f"{subscription} set (slot_name = {literal(declared.slot_name)})")
    if current.publications != declared.publications:
        statements.append(f"{subscription} set publication {_names(declared.publications)} with (refresh = false)")
    plain = {name: value for name, value in changed.items() if name not in while_disabled}
    if plain:
        statements.append(f"{subscription} set ({_option_list(plain)})")
    # One at a time: the server refuses failover and two_phase in one statement.
    statements += [f"{subscription} set ({_option_list({name: changed[name]})})" for name in while_disabled]
    if declared.enabled and not enabled:
        statements.append(f"{subscription} enable")
    if declared.enabled and published is not None and set(published) != set(current.tables):
        statements.append(
            f"{subscription} refresh publication with (copy_data = {'true' if declared.copy_data else 'false'})"
        )
    if declared.comment is not None and declared.comment != (current.comment or ""):
        text = literal(declared.comment) if declared.comment else "null"
        statements.append(f"comment on subscription {identifier(declared.name)} is {text}")
    return statements


def refuse_unalterable(current, declared, options, version):
    """What an existing subscription cannot become without losing rows or on this version."""
    for name, value in options.items():
        if current.options.get(name) != value and version < OPTIONS[name].altered_since:
            raise Refused(
                f"subscription {declared.name}: {name} is {current.options.get(name)}, asked is {value}. PostgreSQL "
                f"{version} can set it only at creation, {OPTIONS[name].altered_since} can change it. Leave it as it "
                "is, or drop the subscription (state: absent), empty its tables and create it again."
            )
    if current.slot_name not in (None, declared.slot_name):
        raise Refused(
            f"subscription {declared.name}: its slot is {current.slot_name}, asked is {declared.slot_name}. Rows "
            f"between the positions of the two would be missed or doubled. Declare options.slot_name: "
            f"{current.slot_name}, or drop the subscription (state: absent), empty its tables and create it again."
        )


def drop_statements(current, dissociate):
    """Without `dissociate` the server drops the slot on the publisher too, and fails where there is none."""
    subscription = f"subscription {identifier(current.name)}"
    statements = []
    if dissociate:
        if current.enabled:
            statements.append(f"alter {subscription} disable")
        statements.append(f"alter {subscription} set (slot_name = none)")
    return [*statements, f"drop {subscription}"]
