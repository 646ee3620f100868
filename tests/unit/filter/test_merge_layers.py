"""Merging of layers: what one layer says, later ones change, and null takes away."""

from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.filter.merge_layers import merge_layers as filter_merge_layers
from ansible_collections.pgops.fleet.plugins.module_utils.layers import LayerError, merge_layers

names = st.sampled_from(["a", "b", "c", "d", "e"])
scalars = st.one_of(st.integers(), st.booleans(), st.text(max_size=3))
attributes = st.dictionaries(st.sampled_from(["x", "y", "z"]), scalars | st.none(), max_size=3)


@st.composite
def layer(draw):
    return [{"name": name, **draw(attributes)} for name in draw(st.lists(names, unique=True, max_size=5))]


@given(st.lists(layer(), max_size=4))
def test_an_attribute_has_the_value_of_the_last_layer_that_says_it(layers):
    merged = {item["name"]: item for item in merge_layers(layers)}
    for name in {item["name"] for items in layers for item in items}:
        for attribute in ("x", "y", "z"):
            said = [item[attribute] for items in layers for item in items if item["name"] == name and attribute in item]
            expected = said[-1] if said else None
            assert merged[name].get(attribute) == expected
            assert (attribute in merged[name]) == (expected is not None)


@given(st.lists(layer(), max_size=4))
def test_the_order_is_that_of_the_first_mention(layers):
    mentioned = list(dict.fromkeys(item["name"] for items in layers for item in items))
    assert [item["name"] for item in merge_layers(layers)] == mentioned


@given(st.lists(layer(), max_size=3))
def test_layers_stay_as_they_were_and_merging_again_changes_nothing(layers):
    before = copy.deepcopy(layers)
    merged = merge_layers(layers)
    assert layers == before
    assert merge_layers([merged]) == merged
    assert merge_layers([merged, merged]) == merged


@given(st.lists(st.dictionaries(names, scalars | st.none()), min_size=1, max_size=4))
def test_dictionaries_lose_what_a_later_layer_sets_to_null(layers):
    expected = {}
    for said in layers:
        expected.update(said)
    assert merge_layers(layers) == {name: value for name, value in expected.items() if value is not None}


def test_nested_dictionaries_are_merged_and_lists_replaced():
    system = [{"table": "app.t1", "by": {"range": "date", "every": "month"}, "columns": ["a", "b"]}]
    host = [{"table": "app.t1", "by": {"every": "day"}, "columns": ["c"]}]
    assert merge_layers([system, host], key="table") == [
        {"table": "app.t1", "by": {"range": "date", "every": "day"}, "columns": ["c"]}
    ]


def test_named_lists_inside_items_are_merged_by_name():
    system = [{"name": "transactions", "extensions": ["pg_cron", "pg_ivm"]}]
    host = [{"name": "transactions", "extensions": [{"name": "pg_ivm", "version": "1.14"}, "pg_trgm"]}]
    assert merge_layers([system, host], nested={"extensions": "name"}) == [
        {"name": "transactions", "extensions": ["pg_cron", {"name": "pg_ivm", "version": "1.14"}, "pg_trgm"]}
    ]


def test_several_attributes_can_be_the_key():
    system = [{"role": "r", "object": "schema app", "privileges": ["usage"]}, {"role": "r", "object": "table app.t1"}]
    host = [{"role": "r", "object": "schema app", "state": "absent"}]
    assert merge_layers([system, host], key=["role", "object"]) == [
        {"role": "r", "object": "schema app", "privileges": ["usage"], "state": "absent"},
        {"role": "r", "object": "table app.t1"},
    ]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([[{"name": "a"}, {"name": "a"}]], "name 'a' stands twice in one layer"),
        ([[{"nam": "a"}]], "no 'name'"),
        ([["a"]], "an item is 'a'"),
        ([[{"name": "a"}], {"a": 1}], "a dictionary and a list"),
        (["text"], "a layer is 'text' (str)"),
    ],
)
def test_wrong_layers_are_refused(layers, message):
    with pytest.raises(LayerError) as error:
        merge_layers(layers)
    assert message in str(error.value)
    with pytest.raises(AnsibleFilterError, match="merge_layers: "):
        filter_merge_layers(layers)
