"""What is dumped on one cluster is on another, to the row; what is damaged or cut short is not loaded."""

from __future__ import annotations

import json
import shlex

import pytest
import testinfra

from pgops.local.fleet import TEST

ODD = """
create schema "My Schema";
create table "My Schema"."T.a*b" ("Id" int generated always as identity primary key, t text, "select" jsonb, f float8,
    at timestamptz default now(), b bytea);
insert into "My Schema"."T.a*b" (t, "select", f, b)
select E'\\n"' || g, jsonb_build_object('a', g), random(), decode(md5(g::text), 'hex') from generate_series(1, 2000) g;
create table "My Schema"."line
break" (n int);
insert into "My Schema"."line
break" select generate_series(1, 10);
create table "My Schema"."Child" (id int references "My Schema"."T.a*b", note text default 'ä');
insert into "My Schema"."Child" values (1), (1), (2);
create table p (id int, k text) partition by list (k);
create table "p_A" (k text, id int);
alter table p attach partition "p_A" for values in ('A');
create table p_b partition of p for values in ('b');
insert into p select g, case when g % 2 = 0 then 'A' else 'b' end from generate_series(1, 1000) g;
create table no_columns ();
insert into no_columns default values;
create sequence standalone increment -2 start -5 minvalue -1000;
select nextval('standalone');
create table uses_standalone (id bigint default nextval('standalone'), v text);
insert into uses_standalone (v) values ('a'), ('b');
create function shout() returns trigger language plpgsql as $$ begin new.v := upper(new.v); return new; end $$;
create trigger shout before insert on uses_standalone for each row execute function shout();
create materialized view per_k as select k, count(*) from p group by k;
insert into p values (5000, 'A');
select lo_from_bytea(4711, 'hello');
"""


@pytest.fixture(scope="module")
def odd(primary, sql):
    """A database whose names need quotes, with a stale materialized view."""
    name = 'Odd "Db'
    sql(primary, 'drop database if exists "Odd ""Db" with (force)')
    sql(primary, 'create database "Odd ""Db"')
    sql(primary, ODD, name)
    yield name
    sql(primary, 'drop database "Odd ""Db" with (force)')


@pytest.fixture(scope="module")
def dumped(primary, program, odd, folder):
    """Its dump."""
    made = program(primary, "dump", odd, folder("db1"))
    assert "directory" in made, made
    return made["directory"]


@pytest.fixture
def copy(primary, dumped):
    """A copy of the dump, to be damaged; its folder is removed."""
    path = f"{dumped}_copy"
    primary.run("rm -rf %s", path)
    primary.check_output("cp -a %s %s", dumped, path)
    yield path
    primary.run("rm -rf %s", path)


def databases(sql, host):
    return sql(host, "select string_agg(datname, ',' order by datname) from pg_database").split(",")


