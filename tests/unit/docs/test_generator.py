"""The generator reads documentation markup and SQL right."""

from __future__ import annotations

import pytest

from docs.generator import markup, sql_pages, sql_source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O(jobs[].every) or V(5 seconds)", "`jobs[].every` or `5 seconds`"),
        ("C(a|b)", "`a|b`"),
        ("M(pgops.fleet.postgresql_scripts)", "[pgops.fleet.postgresql_scripts](../modules/postgresql_scripts.md)"),
        ("P(pgops.fleet.secret#lookup)", "[pgops.fleet.secret](../lookups/secret.md)"),
        ("M(community.postgresql.postgresql_db)", f"[community.postgresql.postgresql_db]({markup.ANSIBLE_DOCS}/"
                                                  "community/postgresql/postgresql_db_module.html)"),
        ("memory * 3 <b> max_connections", r"memory \* 3 \<b\> max_connections"),
    ],
)  # fmt: skip
def test_markup_becomes_markdown(text, expected):
    assert markup.markdown(text) == expected


def test_markup_refuses_names_of_nothing():
    with pytest.raises(ValueError, match=r"pgops\.fleet\.nothing, which does not exist"):
        markup.markdown("M(pgops.fleet.nothing)")


def test_markup_refuses_what_yaml_took_for_a_dictionary():
    with pytest.raises(ValueError, match="needs quotes"):
        markup.markdown([{"a": "b"}])


def test_plain_text_keeps_its_code_spans():
    assert markup.escape("run `make *` now *") == r"run `make *` now \*"


def test_cells_do_not_break_tables():
    assert markup.table(["a"], [["x|y\nz"]]).splitlines()[2] == r"| x\|y z |"


@pytest.fixture
def sql_set(tmp_path):
    (tmp_path / "V001__create.sql").write_text(
        """
        -- a comment; with a semicolon
        create table app.t1 (
            id bigint not null, -- number; of the row
            kind text not null constraint "one, two or three" check (kind in ('a,b', 'c')),
            total numeric(18, 2) default 0,
            constraint t1_pkey primary key (id)
        );
        comment on table app.t1 is 'It''s the ' 'table; really.';
        comment on column app.t1.id is 'Number.';
        grant select on app.t1 to app_reader, app_writer;
        insert into app.t1 (id, kind) values (1, 'a,b'), (2, 'it''s (c)');
        """
    )
    (tmp_path / "R__add.sql").write_text(
        """
        create or replace procedure app.add(
            amount numeric default 1, inout label text default ')'
        )
        language plpgsql
        as $$ begin; raise notice 'create table app.none (x int)'; end $$;
        comment on procedure app.add is $$Adds.
        Errors: none.$$;
        revoke all on procedure app.add from public;
        grant execute on procedure app.add(numeric, text) to app_writer;
        """
    )
    return sql_source.read_set(tmp_path)


def test_sql_tables_are_read(sql_set):
    table = sql_set["app.t1"]
    assert table.columns == {"id": "bigint", "kind": "text", "total": "numeric(18, 2)"}
    assert table.comment == "It's the table; really."
    assert table.column_comments == {"id": "Number."}
    assert table.rows == [{"id": "1", "kind": "a,b"}, {"id": "2", "kind": "it's (c)"}]
    assert table.grants == [("select", "app_reader, app_writer")]


def test_columns_that_are_added_later_are_read(tmp_path):
    (tmp_path / "V001__t.sql").write_text("create table app.t (id bigint);")
    (tmp_path / "V002__more.sql").write_text(
        "alter table app.t\n    add column owner name not null,\n    add column size numeric(5, 2);"
        "alter table app.t alter column owner drop not null;"
    )
    assert sql_source.read_set(tmp_path)["app.t"].columns == {
        "id": "bigint", "owner": "name", "size": "numeric(5, 2)",
    }  # fmt: skip


def test_sql_procedures_are_read(sql_set):
    procedure = sql_set["app.add"]
    assert procedure.signature == "app.add( amount numeric default 1, inout label text default ')' )"
    assert procedure.comment.splitlines() == ["Adds.", "        Errors: none."]
    assert procedure.grants == [("execute", "app_writer")]


def test_sql_enums_and_materialized_views_are_read(tmp_path):
    (tmp_path / "V001__create.sql").write_text(
        """
        create type app.kind as enum ('a', 'b');
        comment on type app.kind is 'Kinds.';
        create materialized view app.sums as select kind, sum(amount) as amount from app.t1 group by kind;
        comment on materialized view app.sums is 'Sums.';
        comment on column app.sums.amount is 'Sum.';
        """
    )
    found = sql_source.read_set(tmp_path)
    assert (found["app.kind"].kind, found["app.kind"].signature) == ("type", "app.kind as enum ('a', 'b')")
    assert found["app.kind"].columns == {}
    assert (found["app.sums"].kind, found["app.sums"].comment) == ("view", "Sums.")
    assert found["app.sums"].column_comments == {"amount": "Sum."}


def test_what_stands_in_bodies_is_not_read(sql_set):
    assert set(sql_set) == {"app.t1", "app.add"}


def test_what_is_called_of_the_engine_exists():
    engine = next(folder for folder in sql_pages.sets() if folder.name == "pgops")
    assert sql_pages.CALLED["pgops"] <= set(sql_source.read_set(engine))
