"""The reader on two sets of published minutes and eight layouts of other boards.

Their words are somebody else's, so they lie beside the project and not in it.
"""

import json
from pathlib import Path

import pytest
from django.conf import settings

from meetings.reader.contract import as_contract
from meetings.reader.files.kinds import source_of
from meetings.reader.read import read_minutes
from tests.meetings.reader.judging import differences
from tests.meetings.reader.writing import as_docx, as_pdf, blocks_of

MINUTES = settings.BASE_DIR.parent / "shared" / "minutes"
PUBLISHED = ["2020-08-04-monthly-assurance-meeting", "2025-03-26-assurance-meeting"]
LAYOUTS = sorted(path.stem for path in (MINUTES / "layouts").glob("*.json"))

pytestmark = pytest.mark.skipif(
    not MINUTES.exists(), reason="the published minutes are not beside this clone"
)


def truth_of(path: Path) -> dict:
    """In the shape of the samples."""
    told = json.loads(path.read_text("utf-8"))
    if "truth" in told:
        return told["truth"]
    meeting = told["meeting"]
    return {
        **{name: meeting[name] for name in ("date", "start", "end", "venue")},
        "chair": [meeting["chair"]],
        "minute_taker": meeting["minute_taker"]["name"],
        "attendees": [{**person, "status": ""} for person in told["attendance"]],
        "headings": list(titles(told["agenda"])),
        "actions": [
            {**action, "owner": action["owner_as_printed"]}
            for action in told["actions"]
        ],
        "next": {
            name: told["next_meeting"].get(name)
            for name in ("type", "date", "start", "end", "venue")
        },
    }


def titles(items):
    for item in items:
        yield item["title"]
        yield from titles(item.get("children") or [])


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("kind", ["txt", "docx", "pdf"])
def test_published_minutes_are_read_whole_from_each_kind_of_file(name, kind):
    path = MINUTES / f"{name}.json"
    truth = truth_of(path)
    text = path.with_suffix(".txt").read_text("utf-8")
    blocks = blocks_of(text, truth["headings"])
    data = {
        "txt": lambda: text.encode(),
        "docx": lambda: as_docx(blocks),
        "pdf": lambda: as_pdf(blocks),
    }[kind]()
    read = as_contract(read_minutes(source_of(data, f"minutes.{kind}")))
    assert differences(truth, read) == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_second_wordings_are_those_of_the_summary(name):
    told = json.loads((MINUTES / f"{name}.json").read_text("utf-8"))["actions"]
    text = (MINUTES / f"{name}.txt").read_text("utf-8")
    read = as_contract(read_minutes(source_of(text.encode(), "minutes.txt")))
    assert [action["alternative_text"] for action in read["actions"]] == [
        action["summary_text"] if action.get("wording_differs") else None
        for action in told
    ]


def test_what_a_scanner_damaged_is_a_warning_with_its_line():
    text = (MINUTES / f"{PUBLISHED[0]}.txt").read_bytes()
    read = as_contract(read_minutes(source_of(text, "minutes.txt")))
    lines = {warning["line"] for warning in read["warnings"]}
    # Clipped margins, a page number, passages that come again.
    assert lines == {33, 36, 37, 39, 40, 41, 42, 43, 44, 116}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_of_other_boards_are_read(name):
    path = MINUTES / "layouts" / f"{name}.json"
    read = as_contract(
        read_minutes(source_of(path.with_suffix(".txt").read_bytes(), "minutes.txt"))
    )
    # "(minutes)" behind a name is a role, and no abbreviation.
    known = ["Rita Thorn abbreviation: minutes, read None"]
    assert [
        line for line in differences(truth_of(path), read) if line not in known
    ] == []