def test_system_1_on_another_cluster(play, primary, operations, sql, remove, version, folder):
    """Dumped under its own writers, fetched, loaded elsewhere: totals exact, and maintained by what is written there."""
    operations.check_output("apt-get install -y --no-install-recommends postgresql-%s-pg-ivm", version)
    remove(operations, "transactions")
    status, output = play("dump", dump_host="db1", dump_database="transactions", dump_to="controller")
    assert status == 0, output
    directory = output.rsplit("directory: ", 1)[1].split()[0]
    given = {
        "load_host": "db3",
        "load_database": "transactions",
        "load_from": "controller",
        "load_directory": directory,
    }

    if "transactions_owner" not in sql(operations, "select string_agg(rolname, ' ') from pg_roles"):
        status, output = play("load", **given)
        assert status != 0
        assert "the cluster lacks the roles transactions_app" in output
        assert "load_create_roles=true" in output
    given["load_create_roles"] = True
    status, output = play("load", "--check", **given)
    assert status == 0, output
    assert "into: a new database" in output or "would be copied" in output
    assert "transactions" not in databases(sql, operations)
    status, output = play("load", **given)
    assert status == 0, output
    assert "app.t1_totals" in output

    manifest = json.loads(
        operations.check_output("cat %s/%s/manifest.json", folder("db3"), directory.rsplit("/", 1)[1])
    )
    rows = sum(
        table["rows"] for table in manifest["tables"] if table["name"].startswith("t1_2") and table["partition_of"]
    )
    assert rows > 0
    assert sql(operations, "select count(*) from app.t1", "transactions") == str(rows)
    assert sql(operations, "select count(*) from app.totals_drift()", "transactions") == "0"
    before = sql(operations, "select sum(transactions) from app.t1_totals", "transactions")
    sql(operations, "do $$ begin for i in 1..20 loop call app.insert_transaction(); end loop; end $$", "transactions")
    sql(operations, "delete from app.t1 where id in (select id from app.t1 order by id limit 5)", "transactions")
    assert sql(operations, "select sum(transactions) from app.t1_totals", "transactions") != before
    assert sql(operations, "select count(*) from app.totals_drift()", "transactions") == "0"
    view = """select pg_get_userbyid(c.relowner), (select string_agg(pg_get_indexdef(indexrelid), ' ') from pg_index
                  where indrelid = c.oid), (select string_agg(a::text, ' ' order by a::text) from unnest(relacl) a)
              from pg_class c where c.oid = 'app.t1_totals'::regclass"""
    assert sql(operations, view, "transactions") == sql(primary, view, "transactions")
    assert sql(operations, "select count(*) from pg_event_trigger where evtenabled = 'O'", "transactions") == "1"
    assert sql(operations, "select to_regnamespace('cron') is null", "transactions") == "t"
    assert sql(operations, "select count(*) from cron.job where database = 'transactions'", "operations_db") == "0"

    status, output = play("load", **given)
    assert status == 0, output
    assert "into: already loaded" in output
    assert "changed=0" in output.rsplit("db3 :", 1)[1]


def test_system_2_on_another_cluster(primary, operations, program, sql, remove, folder):
    remove(primary, "operations_copy")
    made = program(operations, "dump", "operations_db", folder("db3"))
    name = made["directory"].rsplit("/", 1)[1]
    there, here = (TEST.container(TEST.host(host)) for host in ("db3", "db1"))
    testinfra.get_host("local://").check_output(
        f"docker exec {there} tar -C {folder('db3')} -cf - {name} | docker exec -i {here} tar -C {folder('db1')} -xf -"
    )
    state = f"--state={folder('db1')}/.loaded.json"
    loaded = program(primary, "load", "operations_copy", f"{folder('db1')}/{name}", state, "--create-roles")
    assert loaded.get("rows") == made["rows"], loaded
    assert sql(primary, "select count(*) from app.client_type_sum_drift()", "operations_copy") == "0"
    assert sql(primary, "select count(*) > 0 from app.client_type_sum_mv", "operations_copy") == "t"


def test_the_files_are_for_postgres_alone(primary, dumped):
    assert primary.check_output("find %s -not -user postgres -o -perm /077", dumped) == ""
    assert primary.check_output("stat -c %%a %s", dumped) == "700"


