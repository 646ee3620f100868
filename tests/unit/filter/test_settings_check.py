"""Settings that the inventory may not declare."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.filter.inventory_problems import inventory_problems
from ansible_collections.pgops.fleet.plugins.module_utils.settings_check import UNSAFE, settings_problems

DATABASES = [{"name": "shop", "extensions": ["pg_cron", {"name": "pg_stat_statements"}, "pgstattuple"]}]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": 5433}, "setting port is 5433; set postgresql_port"),
        ({"Unix_Socket_Directories": "/tmp"}, "unix_socket_directories is '/tmp'; leave it out"),
        ({"fsync": False}, "a crash of the machine can damage the whole cluster"),
        ({"full_page_writes": "off"}, "postgresql_unsafe_settings_allowed: [full_page_writes]"),
        ({"zero_damaged_pages": "on"}, "their rows are gone"),
        ({"archive_command": "/bin/true"}, "set postgresql_archive: command, and postgresql_archive_command"),
        ({"synchronous_standby_names": "ghost"}, "each commit waits for ever; standby_synchronous"),
        ({"synchronous_standby_names": ["ghost"]}, "postgresql_unsafe_settings_allowed: [synchronous_standby_names]"),
        ({"post_auth_delay": "1000s"}, "each new connection waits"),
        ({"default_transaction_read_only": True}, "whatever writes fails"),
        ({"session_replication_role": "replica"}, "triggers and foreign keys are not as they are declared"),
        ({"restrict_nonsystem_relation_kind": "view"}, "nobody can use a view"),
        ({"password_encryption": "md5"}, "pg_hba.conf asks for scram-sha-256"),
        ({"restart_after_crash": False}, "stays down until somebody starts it"),
        ({"log_line_prefix": "%m\n[Service]\n"}, "accepted: a value without line breaks"),
        ({"autovacuum": "F"}, "transaction numbers run out"),
        ({"shared_preload_libraries": "pg_stat_statements"}, "without pg_cron, which database shop declares"),
        ({"shared_preload_libraries": ["pg_cron", "auto_explain"]}, "[pg_stat_statements, pg_cron, auto_explain]"),
        ({"cron.database_name": "shopp"}, "accepted: a declared database, shop, postgres"),
    ],
)
def test_refused(settings, words):
    (problem,) = settings_problems(settings, DATABASES)
    assert words in problem


@pytest.mark.parametrize(
    "settings",
    [
        {"work_mem": "4MB", "fsync": "on", "autovacuum": True},
        {"shared_preload_libraries": "pg_cron, pg_stat_statements, auto_explain"},
        {"cron.database_name": "shop"},
        {"log_line_prefix": "%m\t[%p] ", "password_encryption": "scram-sha-256", "session_replication_role": "local"},
        {"restrict_nonsystem_relation_kind": "", "restart_after_crash": "on"},
        {"cron.database_name": "postgres"},
        {"fsync": None, "port": None},
        {"synchronous_standby_names": "", "post_auth_delay": 0, "default_transaction_read_only": "off"},
    ],
    ids=str,
)
def test_taken(settings):
    assert settings_problems(settings, DATABASES) == []


@pytest.mark.parametrize("name", UNSAFE)
def test_what_is_meant_is_taken(name):
    value = next(each for each in ("on", "off", "md5", "replica") if UNSAFE[name][0](each))
    assert settings_problems({name: value}, [])
    assert settings_problems({name: value}, [], [name]) == []


def test_a_name_that_needs_no_allowance_is_a_mistake():
    (problem,) = settings_problems({}, [], ["fsyncc"])
    assert "postgresql_unsafe_settings_allowed names fsyncc; accepted: fsync," in problem


def test_each_layer_counts():
    problems = inventory_problems(
        {"postgresql_settings": {"fsync": "off"}, "postgresql_host_settings": {"fsync": "on"}}
    )
    assert problems == []
    (problem,) = inventory_problems(
        {"postgresql_settings": {"fsync": "on"}, "postgresql_host_settings": {"fsync": "off"}}
    )
    assert "fsync" in problem
    assert (
        inventory_problems({"postgresql_settings": {"fsync": "off"}, "postgresql_unsafe_settings_allowed": ["fsync"]})
        == []
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"postgresql_service_limits": {"LimitNFILE": 1024, "limitnofile": 1}},
            "postgresql_service_limits names limitnofile",
        ),
        ({"postgresql_service_limits": {"LimitNOFILE": "many"}}, "postgresql_service_limits.LimitNOFILE is 'many'"),
        ({"postgresql_kernel_settings": {"swappiness": 1}}, "postgresql_kernel_settings names swappiness"),
        ({"postgresql_kernel_settings": {"vm.swappiness": True}}, "postgresql_kernel_settings.vm.swappiness is True"),
    ],
)
def test_kernel_and_limits(variables, words):
    options = {"postgresql_": {name: {"type": "dict"} for name in variables}}
    from ansible_collections.pgops.fleet.plugins.module_utils.inventory_check import inventory_problems as check

    problems = check(variables, {"postgresql": options["postgresql_"]})
    assert any(words in problem for problem in problems), problems
