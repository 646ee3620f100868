"""postgresql_configuration on a host with Debian's layout: what is refused leaves files and server as they were."""

from __future__ import annotations

import json

import pytest

from tests.modules.debian_host import DebianHost
from tests.modules.harness import ModuleFailed

MODULE = "postgresql_configuration"
SETTINGS = {
    "shared_preload_libraries": ["pg_cron", "pg_stat_statements"],
    "cron.database_name": "postgres",
    "cron.use_background_workers": True,
    "work_mem": "8MB",
    "log_line_prefix": "%m it's \\ [%p] ",
    "archive_mode": "on",
    "archive_command": "touch /tmp/archived-%f",
    "random_page_cost": 1.1,
    "logging_collector": False,
}
HBA = [
    {
        "type": "local",
        "database": "all",
        "user": "all",
        "method": "peer",
        "comment": "Everybody by the name they log in as",
    },
    {
        "type": "hostssl",
        "database": ["transactions", "odd name", "#1"],
        "user": "+readers",
        "address": "192.0.2.0/24",
        "method": "scram-sha-256",
        "options": {"clientcert": "verify-ca"},
    },
    {"type": "host", "database": "all", "user": "all", "address": "all", "method": "reject", "state": "absent"},
]
IDENT = [{"map": "admins", "system_user": "/^(.*)@example\\.org$", "database_user": "\\1"}]


@pytest.fixture(scope="module")
def host():
    host = DebianHost()
    yield host
    host.stop()


@pytest.fixture(scope="module")
def version(host):
    return host.version


@pytest.fixture
def configure(host, version):
    def run(settings=SETTINGS, **options):
        declared = {"version": version, "settings": settings, "hba": HBA, "ident": IDENT, **options}
        return host.run(MODULE, **declared)

    return run


@pytest.fixture
def state(host, version):
    """All files of the configuration with mode and contents, and what the server has in force."""

    def read():
        for _try in range(5):  # on a busy machine the list has come back empty
            files = host.shell(
                f"cd /etc/postgresql/{version}/main && find . -printf '%p %M %u %T@\\n' | sort"
                f" && find . -type f | sort | xargs sha256sum; ls -A /tmp | grep pgops-trial || true"
            )
            if files:
                break
        assert files, "no file of the configuration was listed"
        return files, server_state(host)

    return read


def contents(files):
    """The checksums of the files, without the moments of their last change."""
    return [line for line in files.splitlines() if not line.startswith(".")]


def server_state(host):
    return host.sql(
        """
        select json_build_object('loaded', pg_conf_load_time(), 'settings',
            (select json_object_agg(name, setting order by name) from pg_settings where source <> 'client'),
            'started', pg_postmaster_start_time(),
            'hba', (select json_agg(r) from pg_hba_file_rules r))
        """
    )


def test_pattern(host, version, configure, state):
    before = state()
    promised = configure(check=True)
    assert promised["changed"] and promised["validated"] and state() == before
    done = configure()
    ignored = ("invocation",)
    assert {k: v for k, v in done.items() if k not in ignored} == {
        k: v for k, v in promised.items() if k not in ignored
    }
    # Debian's default for a cluster is an include of conf.d, unless its own configuration says otherwise.
    ours = f"/etc/postgresql/{version}/main"
    assert {f"{ours}/conf.d/pgops.conf", f"{ours}/pg_hba.conf", f"{ours}/pg_ident.conf"} <= set(done["files"])
    assert done["reloaded"] and done["queries"] == ["select pg_catalog.pg_reload_conf()"]
    assert done["pending_restart"] == ["archive_mode", "shared_preload_libraries"] and done["restart_required"]
    assert host.sql("show work_mem") == "8MB"
    assert host.sql("show log_line_prefix") == SETTINGS["log_line_prefix"].strip()
    after = state()
    for check in (True, False):
        again = configure(check=check)
        assert not again["changed"] and not again["validated"] and not again["reloaded"]
        assert again["diff"] == [] and again["queries"] == []
        assert again["pending_restart"] == ["archive_mode", "shared_preload_libraries"], "asked, not remembered"
    assert state() == after
    host.cluster("restart")
    assert configure()["pending_restart"] == []
    assert host.sql("show shared_preload_libraries") == "pg_cron, pg_stat_statements"


