"""No text that somebody types keeps the service busy: the work grows with its length.

Each input here took from seconds to minutes in some function that reads what is typed.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.importing.line import stands_of
from actions.importing.save import neutral
from actions.spoken import LONGEST_TEXT, spoken_text, words_of_action
from assurance.differences import compare
from assurance.forms.fields import read_day, read_time
from assurance.removing.words import Words
from assurance.sheets import safe
from meetings.documents.notes import NotesWriter, with_marks
from meetings.layout import lay_out
from meetings.notes import Headings, marked, render_notes, split_notes
from meetings.posts import post_of
from meetings.reader.files.columns import held_on
from meetings.reader.phrases.due import read_due
from meetings.reader.phrases.lines import action_line, decision_line
from meetings.reader.phrases.owners import (
    NamedOrganisation,
    NamedPerson,
    read_names,
    read_owners,
)
from meetings.record import Record, Seat
from meetings.snippets import snippet
from meetings.spelling import phrase, replace_phrases
from meetings.withheld import marked_as_withheld
from meetings.withholding import redact, refuse_marks, worded_for
from tests.meetings.records import item, publish, record_of

REPEATS = 20_000
# For what is slow and straight: it makes pages and documents.
FEWER = 10_000
# Seconds of the processor for all of one input: a hundred times what it takes.
FAR_TOO_LONG = 60
ROOM: dict[str, Any] = {
    "people": [NamedPerson(1, "Rachel Hartland-Lane", "RHL", "Director", 1)],
    "organisations": [NamedOrganisation(1, "West Mercia Police", ("Force", "WMP"))],
}
UNNAMED = Seat(
    "Sam John Ray", "Director", "SJR", attendance="present", named_publicly=False
)
REMOVED = Words.read("Sam Ray\na b c", mark="[removed]")
PHRASES = [one for name in ("a a", "Ray", "w/c") if (one := phrase(name, "[x]"))]


def _record(text: str) -> Record:
    return record_of(item(notes=text, decisions=text), seats=(UNNAMED,), agreement=text)


READERS: list[Callable[[str], Any]] = [
    redact,
    lambda text: worded_for(text, reads_all=True),
    refuse_marks,
    marked,
    split_notes,
    with_marks,
    lambda text: replace_phrases(text, PHRASES),
    lambda text: snippet(text, ["a", "w/c"]),
    lambda text: marked_as_withheld([item(notes=text)], {}),
    lambda text: compare("", "", text, f"x{text[::-1]}y"),
    lambda text: REMOVED.without(text, "[removed]"),
    lambda text: read_names(text, **ROOM),
    words_of_action,
    *(action_line, decision_line, spoken_text, post_of, read_day, read_time, held_on),
    *(neutral, safe, stands_of),
]
READERS_OF_A_LINE: list[Callable[[str], Any]] = [
    lambda text: read_due(text, dt.date(2025, 3, 26)),
    lambda text: read_owners(text, **ROOM),
    lambda text: read_owners(f"x - a{text}b", **ROOM),
    lambda text: read_owners(f"a (RHL{text}. Owner: RHL{text}b", **ROOM),
]
PRINTERS: list[Callable[[str], Any]] = [
    lambda text: render_notes(text, Headings(under=2)),
    lambda text: NotesWriter(under=2).write(text),
    lambda text: lay_out(_record(text)),
    lambda text: publish(_record(text)),
]


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        *(
            ("", one)
            for one in (" ", "\n", "[", "#", "-", "(", "/ ", ". ", "> ", "1. ")
        ),
        *(("", one) for one in ("a ", "a\n", "- a\n", "w/c ", "1 May ", "in a month ")),
        *(("", one) for one in ("Ray ", "Sam ", "S. ", "action: ", "decision: a\n")),
        *(
            ("", one)
            for one in ("[[ ", "[[withhold ", "[[withhold s40]]a[[/withhold]]")
        ),
        *(("[[withhold", one) for one in (" ", "\n")),
        *(("ACTION: ", one) for one in (" ", "\t", "a ", ". ")),
    ],
)
def test_no_text_that_is_typed_keeps_a_reader_of_it_busy(
    before: str, repeated: str
) -> None:
    text = f"{before}{repeated * REPEATS}"[:99_998] + "\nb"
    begun = time.process_time()

    for readers, length in (
        (READERS, len(text)),
        (READERS_OF_A_LINE, LONGEST_TEXT),
        (PRINTERS, FEWER),
    ):
        for read in readers:
            try:
                read(text[:length])
            except ValidationError:
                continue

    assert time.process_time() - begun < FAR_TOO_LONG


@pytest.mark.parametrize(
    "typed",
    ["[[withhold]]", "[[withhold ]]", "[[ withhold  s40 ]]", "[[WITHHOLD\ns40]]"],
)
def test_a_mark_of_what_is_withheld_may_have_blanks_in_it(typed: str) -> None:
    (passage,) = redact(f"a {typed}b[[ / withhold ]] c").passages
    assert passage.text == "b"
