"""The reader on minutes in the layouts of many bodies, each with what it says.

What it does not understand of a text is listed beside the truth, under ``left``, so
that reading more, or less, or inventing anything, shows.
"""

import json
from pathlib import Path

import pytest

from meetings.reader.contract import as_contract
from meetings.reader.files.kinds import source_of
from meetings.reader.read import read_minutes
from tests.meetings.reader.judging import differences, truth_of

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_it_reads_what_is_printed_and_invents_nothing(path):
    data = path.with_suffix(".txt").read_bytes()
    read = as_contract(read_minutes(source_of(data, f"{path.stem}.txt")))
    left = json.loads(path.read_text("utf-8")).get("left", [])
    assert sorted(differences(truth_of(path), read)) == sorted(left)


def test_what_it_leaves_is_little():
    """Of all people, headings and actions of the samples, so many are missed."""
    left = [line for path in SAMPLES for line in _left(path)]
    missed = [line for line in left if " missed: " in line]
    printed = sum(
        len(truth_of(path)[kind])
        for path in SAMPLES
        for kind in ("attendees", "headings", "actions")
    )
    assert len(missed) < printed * 0.05
    assert len([line for line in left if "invented: " in line]) < printed * 0.01


def _left(path):
    return json.loads(path.read_text("utf-8")).get("left", [])
