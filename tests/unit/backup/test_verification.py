"""Every line that `pgbackrest verify` prints is judged, because its exit status is 0 whatever it finds."""

from __future__ import annotations

import pytest
from pgops_backup.verification import judge
from samples import DAMAGED_BACKUP, DAMAGED_SEGMENT, LOST_MANIFEST, NO_REPOSITORY, WHOLE

LABEL = "20261121-153457F"


def test_whole():
    assert judge(WHOLE, [LABEL]) == {
        "ok": True,
        "problems": [],
        "backups": [{"label": LABEL, "status": "valid", "checked": 1369, "valid": 1369}],
        "archives": [{"id": "18-1", "checked": 5, "valid": 5}],
        "damaged_files": [],
    }


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (DAMAGED_BACKUP, [f"backup {LABEL} is damaged: invalid, 1368 of 1369", f"invalid checksum: {LABEL}/bundle/2"]),
        (DAMAGED_SEGMENT, ["archive 18-1 is damaged: 4 of 5", "000000010000000000000005-a7f1.zst"]),
        (LOST_MANIFEST, [f"backup {LABEL} is damaged: manifest missing"]),
        (NO_REPOSITORY, ["No usable backup.info file"]),
        ("", ["it printed nothing"]),
        (WHOLE.replace(LABEL, "20261120-020000F"), [f"backup {LABEL} was not verified"]),
    ],
    ids=["backup", "segment", "manifest", "repository", "nothing", "left out"],
)
def test_damage(output, words):
    result = judge(output, [] if output == NO_REPOSITORY else [LABEL])
    assert not result["ok"]
    for word in words:
        assert any(word in problem for problem in result["problems"]), result["problems"]


def test_a_file_that_cannot_be_decompressed_is_named():
    file = "18-1/0000000100000000/000000010000000000000012-32094f24158adfc94cae56a33ebc69b168419d84.zst"
    line = f"P01   INFO: invalid result {file}: [29] raised from local-1 protocol: zst error: [-20] Data corruption detected\n"
    result = judge(line + DAMAGED_SEGMENT, [LABEL])
    assert {"reason": "invalid result", "file": file} in result["damaged_files"]
    assert any(file in problem for problem in result["problems"])


def test_a_lost_bundle_is_named_once():
    line = f"P01   INFO: file missing '{LABEL}/bundle/2'\n"
    assert judge(line * 500 + DAMAGED_BACKUP, [LABEL])["damaged_files"] == [
        {"reason": "file missing", "file": f"{LABEL}/bundle/2"},
        {"reason": "invalid checksum", "file": f"{LABEL}/bundle/2"},
    ]


def test_a_backup_in_progress_is_no_damage():
    line = "P00   INFO: backup '20261121-161524F' appears to be in progress, skipping\n"
    running = "  backup: 20261121-161524F, status: in-progress, total files checked: 0, total valid files: 0\n"
    result = judge(
        line + WHOLE.replace("P00   INFO: verify command end", running + "P00   INFO: verify command end"), [LABEL]
    )
    assert result["ok"], result["problems"]
