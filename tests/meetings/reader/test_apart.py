"""A file is read in a process that is stopped when it takes too much."""

import json
import logging
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from meetings.reader.apart import Limits, read_apart, read_sheets_apart
from meetings.reader.contract import as_contract
from meetings.reader.files.kinds import source_of
from meetings.reader.minutes import ReadAttendee, ReadItem, ReadMinutes, Words
from meetings.reader.read import read_minutes
from meetings.reader.source import Refused
from meetings.reader.wire import from_json, to_json
from tests.meetings.reader.writing import docx_of, typeset, word_xml

MINUTES = """Monthly board – notes
Date: 4 May 2026, 10:30
Chair: Ann Lee
Present
- Ann Lee (PCC) – Police and Crime Commissioner

1. Workforce
The paper was noted.
ACTION: Force to report on vacancies by 30 June 2026

Next meeting: 8 June 2026
"""
ROOMY = Limits(seconds=60)


def test_what_is_read_apart_is_what_is_read_here():
    data = MINUTES.encode()

    assert read_apart(data, "a.txt", ROOMY) == read_minutes(source_of(data, "a.txt"))


def test_a_refusal_comes_back_as_the_same_sentence():
    with pytest.raises(Refused, match=r"“a\.pdf” is not a PDF, whatever its name says"):
        read_apart(b"words", "a.pdf", ROOMY)


def test_a_file_too_large_is_not_passed_on():
    large = bytes(25 * 1024 * 1024 + 1)
    with pytest.raises(Refused, match=r"“a\.txt” is larger than 25 MB\. Take the pic"):
        read_apart(large, "a.txt", ROOMY)
    with pytest.raises(Refused, match=r"“a\.csv” is larger than 25 MB\. Keep the she"):
        read_sheets_apart(large, "a.csv", ROOMY)


def test_reading_that_takes_too_long_is_stopped():
    with pytest.raises(Refused, match=r"“a\.docx” takes too long to read\. Save it as"):
        read_apart(MINUTES.encode(), "a.docx", Limits(seconds=0.001))


@pytest.mark.parametrize(
    ("read", "name"), [(read_apart, "a.TXT"), (read_sheets_apart, "a.csv")]
)
def test_what_is_simplest_already_is_to_be_made_several(read, name):
    with pytest.raises(Refused, match=r"too long to read\. Make several files of it"):
        read(MINUTES.encode(), name, Limits(seconds=0.001))