def test_lines_mean_what_was_declared(host, configure):
    configure()
    rows = json.loads(host.sql("select json_agg(r order by rule_number) from pg_hba_file_rules r"))
    assert [row["type"] for row in rows] == ["local", "hostssl"]
    assert rows[1]["database"] == ["transactions", "odd name", "#1"] and rows[1]["user_name"] == ["+readers"]
    assert rows[1]["options"] == ["clientcert=verify-ca"]
    (mapping,) = json.loads(host.sql("select json_agg(r) from pg_ident_file_mappings r"))
    assert (mapping["sys_name"], mapping["pg_username"]) == (IDENT[0]["system_user"], IDENT[0]["database_user"])


@pytest.mark.parametrize(
    "damage",
    [
        "echo \"work_mem = '9MB'\" >> conf.d/pgops.conf",
        "rm conf.d/pgops.conf",
        "echo 'host all all 0.0.0.0/0 trust' >> pg_hba.conf",
        "echo broken >> pg_hba.conf",
        "sed -i '/include_dir/d' postgresql.conf",
        ": > pg_ident.conf",
    ],
)
def test_damage_is_mended(host, version, configure, state, damage):
    configure()
    host.shell(f"cd /etc/postgresql/{version}/main && {damage}", "postgres")
    assert configure(check=True)["changed"]
    done = configure()
    assert done["changed"] and done["pending_restart"] == []
    assert not configure()["changed"]
    assert host.sql("show work_mem") == "8MB"
    assert host.sql("select count(*) from pg_hba_file_rules where address = '0.0.0.0' or error is not null") == "0"


CERTIFICATE = "/etc/ssl/certs/ssl-cert-snakeoil.pem"


@pytest.mark.parametrize("file", ["/etc/postgresql/{version}/main/pg_hba.conf", CERTIFICATE])
def test_files_written_but_never_read_are_read(host, version, configure, file):
    settings = {**SETTINGS, "ssl_cert_file": CERTIFICATE}
    configure(settings)
    host.shell(f"touch -d '+1 second' {file.format(version=version)}; sleep 1.1")
    assert configure(settings, check=True)["reloaded"]
    done = configure(settings)
    assert done["changed"] and done["reloaded"] and not done["validated"]
    assert not configure(settings)["changed"]


def test_a_removed_setting_waits_for_a_restart_and_is_no_refusal(host, version, configure):
    """What stood in our file and needs a restart: nobody declares it any more."""
    configure({**SETTINGS, "max_worker_processes": 11})
    host.shell(f"pg_ctlcluster {version} main restart", "postgres")
    assert configure(check=True)["pending_restart"] == ["max_worker_processes"]
    done = configure()
    assert done["changed"] and done["pending_restart"] == ["max_worker_processes"]
    host.shell(f"pg_ctlcluster {version} main restart", "postgres")
    assert configure()["pending_restart"] == []


