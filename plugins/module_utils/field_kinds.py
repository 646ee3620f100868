# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Kinds of attributes in the inventory: what each accepts, in words and in code.

A checker yields problems as ``path is value; accepted: ...``. A value that still holds ``{{`` could
not be rendered without a host at hand and is left to the run.
"""

from __future__ import annotations

import datetime
import difflib
import re

from ansible_collections.pgops.fleet.plugins.module_utils.cron_schedule import normal_cron, normal_interval
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_targets import TargetError, parse_target

IDENTIFIER_BYTES = 63
INTERVAL = re.compile(
    r"^[0-9]+ (second|minute|hour|day|week|month|year)s?( [0-9]+ (second|minute|hour|day|week|month|year)s?)*$"
)
# Of a partition's name: by time, by number, by hash, in subpartitions.
NAME_FIELDS = ("year", "quarter", "month", "week", "day", "from", "to", "remainder", "parent")
PERIODS = ("day", "week", "month", "quarter", "year")


def nearest(name, known):
    """Return the known name that is most like this one, or None."""
    return next(iter(difflib.get_close_matches(str(name), [str(entry) for entry in known], n=1, cutoff=0.6)), None)


def unknown(path, name, known):
    """Return the problem of a name nobody knows."""
    like = nearest(name, known)
    hint = f"; nearest known: {like}" if like else ""
    return f"{path} is unknown{hint}; accepted: {', '.join(known)}"


def wrong(path, value, accepted):
    """Return the problem of a value that is not accepted."""
    shown = repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return f"{path} is {shown} ({type_name(value)}); accepted: {accepted}"


def type_name(value):
    """Return the type in words an operator uses; Ansible's own subclasses count as what they extend."""
    words = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "text",
        list: "list",
        dict: "dictionary",
        type(None): "null",
    }
    return next((word for kind, word in words.items() if isinstance(value, kind)), type(value).__name__)


def is_rendered(value):
    return not (isinstance(value, str) and "{{" in value)


def check_value(path, value, spec):
    """Yield the problems of one value; null is always accepted, it takes away what an earlier layer said."""
    if value is None or not is_rendered(value):
        return
    problems = CHECKERS[spec["kind"]](path, value, spec)
    if spec.get("secret"):
        problems = (f"{path} is {type_name(value)} (not shown); accepted: {spec['meaning']}" for _problem in problems)
    yield from problems


def check_fields(path, item, fields):
    """Yield the problems of a dictionary's keys and values; whether keys are missing is asked of the merged item."""
    if not isinstance(item, dict):
        yield wrong(path, item, f"a dictionary with {', '.join(fields)}")
        return
    for name, value in item.items():
        if name in fields:
            yield from check_value(f"{path}.{name}", value, fields[name])
        else:
            yield unknown(f"{path}.{name}", name, fields)


def _matching(accepts, accepted):
    def check(path, value, spec):
        if not accepts(value, spec):
            yield wrong(path, value, accepted(spec) if callable(accepted) else accepted)

    return check


def _is_text(value, spec=None):
    return isinstance(value, str) and value.strip() != ""


def _is_scalar(value):
    return isinstance(value, (str, int, float, bool))


def _is_identifier(value, spec=None):
    return _is_text(value) and "\x00" not in value and len(value.encode()) <= IDENTIFIER_BYTES


def _is_integer(value, spec):
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and spec.get("minimum", value) <= value <= spec.get("maximum", value)
    )


def _integer_range(spec):
    if "minimum" in spec and "maximum" in spec:
        return f"a whole number from {spec['minimum']} to {spec['maximum']} ({spec['meaning']})"
    return f"a whole number ({spec['meaning']})"


def _check_schedule(path, value, spec):
    normal = {"seconds": normal_interval, "cron": normal_cron}[spec["kind"]]
    try:
        normal(str(value))
    except ValueError as error:
        yield f"{path} is {value!r} ({type_name(value)}): {error}"


def _are_names(value, spec=None):
    return isinstance(value, (list, tuple)) and all(_is_text(entry) for entry in value)


def _is_partition_name(value, spec):
    return _is_identifier(value) and set(re.findall(r"{(.*?)}", value)) <= set(NAME_FIELDS)


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_interval(value):
    return isinstance(value, str) and bool(INTERVAL.match(value))


def _is_key_value(value):
    return _is_scalar(value) or isinstance(value, datetime.date)


def _are_key_values(value, spec):
    return isinstance(value, (list, tuple)) and all(entry is None or _is_key_value(entry) for entry in value)


def _is_privilege_target(value, spec):
    try:
        parse_target(value)
    except TargetError:
        return False
    return True


