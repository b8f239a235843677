"""The command that prints what is understood of a file, as scripts run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

SAMPLE = Path(__file__).parent / "samples" / "02_tab_table_action_column.txt"


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """With nothing in the environment: no secret, no database."""
    return subprocess.run(
        [sys.executable, "manage.py", "read_minutes", str(path)],
        cwd=settings.BASE_DIR,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_prints_the_contract_without_any_settings():
    done = run(SAMPLE)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert list(read) == [
        "meeting",
        "attendees",
        "agenda",
        "actions",
        "next_meeting",
        "warnings",
    ]
    assert read["meeting"]["date"] == "2024-05-14"
    assert read["meeting"]["minute_taker"] == "Fay Milligan"
    assert [action["owner"] for action in read["actions"]] == ["SJ", "SJ/NK", "OT"]
    assert read["next_meeting"]["date"] == "2024-06-11"


@pytest.mark.parametrize("name", ["nowhere.txt", "empty.txt", "minutes.doc"])
def test_what_cannot_be_read_is_refused_with_one_sentence(tmp_path, name):
    path = tmp_path / name
    if name != "nowhere.txt":
        path.write_bytes(b"" if name == "empty.txt" else b"\xd0\xcf\x11\xe0old")
    done = run(path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert name in done.stderr
    assert "Traceback" not in done.stderr
