"""Reading of SQL sets: order, and what is refused."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.filter.sql_set import sql_set


def write(folder, **files):
    for name, content in files.items():
        (folder / name.replace("_sql", ".sql")).write_text(content, encoding="utf-8")


def test_versioned_files_come_first_by_number_then_repeatable_ones_by_name(tmp_path):
    write(tmp_path, R__b_sql="b", V10__ten_sql="10", V002__two_sql="2", R__a_sql="a")
    (tmp_path / "README.md").write_text("beside", encoding="utf-8")
    assert sql_set(str(tmp_path)) == [
        {"name": "V002__two.sql", "content": "2"},
        {"name": "V10__ten.sql", "content": "10"},
        {"name": "R__a.sql", "content": "a"},
        {"name": "R__b.sql", "content": "b"},
    ]


@pytest.mark.parametrize("name", ["v1__a.sql", "V1_a.sql", "V__a.sql", "V1__A.sql", "R1__a.sql", "a.sql", "notes.txt"])
def test_a_badly_named_file_is_refused(tmp_path, name):
    (tmp_path / name).write_text("select 1", encoding="utf-8")
    with pytest.raises(AnsibleFilterError) as error:
        sql_set(str(tmp_path))
    assert name in str(error.value) and "V<number>__<description>.sql" in str(error.value)


def test_two_files_of_one_version_are_refused(tmp_path):
    write(tmp_path, V1__a_sql="", V001__b_sql="")
    with pytest.raises(AnsibleFilterError, match=r"V001__b\.sql and V1__a.sql have the same version 1"):
        sql_set(str(tmp_path))


def test_a_missing_folder_is_refused_with_its_neighbours(tmp_path):
    (tmp_path / "transactions").mkdir()
    with pytest.raises(AnsibleFilterError, match=r"transaction is no folder; folders in .*: transactions"):
        sql_set(str(tmp_path / "transaction"))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(AnsibleFilterError, match="has no file"):
        sql_set(str(tmp_path))


def test_text_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "V1__a.sql").write_bytes(b"select '\xff'")
    with pytest.raises(AnsibleFilterError, match="byte 8 is 0xff"):
        sql_set(str(tmp_path))