def test_names_that_need_quotes(primary, program, sql, dumped, odd, remove, folder):
    remove(primary, "Odd Copy")
    loaded = program(primary, "load", "Odd Copy", dumped, f"--state={folder('db1')}/.loaded.json")
    assert loaded.get("compared") == 8, loaded
    same = """select (select md5(string_agg(t::text, ',' order by "Id")) from "My Schema"."T.a*b" t),
                     (select count(*) from "My Schema"."line
break"), (select count(*) from p), (select string_agg(k || count, ',' order by k) from per_k),
                     (select nextval('standalone')), encode(lo_get(4711), 'escape')"""
    there, here = sql(primary, same, "Odd Copy").split("|"), sql(primary, same, odd).split("|")
    assert here[3] == "A500,b500", "the source's view was stale"
    assert there[3] == "A501,b500", "the copy's is what its query gives"
    assert there[:3] + there[4:] == here[:3] + here[4:]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("f=$(ls data/*.dat* | head -1); printf X | dd of=$f bs=1 seek=9 conv=notrunc", "is damaged: its SHA-256"),
        ("f=$(ls data/*.dat* | head -1); truncate -s -1 $f", "were written."),
        ("rm data/toc.dat", "toc.dat is missing"),
        ("touch data/new.dat", "is not in its manifest"),
        ("rm manifest.json", "has no manifest.json"),
        ('sed -i \'s/"rows": 10,/"rows": 11,/\' manifest.json', "was changed after it was written"),
        ("truncate -s 1000 manifest.json", "is no JSON"),
        ("rm data/toc.dat; ln -s /etc/passwd data/toc.dat", "is no file"),
    ],
)
def test_a_damaged_dump_is_refused(primary, program, sql, copy, remove, folder, what, words):
    remove(primary, "Odd Copy")
    before = databases(sql, primary)
    primary.check_output(f"cd {shlex.quote(copy)}; {what}")
    refused = program(primary, "load", "Odd Copy", copy, f"--state={folder('db1')}/.loaded.json")
    assert words in refused["problems"][0]
    assert databases(sql, primary) == before


def test_what_differs_is_told_and_removed(primary, program, sql, copy, remove, folder):
    """A manifest that promises a row more, with a right checksum of its own."""
    remove(primary, "Odd Copy")
    before = databases(sql, primary)
    primary.check_output(
        "cd /usr/local/lib/pgops && python3 -c %s %s",
        "import sys, pathlib\nfrom pgops_dump import manifest\nd = pathlib.Path(sys.argv[1])\nm = manifest.read(d)\n"
        "t = [t for t in m['tables'] if t['name'] == 'p_b'][0]\nt['rows'] += 1\nmanifest.write(d, m)",
        copy,
    )
    primary.check_output("chown -R postgres: %s", copy)
    refused = program(primary, "load", "Odd Copy", copy, f"--state={folder('db1')}/.loaded.json")
    assert "public.p_b has 500 rows, 501 in the manifest" in refused["problems"][0]
    assert "Nothing of it was left" in refused["problems"][0]
    assert databases(sql, primary) == before
    kept = program(primary, "load", "Odd Copy", copy, f"--state={folder('db1')}/.loaded.json", "--keep-failed")
    assert "is in database Odd Copy__loading" in kept["problems"][0]
    assert sql(primary, "select count(*) from p_b", "Odd Copy__loading") == "500"
    assert "Odd Copy" not in databases(sql, primary)


KILLED = """
cd /; {command} > /tmp/killed.json & process=$!
for i in $(seq 500); do {seen} && break; sleep 0.02; done
kill -9 $process || exit 3
for i in $(seq 100); do pgrep -x {child} > /dev/null || break; sleep 0.1; done
pgrep -x {child} && exit 4
test ! -s /tmp/killed.json; exit_status=$?; rm -f /tmp/killed.json; exit $exit_status
"""


def test_a_dump_that_is_killed_is_no_dump(primary, program, version, odd, folder):
    home = folder("db1")
    before = primary.check_output("ls %s", home).split()
    command = f"/usr/local/lib/pgops/dump dump {version} 5432 {shlex.quote(odd)} {home}"
    script = KILLED.format(command=command, seen=f"ls -d {home}/*.partial >/dev/null 2>&1", child="pg_dump")
    killed = primary.run("su postgres -c %s", script)
    assert killed.rc == 0, f"{killed.rc} {killed.stdout} {killed.stderr}"
    left = set(primary.check_output("ls %s", home).split()) - set(before)
    assert [name.endswith(".partial") for name in left] == [True]
    refused = program(primary, "load", "Odd Copy", f"{home}/{left.pop()}", f"--state={home}/.loaded.json")
    assert "has no manifest.json" in refused["problems"][0]
    again = program(primary, "dump", odd, home)
    assert len(again["removed"]) == 1
    assert ".partial" not in primary.check_output("ls %s", home)