REFUSED = [
    ({"wrk_mem": "8MB"}, 'unrecognized configuration parameter "wrk_mem"'),
    ({"wrk_mem": "8MB"}, "setting wrk_mem: nearest known: work_mem"),
    ({"work_mem": "12 parsecs"}, "setting work_mem = '12 parsecs'\nLOG:  invalid value for parameter"),
    ({"work_mem": "1kB"}, "is outside the valid range"),
    ({"shared_preload_libraries": ["pg_nowhere"]}, 'could not access file "pg_nowhere"'),
    ({"wal_level": "minimal"}, "WAL archival cannot be enabled"),
    ({"superuser_reserved_connections": 200}, "must be less than"),
    ({"shared_buffers": "4TB"}, "shared_memory_size would be"),
    ({"cron.max_runing_jobs": 5}, "the loaded extension has no such setting; nearest known: cron.max_running_jobs"),
    ({"cron.max_running_jobs": "many"}, 'invalid value for parameter "cron.max_running_jobs": "many"'),
    ({"plpgsql.extra_warnings": "alll"}, 'invalid value for parameter "plpgsql.extra_warnings"'),
    ({"ssl_cert_file": "/nowhere.crt"}, 'could not load server certificate file "/nowhere.crt"'),
    ({"listen_addresses": "192.0.2.99"}, "this machine has none of these addresses"),
    ({"log_directory": "/root/log", "logging_collector": "on"}, "could not open its log file"),
    ({"work_mem": "2000GB"}, "MB of memory altogether"),
    ({"max_worker_processes": 0}, "too many background workers"),
    ({"session_preload_libraries": "nowhere"}, 'could not access file "nowhere"'),
    ({"local_preload_libraries": "nowhere"}, "could not access file"),
    ({"statement_timeout": 1}, "statement timeout"),
    ({"idle_session_timeout": "1ms"}, "idle"),
    ({"idle_session_timeout": "2s"}, "for every session of the server"),
    ({"lock_timeout": "1ms"}, "accepted: 0, or 10 ms and more"),
    ({"max_connections": 9, "reserved_connections": 3}, "which leaves 3 for everybody else; accepted: at least 5"),
    ({"min_wal_size": "2GB", "max_wal_size": "1GB"}, "is more than max_wal_size = 1024 MB"),
    ({"archive_library": "basic_archive"}, "only one of them may be set"),
    ({"data_directory": "/srv"}, "setting data_directory is decided when the cluster is made"),
    ({"work mem": 1}, "setting 'work mem' is no name"),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_a_refused_setting_leaves_everything_as_it_was(configure, state, settings, words):
    configure()
    before = state()
    with pytest.raises(ModuleFailed) as refusal:
        configure({**SETTINGS, **settings})
    assert words in str(refusal.value)
    assert next(iter(settings)) in str(refusal.value)
    assert state() == before


def test_check_mode_refuses_as_a_run_does(configure, state):
    configure()
    before = state()
    with pytest.raises(ModuleFailed, match="12 parsecs"):
        configure({**SETTINGS, "work_mem": "12 parsecs"}, check=True)
    assert state() == before


@pytest.mark.parametrize(
    ("option", "line", "words"),
    [
        (
            "hba",
            {"type": "host", "database": "all", "user": "all", "address": "192.0.2.0/24", "method": "scram"},
            "invalid authentication method",
        ),
        (
            "hba",
            {"type": "host", "database": "all", "user": "all", "address": "192.0.2.300/24", "method": "reject"},
            "192.0.2.300/24",
        ),
        (
            "hba",
            {"type": "local", "database": "a", "user": "b", "method": "peer", "options": {"mpa": "x"}},
            "unrecognized authentication option name",
        ),
        ("ident", {"map": "m", "system_user": "/(", "database_user": "x"}, "invalid regular expression"),
    ],
)
def test_a_refused_line_leaves_everything_as_it_was(configure, state, option, line, words):
    configure()
    before = state()
    with pytest.raises(ModuleFailed) as refusal:
        configure(**{option: [*HBA, line] if option == "hba" else [*IDENT, line]})
    assert words in str(refusal.value) and f"pg_{option}.conf line " in str(refusal.value)
    assert state() == before


def test_hostssl_without_tls_is_refused(configure, state):
    configure()
    before = state()
    with pytest.raises(ModuleFailed, match="hostssl record cannot match because SSL is disabled"):
        configure({**SETTINGS, "ssl": False})
    assert state() == before


def test_what_the_data_of_the_cluster_needs_is_kept(host, version, configure, state):
    """A server does not start with fewer slots than there are, or prepared transactions, or with less in its WAL."""
    roomy = {**SETTINGS, "wal_level": "logical", "max_prepared_transactions": 5}
    configure(roomy)
    host.cluster("restart")
    host.sql("select pg_create_logical_replication_slot('one', 'pgoutput'), pg_create_physical_replication_slot('two')")
    host.sql("begin; create table prepared (id int); prepare transaction 'left'")
    before = state()
    for settings, words in (
        (
            {"wal_level": "replica"},
            "has 1 logical replication slots, and the server would not start with less than logical",
        ),
        (
            {"wal_level": "minimal", "archive_mode": "off", "max_wal_senders": 0},
            "has 1 physical replication slots, and the server would not start with less than replica",
        ),
        ({"max_replication_slots": 1}, "the cluster has 2 replication slots"),
        ({"max_prepared_transactions": 0}, "1 transactions are prepared"),
    ):
        with pytest.raises(ModuleFailed, match=words):
            configure({**roomy, **settings})
        assert state() == before
    host.sql("rollback prepared 'left'")
    host.sql("select pg_drop_replication_slot(slot_name) from pg_replication_slots")
    configure()
    host.cluster("restart")


def test_the_trial_does_nothing_to_others(host, configure):
    host.shell("rm -f /tmp/archived-*")
    configure({**SETTINGS, "work_mem": "7MB", "log_directory": "/tmp/must-not-be", "logging_collector": True})
    left = host.shell("ls -A /tmp")
    assert not any(name in left for name in ("archived-", "must-not-be", "pgops-trial"))
    assert host.shell("pgrep -c -f '[p]gops-trial' || true") == "0"
    configure()


def test_what_the_running_server_refuses_is_put_back(host, version, configure, state):
    """Files beside ours are not tried; when the server finds one of them broken, ours go back."""
    configure()
    broken = f"/etc/postgresql/{version}/main/pg_ident.conf"
    host.shell(f"cp -p {broken} {broken}.good; echo 'only-a-map' > {broken}")
    before = state()
    with pytest.raises(ModuleFailed, match=f"files and server are as they were.\n{broken} line 1"):
        configure({**SETTINGS, "work_mem": "6MB"}, ident=None)
    after = state()
    assert host.sql("show work_mem") == "8MB"
    host.shell(f"mv {broken}.good {broken}")
    assert contents(after[0]) == contents(before[0])
    assert not configure()["changed"]


def test_overrides_are_named(host, version, configure):
    configure()
    other = f"/etc/postgresql/{version}/main/conf.d/zz_operator.conf"
    host.shell(f"echo 'work_mem = 5MB' > {other}; chown postgres: {other}")
    host.sql("alter system set random_page_cost = 2")
    assert configure()["reloaded"], "what others wrote beside our settings is read"
    done = configure()
    assert not done["changed"]
    assert [(entry["name"], entry["value"]) for entry in done["overrides"]] == [
        ("work_mem", "5MB"),
        ("random_page_cost", "2"),
    ]
    assert any(f"{other} line 1 says '5MB' and wins" in warning for warning in done["warnings"])
    assert host.shell(f"cat {other}") == "work_mem = 5MB"
    host.shell(f"rm {other}")
    host.sql("alter system reset random_page_cost")


def test_a_killed_run_leaves_nothing_running_and_the_next_cleans_up(host, version, configure):
    configure()
    left = f"/tmp/pgops-trial-{version}-main-left/data"
    host.shell(f"mkdir -p {left}; echo x > {left}/file; echo 999999 > {left}/postmaster.pid", "postgres")
    configure({**SETTINGS, "work_mem": "6MB"})
    assert "pgops-trial" not in host.shell("ls -A /tmp")
    configure()


def test_settings_are_validated_and_written_while_the_server_is_down(host, version, configure):
    configure()
    host.cluster("stop")
    try:
        with pytest.raises(ModuleFailed, match="12 parsecs"):
            configure({**SETTINGS, "work_mem": "12 parsecs"})
        done = configure({**SETTINGS, "work_mem": "6MB"})
        assert done["changed"] and done["validated"] and not done["running"] and not done["reloaded"]
    finally:
        host.cluster("start")
    assert host.sql("show work_mem") == "6MB"
    configure()


def test_before_the_cluster_exists(configure, state):
    before = state()
    done = configure(check=True, cluster="second")
    assert done["changed"] and not done["validated"]
    assert any("cannot be tried yet: cluster second does not exist" in warning for warning in done["warnings"])
    with pytest.raises(ModuleFailed, match="cluster second does not exist.*create it first"):
        configure(cluster="second")
    assert configure(check=True, version=15, user="root")["warnings"]
    with pytest.raises(ModuleFailed, match="become_user: postgres"):
        configure(user="root")
    assert state() == before


def test_prerequisites_of_earlier_tasks_are_no_refusal_in_check_mode(configure, state):
    configure()
    before = state()
    new = {**SETTINGS, "shared_preload_libraries": ["pg_nowhere"]}
    done = configure(new, check=True, prerequisites_pending=True)
    assert done["changed"] and not done["validated"]
    assert any('could not access file "pg_nowhere"' in warning for warning in done["warnings"])
    assert state() == before


def test_another_clusters_port_is_noticed(host, version, configure):
    host.cluster("create", "--start -p 5599 -- --auth=peer --no-sync", name="third")
    try:
        with pytest.raises(ModuleFailed, match="port 5599 leads to the server in .*third.*set login_port"):
            configure(login_port=5599)
    finally:
        host.cluster("drop", name="third")


def test_no_secret_of_roles_reaches_the_log(host, version):
    """Everything that is logged is looked at: the module's statements run while the server logs all it can."""
    host.sql("alter system set log_statement = 'all'")
    host.sql("alter system set log_min_duration_statement = 0")
    host.sql("select pg_reload_conf()")
    roles = [{"name": "log_test", "login": True, "password": "v3ry-secret"}]
    host.run("postgresql_roles", login_db="postgres", roles=roles)
    host.run("postgresql_roles", login_db="postgres", roles=[{**roles[0], "password": "an0ther-secret"}])
    log = host.shell(f"cat /var/log/postgresql/postgresql-{version}-main.log")
    assert "statement: commit" in log
    assert "secret" not in log and "SCRAM-SHA-256$" not in log
    for setting in ("log_statement", "log_min_duration_statement"):
        host.sql(f"alter system reset {setting}")
    host.sql("select pg_reload_conf()")
