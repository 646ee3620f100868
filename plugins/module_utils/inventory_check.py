# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Checking and merging of one host's variables against the schema of the inventory."""

from __future__ import annotations

import re

from ansible_collections.pgops.fleet.plugins.module_utils import inventory_schema as schema
from ansible_collections.pgops.fleet.plugins.module_utils.field_kinds import (
    check_fields,
    check_value,
    is_rendered,
    nearest,
    wrong,
)
from ansible_collections.pgops.fleet.plugins.module_utils.layers import LayerError, identify, merge_layers
from ansible_collections.pgops.fleet.plugins.module_utils.partition_kinds import contradictions
from ansible_collections.pgops.fleet.plugins.module_utils.settings_check import settings_problems


def inventory_problems(variables, role_options=None):
    """Return what is wrong with one host's variables, each problem a readable line.

    variables: name and value of the variables in question.
    role_options: {role: {variable: argument specification}}; the role's name is the prefix of its
    variables, so that a misspelled one is found.
    """
    problems = list(_top_level_problems(variables, role_options or {}))
    problems += [problem for name, layer in _layers(variables) for problem in _layer_problems(name, layer)]
    if not problems:
        problems += [problem for name in schema.LISTS for problem in _merged_problems(name, variables)]
    if not problems:
        merged = merge_inventory(variables)
        allowed = variables.get("postgresql_unsafe_settings_allowed") or []
        problems += settings_problems(merged["settings"], merged["databases"], allowed if is_rendered(allowed) else [])
    return problems


def merge_inventory(variables):
    """Return ``{settings, databases, roles, ...}``, each merged over system, environment and host."""
    merged = {"settings": merge_layers(_values(variables, "settings") or [{}])}
    for name, spec in schema.LISTS.items():
        merged[name] = merge_layers(_values(variables, name), key=spec["key"], nested=spec["nested"])
    return merged


def _values(variables, name):
    return [value for _variable, value in layers_of(variables, name)]


def layers_of(variables, name):
    """Return ``[(variable, value)]`` of the layers that say something about a list, weakest first."""
    found = []
    for variable in schema.layer_variables(name):
        top, _dot, inner = variable.partition(".")
        value = variables.get(top)
        if inner:
            value = value.get(inner) if isinstance(value, dict) else None
        if value is not None and is_rendered(value):
            found.append((variable, value))
    return found


def _layers(variables):
    for name in ("settings", *schema.LISTS):
        for variable, value in layers_of(variables, name):
            yield name, (variable, value)


def _top_level_problems(variables, role_options):
    lists = schema.list_variables()
    system = variables.get(schema.SYSTEM_VARIABLE)
    if system is not None and is_rendered(system):
        yield from check_fields(schema.SYSTEM_VARIABLE, system, _system_fields())
    for role, options in sorted(role_options.items()):
        known = sorted(
            set(options) | ({*lists, schema.SYSTEM_VARIABLE} if f"{role}_" == schema.VARIABLE_PREFIX else set())
        )
        for name in sorted(variables):
            if not name.startswith(f"{role}_"):
                continue
            if name not in known:
                yield _unknown_variable(name, known)
            elif name not in lists and name != schema.SYSTEM_VARIABLE:
                yield from _option_problems(name, variables[name], options[name])


def _unknown_variable(name, known):
    like = nearest(name, known)
    return f"variable {name} is unknown" + (f"; nearest known: {like}" if like else f"; accepted: {', '.join(known)}")


def _system_fields():
    # What stands under each name is checked layer by layer; here only the names count.
    return {name: schema.field("anything", "checked by layer") for name in ("settings", *schema.LISTS)}


def _option_problems(name, value, option):
    """Yield the problems of a role's plain variable by its argument specification, read as Ansible reads it."""
    if value is None or not is_rendered(value):
        return
    kind = option.get("type", "str")
    accepted = {
        "int": (lambda: not isinstance(value, bool) and _converts(int, value), "a whole number"),
        "float": (lambda: not isinstance(value, bool) and _converts(float, value), "a number"),
        "bool": (lambda: str(value).lower() in ("true", "false", "yes", "no", "on", "off", "1", "0"), "true or false"),
        "list": (lambda: isinstance(value, (list, tuple, str)), "a list"),
        "dict": (lambda: isinstance(value, dict), "a dictionary"),
        "str": (lambda: not isinstance(value, (list, dict)), "a text"),
        "path": (lambda: isinstance(value, str), "a path"),
    }.get(kind)
    if accepted and not accepted[0]():
        yield wrong(name, value, accepted[1])
    elif name in schema.LIMITS and not _is_within(int(value), *schema.LIMITS[name]):
        least, most = schema.LIMITS[name]
        yield wrong(name, value, f"{least} and more" if most is None else f"{least} to {most}")
    elif name in schema.PAIRS:
        yield from _pair_problems(name, value, *schema.PAIRS[name])
    elif name in schema.FORMS and not re.fullmatch(schema.FORMS[name][0], str(value)):
        yield wrong(name, value, schema.FORMS[name][1])
    elif option.get("choices") and str(value) not in [str(choice) for choice in option["choices"]]:
        yield wrong(name, value, ", ".join(str(choice) for choice in option["choices"]))


