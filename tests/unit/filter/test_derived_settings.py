"""Derived settings: bounds that hold on any machine, and what is refused."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.filter.derived_settings import derived_settings
from ansible_collections.pgops.fleet.plugins.filter.derived_settings_explained import derived_settings_explained

machines = st.fixed_dictionaries(
    {"memory_mb": st.integers(256, 4_000_000), "cores": st.integers(1, 512)},
    optional={
        "storage": st.sampled_from(["ssd", "hdd"]),
        "workload": st.sampled_from(["oltp", "analytics", "mixed"]),
        "max_connections": st.integers(1, 10_000),
        "version": st.integers(16, 19),
    },
)


def mb(value):
    assert value.endswith("MB")
    return int(value[:-2])


@given(machines)
def test_every_machine_gets_settings_that_fit_it(machine):
    settings = derived_settings(machine)
    assert mb(settings["shared_buffers"]) <= machine["memory_mb"] * 0.4
    assert mb(settings["shared_buffers"]) < mb(settings["effective_cache_size"]) <= machine["memory_mb"]
    assert 4 <= mb(settings["work_mem"]) <= 1024
    assert mb(settings["min_wal_size"]) <= mb(settings["max_wal_size"]) / 2
    assert (
        settings["max_parallel_workers_per_gather"]
        <= settings["max_parallel_workers"]
        < settings["max_worker_processes"]
    )


@given(machines)
def test_each_setting_is_explained(machine):
    rows = derived_settings_explained(machine)
    assert {row["name"]: row["value"] for row in rows} == derived_settings(machine)
    assert all(row["formula"] and row["source"] for row in rows)


@given(machines, st.integers(1, 1_000_000))
def test_more_memory_never_means_smaller_settings(machine, more):
    settings = derived_settings(machine)
    larger = derived_settings({**machine, "memory_mb": machine["memory_mb"] + more})
    for name in ("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "max_wal_size"):
        assert mb(settings[name]) <= mb(larger[name])


def test_a_wish_wins_over_the_facts():
    facts = {"memtotal_mb": 24000, "processor_vcpus": 16}
    assert derived_settings(facts)["shared_buffers"] == "6000MB"
    assert derived_settings(facts, memory_mb=1024, cores=2)["shared_buffers"] == "256MB"
    assert derived_settings(facts, memory_mb=None)["shared_buffers"] == "6000MB"


def test_values_that_equal_the_servers_default_are_left_out():
    assert "random_page_cost" not in derived_settings({"memory_mb": 1024, "cores": 2}, storage="hdd")
    assert "effective_io_concurrency" not in derived_settings({"memory_mb": 1024, "cores": 2}, version=18)


@pytest.mark.parametrize(
    ("facts", "wishes", "message"),
    [
        ({}, {}, "memory_mb is None"),
        ({"memory_mb": 128, "cores": 1}, {}, "memory_mb is 128; accepted: a whole number of megabytes from 256"),
        ({"memory_mb": 1024, "cores": 0}, {}, "cores is 0"),
        ({"memory_mb": 1024, "cores": 1}, {"storage": "nvme"}, "storage is 'nvme'; accepted: ssd, hdd"),
        ({"memory_mb": 1024, "cores": 1}, {"workload": "olap"}, "workload is 'olap'"),
        ({"memory_mb": 1024, "cores": 1}, {"memory": 1}, "unknown memory"),
    ],
)
def test_what_nothing_can_be_derived_from_is_refused(facts, wishes, message):
    with pytest.raises(AnsibleFilterError) as error:
        derived_settings(facts, **wishes)
    assert message in str(error.value)