def test_reading_that_takes_too_much_memory_is_stopped():
    cells = "<w:tc><w:p><w:r><w:t>Words</w:t></w:r></w:p></w:tc>" * 300_000
    one_row = docx_of(word_xml(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"))

    with pytest.raises(Refused, match=r"“a\.docx” (takes more memory|cannot be)"):
        read_apart(one_row, "a.docx", Limits(seconds=60, megabytes=60))


def test_a_process_that_breaks_gives_a_sentence_and_is_logged(caplog):
    """Too little memory even to start reading ends it in whatever way."""
    pdf = typeset("#for n in range(100) [#lorem(600) #pagebreak()]")

    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(Refused, match=r"“a\.pdf” (cannot be read|takes more memory)"),
    ):
        read_apart(pdf, "a.pdf", Limits(seconds=60, megabytes=1))


def in_the_process(words: str, hook: str = "_forbid") -> str:
    """What becomes of Python in a process that forbids what the reader's does."""
    process = subprocess.run(
        (
            sys.executable,
            "-c",
            "import os, signal, socket, subprocess, sys; "
            "from meetings.reader import child; "
            f"sys.addaudithook(child.{hook}); {words}",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stderr or "nothing"


def test_what_breaks_is_logged_without_the_words_of_the_file():
    process = subprocess.run(
        (sys.executable, "-m", "meetings.reader.child", "9", "180", "minutes"),
        input=b'["Secret", ".", "words"]\n',
        capture_output=True,
    )

    said = process.stderr.decode().splitlines()
    assert process.returncode == 1
    assert said[0] == "AttributeError"
    assert all(re.fullmatch(r"[\w<> ]+(\.py)?:\d+ [\w<>]+", one) for one in said[1:])


@pytest.mark.parametrize(
    "words",
    [
        "socket.socket()",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getpid(), 0)",
        "os.killpg(0, 0)",
    ],
)
def test_the_process_may_not_reach_out(words):
    assert "is not for the reader of files" in in_the_process(words)


@pytest.mark.parametrize(
    "words",
    [
        "open({}, 'w')",
        "open({}, 'r+b')",
        "os.open({}, os.O_WRONLY | os.O_CREAT)",
        "os.remove({})",
        "os.mkdir({} + 'a')",
        "os.truncate({}, 0)",
    ],
)
def test_the_process_may_not_write(words, tmp_path: Path):
    kept = tmp_path / "kept"
    kept.write_text("words")

    said = in_the_process(words.format(repr(str(kept))), "_forbid_writing")

    assert "to write is not for the reader of files" in said
    assert [path.read_text() for path in tmp_path.iterdir()] == ["words"]


def test_the_process_may_read():
    assert in_the_process("open(os.devnull).read()", "_forbid_writing") == "nothing"


def test_the_process_knows_no_settings_and_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "no.such.settings")
    monkeypatch.setattr(sys, "path", sys.path)

    assert read_apart(MINUTES.encode(), "a.txt", ROOMY).lines[0].startswith("Monthly")


def test_minutes_pass_unchanged():
    minutes = read_minutes(source_of(MINUTES.encode(), "a.txt"))

    assert from_json(to_json(minutes)) == minutes


# The command


def test_the_command_prints_the_contract(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text(MINUTES)
    out = StringIO()

    call_command("read_minutes", path, stdout=out)

    printed = json.loads(out.getvalue())
    assert list(printed) == [
        "meeting",
        "attendees",
        "agenda",
        "actions",
        "next_meeting",
        "warnings",
    ]
    assert printed["meeting"] | {"title": "", "type": ""} == {
        "title": "",
        "type": "",
        "date": "2026-05-04",
        "start": "10:30",
        "end": None,
        "venue": None,
        "chair": "Ann Lee",
        "minute_taker": None,
    }
    assert printed["attendees"] == [
        {
            "name": "Ann Lee",
            "capacity": "Police and Crime Commissioner",
            "abbreviation": "PCC",
            "organisation": None,
            "status": "present",
        }
    ]
    assert printed["actions"] == [
        {
            "text": "Force to report on vacancies by 30 June 2026",
            "alternative_text": None,
            "owner": "Force",
            "due_text": "by 30 June 2026",
            "due_on": "2026-06-30",
            "due_kind": "date",
            "heading": "Workforce",
            "line": 9,
            "earlier": False,
        }
    ]
    assert printed["next_meeting"]["date"] == "2026-06-08"


def test_the_command_says_what_it_cannot_read_and_prints_nothing(tmp_path: Path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"words")
    out = StringIO()

    with pytest.raises(CommandError, match="is not a Word file") as refused:
        call_command("read_minutes", path, stdout=out)
    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="cannot be opened: No such file"):
        call_command("read_minutes", tmp_path / "none.txt", stdout=out)
    assert out.getvalue() == ""


def test_the_contract_leaves_out_what_is_not_printed():
    minutes = ReadMinutes(
        lines=("Any other business",),
        attendees=(
            ReadAttendee("Ann Lee", line=1),
            ReadAttendee("Bo Ray", line=2, role="minute_taker", listed=False),
        ),
        items=(ReadItem("Implied", line=0), ReadItem("AOB", line=1, depth=1)),
    )

    contract = as_contract(minutes)

    assert [one["name"] for one in contract["attendees"]] == ["Ann Lee"]
    assert contract["agenda"] == [{"number": None, "heading": "AOB", "depth": 1}]
    assert contract["meeting"]["title"] is None
    assert set(contract["next_meeting"].values()) == {None}


def test_the_first_chair_is_the_chair():
    chairs = (Words("Ann Lee", 1), Words("Bo Ray", 2))
    minutes = ReadMinutes(lines=())
    facts = type(minutes.facts)(chairs=chairs)

    contract = as_contract(ReadMinutes(lines=(), facts=facts))

    assert contract["meeting"]["chair"] == "Ann Lee"
