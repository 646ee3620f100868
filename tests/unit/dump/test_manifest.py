"""A manifest is read as it was written, or refused."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pgops_dump import manifest
from pgops_dump.refusal import Refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
EMPTY = {
    "format": manifest.FORMAT,
    **{name: kind() for name, kind in manifest.PARTS.items() if name != "format"},
}


@given(more=st.dictionaries(st.text(max_size=8).filter(lambda key: key not in (*manifest.PARTS, "sha256")), JSON))
def test_a_manifest_is_read_as_it_was_written(more):
    sealed = manifest.seal(EMPTY | more)
    assert manifest.parse(json.dumps(sealed), "m") == sealed
    assert manifest.seal(sealed) == sealed


@given(text=st.text(max_size=40) | JSON.map(json.dumps))
def test_any_other_text_is_refused(text):
    with pytest.raises(Refused, match="^m "):
        manifest.parse(text, "m")


@given(position=st.integers(0), sign=st.sampled_from("0123456789abcdefx{}[],"))
def test_a_manifest_with_one_sign_changed_is_refused_or_says_the_same(position, sign):
    text = json.dumps(manifest.seal(EMPTY | {"tables": [{"name": "t1", "rows": 12, "checksum": "-345"}]}))
    position %= len(text)
    changed = text[:position] + sign + text[position + 1 :]
    try:
        found = manifest.parse(changed, "m")
    except Refused:
        return
    assert found == json.loads(text)


@pytest.mark.parametrize("name", manifest.PARTS)
def test_a_part_of_another_kind_is_refused(name):
    with pytest.raises(Refused, match=name):
        manifest.parse(json.dumps(manifest.seal(EMPTY | {name: "text"})), "m")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "data/../../x", ""])
def test_a_file_outside_of_the_dump_is_refused(path):
    files = [{"path": path, "bytes": 1, "sha256": "00"}]
    with pytest.raises(Refused, match=r"files\[0\]"):
        manifest.parse(json.dumps(manifest.seal(EMPTY | {"files": files})), "m")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(contents=st.lists(st.binary(max_size=50), min_size=1, max_size=4), data=st.data())
def test_damage_to_any_file_is_found(tmp_path_factory, contents, data):
    folder = tmp_path_factory.mktemp("dump")
    (folder / "data").mkdir()
    for number, content in enumerate(contents):
        (folder / "data" / f"{number}.dat").write_bytes(content)
    manifest.write(folder, EMPTY | {"files": manifest.list_files(folder)})
    read = manifest.read(folder)
    assert manifest.damage(folder, read) == []
    number = data.draw(st.integers(0, len(contents) - 1))
    other = data.draw(st.binary(max_size=50).filter(lambda other: other != contents[number]) | st.none())
    damaged = folder / "data" / f"{number}.dat"
    if other is None:
        damaged.unlink()
    else:
        damaged.write_bytes(other)
    assert [str(damaged) in problem for problem in manifest.damage(folder, read)] == [True]


def test_a_folder_without_a_manifest_is_no_dump(tmp_path):
    with pytest.raises(Refused, match="has no manifest.json"):
        manifest.read(tmp_path)
    with pytest.raises(Refused, match="does not exist"):
        manifest.read(tmp_path / "nothing")


def test_the_manifest_is_for_its_owner_alone(tmp_path):
    manifest.write(tmp_path, dict(EMPTY))
    assert os.stat(tmp_path / manifest.NAME).st_mode & 0o777 == 0o600  # noqa: PTH116
    assert [path.name for path in tmp_path.iterdir()] == [manifest.NAME]
