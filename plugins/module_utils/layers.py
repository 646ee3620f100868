# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Merging of what the system, the environment and the host say about one cluster.

Every list of the inventory has a key by which its items are merged; a later layer changes single
attributes. ``None`` takes away what an earlier layer said. ``state: absent`` is an attribute like
any other and reaches the module, which acts on it.
"""

from __future__ import annotations

import json


class LayerError(ValueError):
    """A layer has the wrong shape, or names one thing twice."""


def merge_layers(layers, key="name", nested=None):
    """Merge a list of layers, the later over the earlier.

    layers: all lists of dicts, or all dicts; a layer that is None says nothing.
    key: the attribute, or the attributes, by which the items of list layers are merged.
    nested: lists inside the items that are merged too, as ``{attribute: key}``; their items may be
    plain names. All other lists are replaced as a whole.
    """
    said = [layer for layer in layers if layer is not None]
    kinds = {_kind(layer) for layer in said}
    if len(kinds) > 1:
        raise LayerError(f"layers are {' and '.join(sorted(kinds))}; accepted: all lists of items, or all dictionaries")
    if kinds == {"a dictionary"}:
        return _merge_dicts(said)
    return _merge_lists(said, [key] if isinstance(key, str) else list(key), nested or {})


def _kind(layer):
    if isinstance(layer, dict):
        return "a dictionary"
    if isinstance(layer, (list, tuple)):
        return "a list"
    raise LayerError(
        f"a layer is {layer!r} ({type(layer).__name__}); accepted: a list of items, a dictionary, or nothing"
    )


def _merge_dicts(layers):
    merged = {}
    for layer in layers:
        for name, value in layer.items():
            merged[name] = _merge_value(merged.get(name), value)
    return {name: value for name, value in merged.items() if value is not None}


def _merge_value(before, value):
    if isinstance(value, dict):
        return _merge_dicts([before, value] if isinstance(before, dict) else [value])
    return _copied(value)


def _copied(value):
    """Copy dicts and lists. copy.deepcopy would copy the template engine that Ansible's own containers hold."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(inner) for inner in value]
    return value


def _merge_lists(layers, keys, nested):
    merged = {}
    for layer in layers:
        seen = set()
        for item in layer:
            identity = identify(item, keys)
            if identity in seen:
                raise LayerError(f"{describe(item, keys)} stands twice in one layer; write it once")
            seen.add(identity)
            merged[identity] = _merge_item(merged.get(identity, {}), item, nested)
    return list(merged.values())


def _merge_item(before, item, nested):
    after = _merge_dicts([before, {name: value for name, value in item.items() if name not in nested}])
    for name, key in nested.items():
        if name not in item:
            continue
        if item[name] is None:
            after.pop(name, None)
        else:
            after[name] = _merge_named(before.get(name) or [], item[name], key)
    return after


def _merge_named(before, later, key):
    """Merge lists whose items are names or dicts; what was only ever a name stays one."""
    spread = [[entry if isinstance(entry, dict) else {key: entry} for entry in entries] for entries in (before, later)]
    merged = _merge_lists(spread, [key], {})
    return [entry[key] if set(entry) == {key} else entry for entry in merged]


def identify(item, keys):
    """Return a hashable identity of the item, made of its key attributes."""
    if not isinstance(item, dict):
        raise LayerError(f"an item is {item!r}; accepted: a dictionary with {_listed(keys)}")
    if item.get(keys[0]) is None:
        raise LayerError(f"an item has no {keys[0]!r}: {item!r}; accepted: a dictionary with {_listed(keys)}")
    return tuple(json.dumps(item.get(name), sort_keys=True, default=str) for name in keys)


def describe(item, keys):
    """Return the item's key attributes as a person would name it."""
    return ", ".join(f"{name} {item[name]!r}" for name in keys if item.get(name) is not None)


def _listed(keys):
    return " and ".join(repr(name) for name in keys)