def test_nothing_goes_on_when_the_program_is_killed(primary, program, odd, folder):
    """What it has started ends with it, and so cannot write into a folder that the next run removes."""
    started = "from pgops_dump.server import run; run(['sleep', '4711'])"
    script = f"""cd /usr/local/lib/pgops; python3 -c {shlex.quote(started)} & process=$!
    for i in $(seq 100); do pgrep -f 'sleep 4711' -P $process > /dev/null && break; sleep 0.1; done
    kill -9 $process; sleep 1; pgrep -x -f 'sleep 4711'"""
    assert primary.run("su postgres -c %s", script).rc == 1


def test_a_load_that_is_killed_leaves_no_database_of_the_name(primary, program, sql, version, dumped, remove, folder):
    remove(primary, "Odd Copy")
    state = f"--state={folder('db1')}/.loaded.json"
    command = f"/usr/local/lib/pgops/dump load {version} 5432 'Odd Copy' {dumped} {state}"
    seen = 'psql -XAtc "select datname from pg_database" | grep -q __loading'
    killed = primary.run("su postgres -c %s", KILLED.format(command=command, seen=seen, child="pg_restore"))
    assert killed.rc == 0, f"{killed.rc} {killed.stdout} {killed.stderr}"
    assert "Odd Copy" not in databases(sql, primary)
    assert "Odd Copy__loading" in databases(sql, primary)
    loaded = program(primary, "load", "Odd Copy", dumped, state)
    assert loaded.get("removed_unfinished") is True, loaded
    assert "Odd Copy__loading" not in databases(sql, primary)


def test_a_database_with_tables_is_put_aside_when_told_twice(play, primary, sql, dumped, remove):
    remove(primary, "precious")
    sql(primary, "create database precious")
    sql(primary, "create table kept (n int); insert into kept values (7)", "precious")
    given = {"load_host": "db1", "load_database": "precious", "load_directory": dumped}
    status, output = play("load", **given)
    assert status != 0
    assert "database precious is there and has 1 tables: public.kept" in output
    assert "load_over_confirm=db1/precious" in output
    status, output = play("load", **given, load_over=True, load_over_confirm="db1")
    assert status != 0
    assert "To agree: -e load_over=true -e load_over_confirm=db1/precious" in output
    assert sql(primary, "select n from kept", "precious") == "7"
    status, output = play("load", **given, load_over=True, load_over_confirm="db1/precious")
    assert status == 0, output
    aside = [name for name in databases(sql, primary) if name.startswith("precious__before_")]
    assert len(aside) == 1
    assert f"put_aside: {aside[0]}" in output
    assert sql(primary, "select n from kept", aside[0]) == "7"
    assert sql(primary, "select count(*) from p", "precious") == "1001"
    # The same once more: what is there is as in the dump. After a change it is not.
    given |= {"load_over": True, "load_over_confirm": "db1/precious"}
    status, output = play("load", **given)
    assert status == 0, output
    assert "into: already loaded" in output
    sql(primary, "delete from p where ctid in (select ctid from p limit 1)", "precious")
    status, output = play("load", **given)
    assert status == 0, output
    assert "put_aside: precious__before_" in output
    assert sql(primary, "select count(*) from p", "precious") == "1001"