def _check_mapping(path, value, spec):
    yield from check_fields(path, value, spec["fields"])


def _check_nested_mapping(path, value, spec):
    """A dictionary that may hold one of its own kind: its fields are asked for, not stored in it."""
    yield from check_fields(path, value, spec["fields_of"]())


def _check_list(path, value, spec):
    if not isinstance(value, (list, tuple)):
        yield wrong(path, value, f"a list ({spec['meaning']})")
        return
    for position, entry in enumerate(value):
        label = entry.get("name") if isinstance(entry, dict) else None
        yield from check_value(f"{path}[{label or position}]", entry, spec["of"])


def _check_item_or_name(path, value, spec):
    if isinstance(value, dict):
        yield from check_fields(path, value, spec["fields"])
        if value.get("name") is None:
            yield f"{path} has no name; accepted: a name, or a dictionary with {', '.join(spec['fields'])}"
    else:
        yield from check_value(path, value, {**spec, "kind": spec.get("names", "identifier")})


def _check_settings(path, value, spec):
    if not isinstance(value, dict):
        yield wrong(path, value, f"a dictionary of names and values ({spec['meaning']})")
        return
    for name, entry in value.items():
        if (
            entry is not None
            and not _is_scalar(entry)
            and not (isinstance(entry, (list, tuple)) and all(map(_is_scalar, entry)))
        ):
            yield wrong(f"{path}.{name}", entry, "a text, a number, a boolean, or a list of these")


def _check_settings_by_name(path, value, spec):
    if not isinstance(value, dict):
        yield wrong(path, value, f"a dictionary of dictionaries ({spec['meaning']})")
        return
    for name, entry in value.items():
        yield from check_value(f"{path}.{name}", entry, {**spec, "kind": "settings"})


CHECKERS = {
    "anything": lambda path, value, spec: (),
    "text": _matching(_is_text, lambda spec: f"a text ({spec['meaning']})"),
    "identifier": _matching(
        _is_identifier, lambda spec: f"a name of 1 to {IDENTIFIER_BYTES} bytes ({spec['meaning']})"
    ),
    "table": _matching(_is_text, lambda spec: f"a name, with its schema: app.t1 ({spec['meaning']})"),
    "integer": _matching(_is_integer, _integer_range),
    "boolean": _matching(
        lambda value, spec: isinstance(value, bool), lambda spec: f"true or false ({spec['meaning']})"
    ),
    "choice": _matching(lambda value, spec: value in spec["choices"], lambda spec: ", ".join(spec["choices"])),
    "choices": _matching(
        lambda value, spec: _are_names(value) and set(value) <= set(spec["choices"]),
        lambda spec: f"a list of {', '.join(spec['choices'])}",
    ),
    "names": _matching(_are_names, lambda spec: f"a list of names ({spec['meaning']})"),
    "name_or_names": _matching(
        lambda value, spec: _is_text(value) or (_are_names(value) and value),
        lambda spec: f"a name or a list of names ({spec['meaning']})",
    ),
    "seconds": _check_schedule,
    "cron": _check_schedule,
    "interval": _matching(lambda value, spec: _is_interval(value), "an interval such as: 24 months"),
    "interval_or_count": _matching(
        lambda value, spec: _is_interval(value) or _is_count(value),
        "an interval such as: 24 months, for a key of numbers a whole number",
    ),
    "period": _matching(
        lambda value, spec: _is_count(value) or value in PERIODS,
        f"{', '.join(PERIODS)}, for a key of numbers a whole number",
    ),
    "boolean_or_name": _matching(
        lambda value, spec: isinstance(value, bool) or _is_identifier(value),
        lambda spec: f"true, false or a name ({spec['meaning']})",
    ),
    "key_value": _matching(
        lambda value, spec: _is_key_value(value), lambda spec: f"a text, a number or a date ({spec['meaning']})"
    ),
    "key_values": _matching(
        _are_key_values, lambda spec: f"a list of texts, numbers, dates or null ({spec['meaning']})"
    ),
    "partition_name": _matching(
        _is_partition_name,
        f"a name with fields of {', '.join('{' + name + '}' for name in NAME_FIELDS)}, such as: t1_{{year}}_{{month}}",
    ),
    "privilege_target": _matching(
        _is_privilege_target, "a kind and a name, such as: table app.t1, schema app, all tables in schema app"
    ),
    "mapping": _check_mapping,
    "nested_mapping": _check_nested_mapping,
    "list": _check_list,
    "item_or_name": _check_item_or_name,
    "settings": _check_settings,
    "settings_by_name": _check_settings_by_name,
}
