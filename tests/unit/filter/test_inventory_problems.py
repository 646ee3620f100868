"""What is refused in a host's variables, and in whose words."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.filter.inventory_problems import inventory_problems
from ansible_collections.pgops.fleet.plugins.filter.merged_inventory import merged_inventory
from ansible_collections.pgops.fleet.plugins.module_utils import inventory_check, inventory_schema
from ansible_collections.pgops.fleet.plugins.module_utils.field_kinds import CHECKERS

GOOD = {
    "postgresql_system": {
        "settings": {
            "work_mem": "8MB",
            "shared_preload_libraries": ["pg_cron", "pg_ivm"],
            "jit": False,
            "max_connections": 50,
        },
        "databases": [
            {"name": "transactions", "owner": "transactions_owner", "extensions": ["pg_cron", {"name": "pg_ivm"}]}
        ],
        "roles": [
            {"name": "transactions_owner", "login": False},
            {
                "name": "jobs",
                "login": True,
                "member_of": [{"name": "transactions_owner", "inherit": False, "set": True}],
            },
        ],
        "privileges": [{"role": "public", "object": "schema public", "privileges": []}],
        "default_privileges": [
            {
                "role": "reader",
                "for_role": "transactions_owner",
                "in_schema": "app",
                "object": "tables",
                "privileges": ["select"],
            }
        ],
        "partitions": [
            {
                "table": "app.t1",
                "by": {"range": "date", "every": "month"},
                "name": "t1_{year}_{month}",
                "ahead": 3,
                "default": True,
                "retention": {"keep": "24 months", "then": "detach"},
            },
            {
                "table": "app.t2",
                "by": {"list": "region"},
                "partitions": [{"name": "t2_eu", "values": ["eu", 7, None]}],
                "default": "t2_rest",
                "tablespace": "fast",
                "indexes": [{"columns": ["region"], "unique": False}],
                "subpartitions": {
                    "by": {"range": "id", "every": 1000},
                    "name": "{parent}_{from}",
                    "subpartitions": {"by": {"hash": "id", "modulus": 2}, "name": "{parent}_{remainder}"},
                },
            },
            {
                "table": "app.t3",
                "by": {"range": "date"},
                "partitions": [
                    {"name": "t3_a", "to": datetime.date(2024, 1, 1)},
                    {"name": "t3_b", "from": "2024-01-01"},
                ],
                "retention": {"keep": "24 months", "then": "archive", "into": "app.t3_archive", "reason": "old"},
            },
        ],
        "incremental_views": [
            {"name": "app.t1_totals", "query": "select 1", "indexes": [{"columns": ["a"], "unique": True}]}
        ],
        "cron_jobs": [
            {"name": "t1-insert", "every": "5 seconds", "run": "call app.insert_transaction()", "as": "jobs"},
            {"name": "maintenance", "cron": "10 3 * * *", "run": "call pgops.maintain()"},
        ],
        "publications": [{"name": "t1_publication", "tables": ["app.t1"], "via_root": True, "operations": ["insert"]}],
        "hba": [
            {"type": "local", "database": "all", "user": "postgres", "method": "peer"},
            {
                "type": "hostssl",
                "database": ["a", "b"],
                "user": "r",
                "address": "192.0.2.1/32",
                "method": "scram-sha-256",
            },
        ],
        "ident": [{"map": "m", "system_user": "root", "database_user": "postgres"}],
    },
    "postgresql_partitions": [{"table": "app.t1", "ahead": 6, "retention": None}],
    "postgresql_host_cron_jobs": [{"name": "t1-insert", "active": False}, {"name": "maintenance", "state": "absent"}],
    "postgresql_settings": {"work_mem": None},
}


def test_good_variables_have_no_problem():
    assert inventory_problems(GOOD) == []


def test_layers_are_merged_by_the_key_of_their_list():
    merged = merged_inventory(GOOD)
    assert merged["settings"] == {
        "shared_preload_libraries": ["pg_cron", "pg_ivm"],
        "jit": False,
        "max_connections": 50,
    }
    assert merged["partitions"][0]["ahead"] == 6
    assert "retention" not in merged["partitions"][0]
    assert [(job["name"], job.get("active"), job.get("state")) for job in merged["cron_jobs"]] == [
        ("t1-insert", False, None),
        ("maintenance", None, "absent"),
    ]
    assert [line["type"] for line in merged["hba"]] == ["local", "hostssl"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"postgresql_setings": {}}, ["variable postgresql_setings is unknown", "nearest known: postgresql_settings"]),
        (
            {"postgresql_system": {"cron_job": []}},
            ["postgresql_system.cron_job is unknown", "nearest known: cron_jobs"],
        ),
        ({"postgresql_settings": []}, ["postgresql_settings is [] (list)", "a dictionary"]),
        ({"postgresql_settings": {"work_mem": {"a": 1}}}, ["postgresql_settings.work_mem is {'a': 1} (dictionary)"]),
        ({"postgresql_roles": {}}, ["postgresql_roles is {} (dictionary)", "a list of roles"]),
        ({"postgresql_roles": ["a"]}, ["postgresql_roles[0] is 'a' (text)", "a dictionary with name"]),
        ({"postgresql_roles": [{"login": True}]}, ["postgresql_roles[0] has no name"]),
        (
            {"postgresql_roles": [{"name": "a", "login": "yes"}]},
            ["postgresql_roles[a].login is 'yes' (text)", "true or false"],
        ),
        ({"postgresql_roles": [{"name": "a"}, {"name": "a"}]}, ["postgresql_roles[a] stands twice"]),
        ({"postgresql_roles": [{"name": "a" * 64}]}, ["63 bytes"]),
        (
            {"postgresql_host_partitions": [{"table": "app.t1", "ahead": -1}]},
            ["postgresql_host_partitions[app.t1].ahead is -1 (integer)", "a whole number from 0 to 1000"],
        ),
        (
            {"postgresql_partitions": [{"table": "app.t1", "ahed": 1}]},
            ["[app.t1].ahed is unknown; nearest known: ahead"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"range": "d", "every": "months"}}]},
            ["by.every is 'months'", "month, quarter"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "name": "a_{year}", "by": {"range": "d"}}]},
            ["postgresql_partitions[a].by has no every"],
        ),
        ({"postgresql_partitions": [{"table": "a", "name": "a_{yaer}"}]}, ["name is 'a_{yaer}'", "{year}"]),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"lst": "region"}}]},
            ["by.lst is unknown; nearest known: list"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"range": "d", "list": "r"}}]},
            ["by has range and list; accepted: one of them"],
        ),
        ({"postgresql_partitions": [{"table": "a", "by": {"every": "day"}}]}, ["by has none of range, list and hash"]),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"range": "d", "every": 0}}]},
            ["by.every is 0 (integer)", "a whole number"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"hash": "id"}, "name": "a_{remainder}"}]},
            ["by has no modulus"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"hash": "id", "modulus": 0}}]},
            ["by.modulus is 0 (integer)", "from 1 to 99999"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"list": "region"}}]},
            ["postgresql_partitions[a] has no partitions in any layer; a policy by list needs it"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "by": {"range": "id", "every": 1000}}]},
            ["has no name in any layer; a policy by range every number needs it"],
        ),
        (
            {
                "postgresql_partitions": [
                    {"table": "a", "by": {"list": "r"}, "ahead": 2, "partitions": [{"name": "p", "values": [None]}]}
                ]
            },
            ["[a].ahead does not go with by list; it goes with range every period, range every number"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "partitions": [{"name": "p", "form": 1}]}]},
            ["partitions[p].form is unknown; nearest known: from"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "partitions": [{"name": "p", "values": "x"}]}]},
            ["partitions[p].values is 'x' (text)", "a list of texts, numbers, dates or null"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "indexes": [{"column": ["c"]}]}]},
            ["indexes[0].column is unknown; nearest known: columns"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "retention": {"keep": "1 day", "then": "archiv"}}]},
            ["then is 'archiv'", "archive"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "subpartitions": {"retention": {"keep": "1 day"}}}]},
            ["subpartitions.retention is unknown"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "subpartitions": {"subpartitions": {"by": {"hsh": "c"}}}}]},
            ["subpartitions.subpartitions.by.hsh is unknown; nearest known: hash"],
        ),
        (
            {
                "postgresql_partitions": [
                    {
                        "table": "a",
                        "by": {"hash": "id", "modulus": 2},
                        "name": "a_{remainder}",
                        "subpartitions": {"by": {"range": "n"}},
                    }
                ]
            },
            ["[a].subpartitions.by has no every; accepted: a size of partitions, or partitions"],
        ),
        (
            {"postgresql_partitions": [{"table": "a", "retention": {"keep": "24"}}]},
            ["retention.keep is '24'", "24 months"],
        ),
        (
            {"postgresql_cron_jobs": [{"name": "j", "every": "90 seconds"}]},
            ["every is '90 seconds'", "1 to 59 seconds"],
        ),
        (
            {"postgresql_cron_jobs": [{"name": "j", "cron": "61 * * * *"}]},
            ["cron is '61 * * * *'", "61 is not between 0 and 59"],
        ),
        (
            {"postgresql_cron_jobs": [{"name": "j", "run": "select 1"}]},
            ["postgresql_cron_jobs[j] has neither of every and cron"],
        ),
        (
            {"postgresql_cron_jobs": [{"name": "j", "every": "5 seconds", "cron": "* * * * *", "run": "x"}]},
            ["postgresql_cron_jobs[j] has both of every and cron"],
        ),
        (
            {"postgresql_cron_jobs": [{"name": "j", "every": "5 seconds"}]},
            ["postgresql_cron_jobs[j] has no run in any layer"],
        ),
        (
            {"postgresql_privileges": [{"role": "r", "object": "tabel a", "privileges": []}]},
            ["object is 'tabel a'", "table app.t1"],
        ),
        (
            {"postgresql_hba": [{"type": "host", "database": "all", "user": "all", "method": "scram"}]},
            ["method is 'scram'", "scram-sha-256"],
        ),
        (
            {"postgresql_hba": [{"type": "host", "database": "all", "user": "all", "method": "reject"}]},
            ["postgresql_hba[host all all] has no address"],
        ),
        (
            {
                "postgresql_hba": [
                    {"type": "local", "database": "a", "user": "b", "address": "::1/128", "method": "peer"}
                ]
            },
            ["address is '::1/128' on a local line"],
        ),
        ({"postgresql_databases": [{"name": "d", "extensions": [{"version": "1"}]}]}, ["extensions[0] has no name"]),
        ({"postgresql_publications": [{"name": "p"}]}, ["postgresql_publications[p] publishes nothing"]),
        (
            {"postgresql_publications": [{"name": "p", "operations": ["upsert"]}]},
            ["operations is ['upsert']", "insert, update"],
        ),
        ({"package_source_kind": "pdgd"}, ["package_source_kind is 'pdgd'", "pgdg, mirror, distribution"]),
        (
            {"package_source_sute": "x"},
            ["variable package_source_sute is unknown; nearest known: package_source_suite"],
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_is_accepted(variables, expected):
    problems = inventory_problems(variables)
    assert len(problems) == 1, problems
    for words in expected:
        assert words in problems[0]


def test_what_cannot_be_rendered_yet_is_left_to_the_run():
    assert inventory_problems({"postgresql_hba": "{{ later }}"}) == []
    assert inventory_problems({"postgresql_roles": [{"name": "a", "connection_limit": "{{ limit }}"}]}) == []


def test_a_password_is_never_shown():
    (problem,) = inventory_problems({"postgresql_roles": [{"name": "a", "password": 4711}]})
    assert "4711" not in problem and "postgresql_roles[a].password is integer (not shown)" in problem


def test_options_of_roles_are_checked_by_type():
    options = {
        "postgresql": {
            "postgresql_version": {"type": "int", "choices": [16, 17, 18]},
            "postgresql_tls": {"type": "bool"},
        }
    }
    assert inventory_check.inventory_problems({"postgresql_version": 16, "postgresql_tls": "yes"}, options) == []
    assert inventory_check.inventory_problems({"postgresql_version": 15}, options) == [
        "postgresql_version is 15 (integer); accepted: 16, 17, 18"
    ]
    assert "accepted: true or false" in inventory_check.inventory_problems({"postgresql_tls": "maybe"}, options)[0]


def test_every_attribute_of_the_schema_has_a_kind_and_a_meaning():
    for name, spec in inventory_schema.LISTS.items():
        for attribute, description in spec["fields"].items():
            assert description["kind"] in CHECKERS and description["meaning"], f"{name}.{attribute}"
        assert set(spec["key"]) <= set(spec["fields"]) and set(spec["nested"]) <= set(spec["fields"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["name", "object"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(inventory_schema.LISTS)), st.data())
def test_whatever_an_operator_writes_is_answered_with_words(name, data):
    fields = inventory_schema.LISTS[name]["fields"]
    items = data.draw(
        st.lists(st.dictionaries(st.sampled_from(sorted(fields)), json_values, max_size=6), max_size=3) | json_values
    )
    assert all(isinstance(problem, str) for problem in inventory_problems({f"postgresql_{name}": items}))