def _pair_problems(name, pairs, key_form, value_form, words):
    for key, value in pairs.items():
        if not re.fullmatch(key_form, str(key)):
            yield f"{name} names {key}; accepted: {words}"
        elif (
            value is not None
            and is_rendered(value)
            and (isinstance(value, bool) or not re.fullmatch(value_form, str(value)))
        ):
            yield wrong(f"{name}.{key}", value, words)


def _is_within(number, least, most):
    return number >= least and (most is None or number <= most)


def _converts(kind, value):
    try:
        kind(value)
    except (TypeError, ValueError):
        return False
    return True


def _layer_problems(name, layer):
    """Yield what is wrong with one layer: types, unknown keys, and items that stand there twice."""
    variable, value = layer
    if name == "settings":
        yield from check_value(variable, value, schema.SETTINGS)
        return
    if not isinstance(value, (list, tuple)):
        yield wrong(variable, value, f"a list of {schema.LISTS[name]['meaning']}")
        return
    spec, seen = schema.LISTS[name], set()
    for position, item in enumerate(value):
        path = f"{variable}[{_label(item, spec['key'], position)}]"
        yield from check_fields(path, item, spec["fields"])
        if not isinstance(item, dict):
            continue
        missing = [key for key in spec["key"] if item.get(key) is None and spec["fields"][key]["required"]]
        if missing:
            yield f"{path} has no {' and no '.join(missing)}; every item is named by {', '.join(spec['key'])}"
            continue
        identity = identify(item, spec["key"])
        if identity in seen:
            yield f"{path} stands twice in {variable}; write it once"
        seen.add(identity)


def _label(item, keys, position):
    if not isinstance(item, dict) or item.get(keys[0]) is None:
        return position
    words = [item[key] for key in keys if item.get(key) is not None]
    return " ".join(",".join(map(str, word)) if isinstance(word, (list, tuple)) else str(word) for word in words)


def _merged_problems(name, variables):
    """Yield what is wrong with the merged items: attributes that no layer gives, and rules between attributes."""
    spec = schema.LISTS[name]
    try:
        merged = merge_layers(_values(variables, name), key=spec["key"], nested=spec["nested"])
    except LayerError as error:
        yield f"{schema.VARIABLE_PREFIX}{name}: {error}"
        return
    for position, item in enumerate(merged):
        path = f"{schema.VARIABLE_PREFIX}{name}[{_label(item, spec['key'], position)}]"
        if item.get("state") == "absent":
            continue
        yield from _missing(path, item, spec["fields"])
        yield from _RULES.get(name, lambda path, item: ())(path, item)


def _missing(path, item, fields):
    for name, spec in fields.items():
        if item.get(name) is None and (spec["required"] or spec.get("required_unless_absent")):
            yield f"{path} has no {name} in any layer; accepted: {spec['meaning']}"
        elif spec["kind"] == "mapping" and isinstance(item.get(name), dict):
            yield from _missing(f"{path}.{name}", item[name], spec["fields"])


def _cron_job_rules(path, item):
    if (item.get("every") is None) == (item.get("cron") is None):
        found = "both" if item.get("every") else "neither"
        yield f"{path} has {found} of every and cron; accepted: one of them (null takes the other away)"


def _hba_rules(path, item):
    address = item.get("address")
    if item.get("type") == "local" and address is not None:
        yield f"{path}.address is {address!r} on a local line; accepted: none"
    if item.get("type") != "local" and address is None:
        yield f"{path} has no address; accepted: an address with mask length, a host name, samehost, samenet or all"


def _publication_rules(path, item):
    if not item.get("tables") and not item.get("schemas"):
        yield f"{path} publishes nothing; accepted: tables, schemas, or both"


def _default_privilege_rules(path, item):
    if item.get("object") == "schemas" and item.get("in_schema") is not None:
        yield f"{path}.in_schema is {item['in_schema']!r}; schemas lie in no schema, leave it out"


_RULES = {
    "partitions": contradictions,
    "cron_jobs": _cron_job_rules,
    "hba": _hba_rules,
    "publications": _publication_rules,
    "default_privileges": _default_privilege_rules,
}