def test_chosen_tables(primary, program, sql, odd, dumped, remove, folder):
    """With their partitions, sequences, keys and indexes; what needs something else stays away and is named."""
    remove(primary, "few")
    home, state = folder("db1"), f"--state={folder('db1')}/.loaded.json"
    made = program(primary, "dump", odd, home, "--table=public.p", '--table=My Schema."T.a*b"', "--table=public.uses_*")
    assert made.get("tables") == 4, made
    loaded = program(primary, "load", "few", made["directory"], state)
    assert loaded.get("rows") == 1001 + 2000 + 2, loaded
    assert [line.split()[0] for line in loaded["left_out"]] == ["TRIGGER"]
    assert sql(primary, 'select count(*) from only "p_A"', "few") == "501"
    assert sql(primary, 'insert into "My Schema"."T.a*b" (t) values (1) returning "Id"', "few") == "2001"
    assert sql(primary, "insert into uses_standalone (v) values ('x') returning v, id < -8", "few") == "x|t"

    sql(primary, "create table other (n int)", "few")
    chosen = '--table="My Schema"."line\nbreak"'
    refused = program(primary, "load", "few", dumped, state, chosen)
    assert "database few is there and has" in refused["problems"][0]
    added = program(primary, "load", "few", dumped, state, chosen, "--over")
    assert added.get("rows") == 10, added
    assert sql(primary, "select count(*) from other", "few") == "0"
    refused = program(primary, "load", "few", dumped, state, "--table=public.p", "--over")
    assert "has public.p" in refused["problems"][0]
    again = program(primary, "load", "few", dumped, state, chosen, "--over")
    assert again["changed"] is False


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("dump", ["transactions", "{home}", "--table=app.t9"], "dump_tables has app.t9"),
        ("dump", ["transactions", "{home}", "--table=t1"], "'t1' is no name of a table"),
        ("dump", ["transactions", "{home}", "--table=app.t1_totals"], "dump_tables covers app.t1_totals"),
        ("dump", ["transactions", "/nowhere"], "dump_directory /nowhere is not there"),
        ("dump", ["transactions", "/etc"], "postgres may not write there"),
        ("load", ["postgres", "{dumped}", "--state={home}/.loaded.json"], "load_database is postgres"),
        ("load", ["new", "/nowhere", "--state={home}/.loaded.json"], "does not exist"),
        ("load", ["new", "{dumped}", "--state={home}/.loaded.json", "--table=a.b"], "load_tables has a.b"),
        ("load", ["new", "{dumped}", "--state={home}/.loaded.json", "--table=public.per_k"], "covers public.per_k"),
    ],
)
def test_what_cannot_be_done_is_refused(primary, program, sql, dumped, folder, command, arguments, words):
    before = databases(sql, primary), primary.check_output("ls %s", folder("db1"))
    refused = program(primary, command, *(text.format(home=folder("db1"), dumped=dumped) for text in arguments))
    assert words in refused["problems"][0]
    assert (databases(sql, primary), primary.check_output("ls %s", folder("db1"))) == before


def test_a_locked_table_does_not_hold_a_dump_for_ever(primary, program, odd, folder):
    holder = "begin; lock table p in access exclusive mode; select pg_sleep(20)"
    primary.check_output(
        "su postgres -c %s",
        f"setsid psql -X -d {shlex.quote(odd)} -c {shlex.quote(holder)} > /dev/null 2>&1 < /dev/null & sleep 2",
    )
    refused = program(primary, "dump", odd, folder("db1"), "--lock-timeout=1")
    assert "is locked by somebody else for more than 1 s" in refused["problems"][0]
    assert "p by process" in refused["problems"][0]
    assert ".partial" not in primary.check_output("ls %s", folder("db1"))
    primary.run(
        "su postgres -c %s",
        "psql -Xqc \"select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'\"",
    )


def test_a_dump_kept_on_the_repository_host_comes_back(play, primary, sql, odd, remove):
    remove(primary, "back")
    status, output = play("dump", dump_host="db1", dump_database=odd, dump_to="repository", dump_tables=["public.p"])
    assert status == 0, output
    directory = output.rsplit("directory: ", 1)[1].split()[0]
    assert "kept_on: ops1" in output
    assert primary.run("test -e %s", directory).rc == 1
    status, output = play(
        "load", load_host="db1", load_database="back", load_from="repository", load_directory=directory
    )
    assert status == 0, output
    assert sql(primary, "select count(*) from p", "back") == "1001"
