"""A policy is applied before an operation or after it, never to partitions that are about to be exchanged."""

from __future__ import annotations

import json

import pytest
from partition_operations import MARCH
from psycopg import errors

NESTED = {
    "by": {"range": "day", "every": "quarter"}, "name": "q_{year}_{quarter}", "ahead": 0,
    "subpartitions": {"by": {"list": "kind"}, "default": "{parent}_rest", "partitions": [{"name": "{parent}_a", "values": ["a", "b"]}]},
}  # fmt: skip
CASES = {
    "by time": ("range", {"by": {"range": "at", "every": "month"}, "name": "e_{year}_{month}"}, "drain", {"partitions": [MARCH]}, [
        "call pgops.partition_apply({})", "call pgops.partition_ensure({}, '2025-01-01', '2025-02-01')"]),
    "by number": ("number", {"by": {"range": "n", "every": 1000}, "name": "n_{from}"}, "split",
        {"partition": "n2", "every": 500, "name": "half_{number}"}, [
        "call pgops.partition_apply({})", "call pgops.partition_ensure_numbers({}, 0, 5000)"]),
    "of a nested table": ("nested", NESTED, "split", {"partition": "q1_a", "into": [
        {"name": "q1_a", "values": ["a"]}, {"name": "q1_b", "values": ["b"]}]}, [
        "call pgops.partition_apply({})", "call pgops.partition_ensure({}, '2025-01-01', '2025-02-01')"]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "policy", "operation", "arguments", "calls"), CASES.values(), ids=CASES, indirect=["operations"]
)
def test_while_an_operation_is_not_finished(operations, policy, operation, arguments, calls):
    engine = operations.engine
    engine.set_policy(policy, table=operations.top)
    number = engine.value(
        "select pgops.start_operation(%s::regclass, %s, %s, '{}')", operations.root, operation, json.dumps(arguments)
    )
    partitions = operations.partitions()
    table = f"'{operations.top}'::regclass"
    for call in calls:
        with pytest.raises(errors.ObjectInUse, match=rf"operation {number} \({operation}\) changes the partitions of"):
            engine.run(call.format(table))
    with pytest.raises(errors.RaiseException, match="maintenance failed for 1 of 1 tables"):
        engine.run("call pgops.maintain()")
    assert operations.partitions() == partitions
    engine.run(f"call pgops.operation_resume({number})")
    for call in calls:
        engine.run(call.format(table))
