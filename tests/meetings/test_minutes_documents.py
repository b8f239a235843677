"""Minutes as documents: what the record says is in the PDF and in the Word file."""

import dataclasses
import datetime as dt
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterable
from io import BytesIO
from itertools import pairwise
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from meetings.documents import pdf, tree
from meetings.documents.minutes import minutes_document
from meetings.documents.notes import NotesWriter
from meetings.documents.pdf import write_pdf
from meetings.documents.published import published_documents
from meetings.documents.word import write_word
from meetings.record import (
    ActionLine,
    Amendment,
    Following,
    Item,
    Owner,
    Record,
    Reviewed,
    Seat,
)

DAY = dt.date(2026, 5, 3)
NOTES = """The PCC asked about *progress* and **targets**.

### Deep
Below deep
# Shallow
- First point
  - Second point
    - Third point

> A quotation
> - with a point

1. As typed
[[action 2025/01]]
## After the mark
[[decision 1]]
[[action 2031/77]]
Names: [[withhold s40]]Jo Bloggs[[/withhold]] left."""

FULL = Record(
    "Assurance: Workforce",
    dt.date(2025, 3, 26),
    themes=("Workforce", "Estate"),
    start=dt.time(10),
    end=dt.time(12, 30),
    venue="Room 12",
    held="Online",
    marking="OFFICIAL-SENSITIVE",
    office="Office of the Commissioner",
    seats=(
        Seat(
            "John Campion", "Commissioner", "PCC", "Office", "OPCC", "present", "chair"
        ),
        Seat("Ann Lee", "T/CC", "", "Force", "WMP", "part", joined="2 Culture"),
        Seat("Bo Min", "Officer", "", "Office", "OPCC", "present", "minute_taker"),
        Seat("Cy Dee", "Superintendent", attendance="apologies"),
        Seat("Ed Eff", attendance="absent"),
    ),
    items=(
        Item(
            1,
            "Workforce",
            "1",
            notes=NOTES,
            decisions="Do it [[withhold s43]]cheaply[[/withhold]]\nAnd so on",
            assurance="Partly assured",
            lead="Ann Lee",
            papers=("The plan", "The figures"),
        ),
        Item(2, "Culture", "1.1", depth=1, notes="# Below culture"),
        Item(
            3,
            "A grievance",
            "2",
            notes="Said in confidence",
            restricted=True,
            withheld=True,
            withheld_reason="s40",
        ),
        Item(4, "Review of actions", "3", kind="action_tracker"),
        Item(5, "Summary of actions", "4", kind="summary"),
    ),
    actions=(
        ActionLine(
            "2025/01",
            "Share the plan",
            owners=(Owner("WMP", "Head of Custody"), Owner("OPCC")),
            due="4 September 2020",
            due_words="in a month",
            status="Open",
            item=1,
        ),
        ActionLine(
            "2025/02",
            "Find who it was",
            other_wording="Find out",
            item=3,
            withheld=True,
            withheld_reason="s31",
        ),
        ActionLine("2025/03", "", not_used=True),
        ActionLine("2025/04", "Belongs to no item", status="Closed"),
    ),
    reviewed=(
        Reviewed(
            "2024/11",
            "Send figures",
            "Replaced",
            "By consent",
            made=(ActionLine("2025/05", "Send better figures"),),
        ),
    ),
    not_reached=("2024/12", "2024/13"),
    last_minutes=("The minutes of the board were agreed as presented.",),
    following=Following("Monthly board", dt.date(2025, 4, 30), dt.time(9)),
    agreement="Agreed by John Campion on 30 April 2025, as presented",
    amendments=(Amendment("12 is now 14", "A slip", "Ann Lee", dt.date(2025, 5, 6)),),
)


def made(record: Record, *, state: str = "Draft 2", public: bool = False) -> Any:
    return minutes_document(record, state=state, on=DAY, is_public=public)


def pdf_of(document: tree.Document) -> PdfReader:
    return PdfReader(BytesIO(write_pdf(document)))


def word_of(document: tree.Document) -> Any:
    return docx.Document(BytesIO(write_word(document)))


def text_of_pdf(document: tree.Document) -> str:
    pages = [page.extract_text() for page in pdf_of(document).pages]
    return " ".join("\n".join(pages).split())


def text_of_word(document: tree.Document) -> str:
    """All text in its order, tables among the paragraphs."""
    word = word_of(document)
    paragraphs = word.element.body.iter(qn("w:p"))
    return "\n".join(_text_of(paragraph) for paragraph in paragraphs)


def _text_of(paragraph: Any) -> str:
    parts = {qn("w:t"): lambda one: one.text or "", qn("w:br"): lambda _: "\n"}
    return "".join(parts[one.tag](one) for one in paragraph.iter() if one.tag in parts)


def with_notes(notes: str, **fields: Any) -> Record:
    return Record(
        "Board",
        dt.date(2025, 3, 26),
        items=(Item(1, "Workforce", notes=notes),),
        **fields,
    )


def outline(marks: Iterable[Any], depth: int = 1) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for mark in marks:
        if isinstance(mark, list):
            found += outline(mark, depth + 1)
        else:
            found.append((depth, mark["/Title"]))
    return found


HEADINGS = [
    (1, "1 Workforce"),
    (2, "Deep"),
    (2, "Shallow"),
    (3, "After the mark"),
    (2, "1.1 Culture"),
    (3, "Below culture"),
    (1, "2 A grievance"),
    (1, "3 Review of actions"),
    (1, "4 Summary of actions"),
    (1, "Minutes of the last meeting"),
    (1, "Other actions agreed"),
    (1, "Next meeting"),
    (1, "Amendments"),
]
# In the order in which they are printed.
SAID = [
    *("Draft 2", "Theme: Workforce; Estate", "Date: Wednesday 26 March 2025"),
    *("Chair: John Campion", "Minutes: Bo Min, Officer, OPCC", "Room 12 (online)"),
    *("Agreed: Agreed by John Campion on 30 April 2025", "Attendance", "Capacity"),
    *("Part of the meeting", "Commissioner (PCC)", "Joined at 2 Culture"),
    *("Apologies: Cy Dee, Superintendent", "Absent: Ed Eff", "1 Workforce"),
    *("Lead: Ann Lee", "Papers: The plan; The figures", "asked about progress and"),
    *("Deep", "Below deep", "Shallow", "First point", "Second point", "Third point"),
    *("A quotation", "with a point", "1. As typed", "ACTION 2025/01 Share the plan"),
    "Owner: WMP, Head of Custody; OPCC. Due: 4 September 2020 (“in a month”)",
    *("After the mark", "DECISION Do it", "commercial interests (section 43)"),
    *("cheaply", "[End of what is withheld]", "[[action 2031/77]]", "Names:"),
    *("[Withheld from here: personal information (section 40)]", "Jo Bloggs"),
    *("[End of what is withheld]", "left.", "DECISION And so on"),
    *("Assurance given: partly assured", "1.1 Culture", "Below culture"),
    *("2 A grievance", "For the office only", "Said in confidence"),
    *("ACTION 2025/02 Find who it was", "No owner. No due date"),
    *("law enforcement (section 31)", "3 Review of actions", "2024/11"),
    *("Send figures", "Replaced", "By consent", "ACTION 2025/05 Send better figures"),
    *("Not reached: 2024/12, 2024/13", "4 Summary of actions", "2025/01"),
    *("Share the plan", "2025/02", "Find out", "No due date", "2025/03", "Not used"),
    *("Minutes of the last meeting", "agreed as presented", "Other actions agreed"),
    *("ACTION 2025/04 Belongs to no item", "Next meeting", "Monthly board"),
    *("Wednesday 30 April 2025", "Amendments", "6 May 2025", "Ann Lee"),
    *("12 is now 14", "A slip"),
]


def missing(text: str, words: Iterable[str]) -> list[str]:
    """Those that do not come in this order."""
    place, found = 0, []
    text = " ".join(text.split())
    for word in words:
        if (at := text.find(word, place)) < 0:
            found.append(word)
        else:
            place = at + len(word)
    return found


def test_the_pdf_says_all_of_the_record_in_its_order() -> None:
    assert missing(text_of_pdf(made(FULL)), SAID) == []


def test_the_word_file_says_all_of_the_record_in_its_order() -> None:
    assert missing(text_of_word(made(FULL)), SAID) == []


def test_the_pdf_is_tagged_and_has_title_language_and_bookmarks() -> None:
    found = pdf_of(made(FULL))
    root: Any = found.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    assert found.metadata is not None
    assert found.metadata.title == "Minutes, 26 March 2025: Assurance: Workforce"
    assert found.metadata.author == "Office of the Commissioner"
    assert outline(found.outline) == HEADINGS


def test_the_word_file_has_real_headings_table_headers_and_language() -> None:
    word = word_of(made(FULL))
    headings = [
        (int(p.style.name[-1]), p.text)
        for p in word.paragraphs
        if p.style.name.startswith("Heading")
    ]
    assert headings == HEADINGS
    about = word.core_properties
    assert (about.language, about.author) == ("en-GB", "Office of the Commissioner")
    assert about.title == "Minutes, 26 March 2025: Assurance: Workforce"
    assert len(word.tables) == 4
    for table in word.tables:
        header, *rows = (row._tr.trPr.find(qn("w:tblHeader")) for row in table.rows)
        assert header is not None
        assert rows == [None] * len(rows)
    styles = {p.text: p.style.name for p in word.paragraphs}
    assert styles["First point"] == "List Bullet"
    assert styles["Second point"] == "List Bullet 2"
    assert styles["Third point"] == "List Bullet 3"
    assert styles["A quotation"] == "Quote"
    assert styles["ACTION 2025/01 Share the plan"] == "Action"
    assert styles["DECISION And so on"] == "Decision"
    emphasised = {r.text for p in word.paragraphs for r in p.runs if r.italic}
    assert emphasised == {"progress"}


def test_the_offices_minutes_have_the_marking_on_every_page() -> None:
    long = with_notes("words " * 2000, marking="OFFICIAL-SENSITIVE")
    pages = pdf_of(made(long)).pages
    assert len(pages) > 2
    assert all(p.extract_text().startswith("OFFICIAL-SENSITIVE") for p in pages)
    head = word_of(made(long)).sections[0].header
    assert head.paragraphs[0].text == "OFFICIAL-SENSITIVE"


PUBLIC = dataclasses.replace(
    FULL,
    edited=("personal information (section 40)", "law enforcement (section 31)"),
    withheld_actions=2,
)


@pytest.mark.parametrize("text_of", [text_of_pdf, text_of_word])
def test_the_publics_minutes_have_no_marking_and_say_what_was_edited(text_of) -> None:
    text = text_of(made(PUBLIC, state="Version 2, published 3 May 2026", public=True))
    assert "OFFICIAL" not in text
    edited = (
        "This version was edited. Some text has been withheld: personal information "
        "(section 40); law enforcement (section 31). 2 actions are withheld. "
        "The sections are those of the Freedom of Information Act 2000. Under that Act "
        "you can ask the office for what is withheld."
    )
    states = ("Version 2, published 3 May 2026", edited, "(“in a month”). Open")
    assert missing(text, states) == []
    assert missing(text, ("Due", "Status", "2025/01", "Open", "Closed")) == []


@pytest.mark.parametrize("text_of", [text_of_pdf, text_of_word])
def test_the_public_is_told_what_it_reads_and_where_the_page_is(
    text_of, settings
) -> None:
    settings.HOLDER_TITLE = "Mayor"
    record = dataclasses.replace(PUBLIC, in_public=True)
    address = "https://assurance.example/published/7/"
    document = minutes_document(
        record, state="Version 2", on=DAY, is_public=True, address=address
    )
    says = (
        "At this meeting, which was open to the public, the Mayor held the police "
        "force to account. These are its agreed minutes",
        address,
    )
    text = text_of(document)
    assert missing(text, says) == []
    assert "Agreement" not in text
    assert missing(text_of(made(record)), says) == list(says)


def test_the_published_files_name_the_office_that_publishes_them() -> None:
    record = dataclasses.replace(FULL, office="Office of the Mayor")
    files = published_documents(
        record, number=2, on=DAY, address="https://a.example/7/"
    )
    says = ["published on 3 May 2026 by the Office of the Mayor"]
    pdf = PdfReader(BytesIO(files["pdf"]))
    assert missing("\n".join(p.extract_text() for p in pdf.pages), says) == []
    assert all("Version 2. Minutes, 26 March" in p.extract_text() for p in pdf.pages)
    word = docx.Document(BytesIO(files["docx"]))
    assert says[0] in word.paragraphs[1].text
    assert word.core_properties.author == "Office of the Mayor"


def test_each_page_of_a_draft_says_which_it_is() -> None:
    long = Item(1, "Item", "1", notes="\n\n".join(["Text " * 80] * 20))
    record = dataclasses.replace(FULL, items=(long,))
    document = minutes_document(record, state="Draft 2", on=DAY, foot="Draft 2")
    pages = PdfReader(BytesIO(write_pdf(document))).pages
    assert len(pages) > 2
    assert all("Draft 2. Minutes, 26 March 2025" in p.extract_text() for p in pages)
    foot = word_of(document).sections[0].footer.paragraphs[0].text
    assert foot.startswith("Draft 2. Minutes, 26 March 2025")


def test_a_public_version_without_a_marking_has_no_header_in_word() -> None:
    head = word_of(made(PUBLIC, public=True)).sections[0].header
    assert head.is_linked_to_previous


@pytest.mark.parametrize("text_of", [text_of_pdf, text_of_word])
def test_of_a_withheld_item_the_public_reads_the_reason_alone(text_of) -> None:
    secret = Item(
        1,
        "",
        "7",
        notes="# SECRET\nSECRET",
        decisions="SECRET",
        assurance="SECRET",
        lead="SECRET",
        papers=("SECRET",),
        withheld=True,
        withheld_reason="s36",
    )
    record = Record("Board", dt.date(2025, 3, 26), items=(secret,))
    text = text_of(made(record, public=True))
    reason = "would prejudice effective conduct of public affairs (section 36)"
    assert missing(text, ("7 Withheld", f"Withheld: {reason}")) == []
    assert "SECRET" not in text


def test_what_was_not_edited_does_not_say_so() -> None:
    assert "edited" not in text_of_word(made(FULL, public=True))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record("Board", DAY), "There is no agenda yet"),
        (Record("Board", DAY), "No attendance is recorded."),
        (Record("Board", DAY, seats=(Seat("Al", attendance="invited"),)), "Invited"),
        (
            Record("Board", DAY, items=(Item(1, "S", kind="summary"),)),
            "No actions arose.",
        ),
        (
            Record("Board", DAY, items=(Item(1, "N", kind="next_meeting"),)),
            "The next meeting is not confirmed.",
        ),
    ],
)
def test_what_is_not_there_is_said(record: Record, said: str) -> None:
    assert said in text_of_word(made(record))


def test_everybody_there_for_all_of_it_needs_no_column_for_it() -> None:
    seats = (Seat("Al", attendance="present"),)
    text = text_of_word(made(Record("Board", DAY, seats=seats)))
    assert "Part of the meeting" not in text


def test_a_passage_may_begin_in_one_block_and_end_in_another() -> None:
    notes = "One [[withhold s31]]two\n\n- three\n- four [[/ withhold]]five"
    text = text_of_word(made(with_notes(notes)))
    begins = "[Withheld from here: law enforcement (section 31)]"
    words = ("One", begins, "two", "three", "four", "[End of what is withheld]", "five")
    assert missing(text, words) == []


# Notes of any kind


def levels(blocks: Iterable[tree.Block]) -> list[int]:
    return [block.level for block in blocks if isinstance(block, tree.Heading)]


@given(
    under=st.integers(1, 3),
    stretches=st.lists(st.lists(st.integers(1, 6), max_size=6), max_size=4),
)
def test_headings_in_notes_come_below_their_items_without_a_gap(
    under: int, stretches: list[list[int]]
) -> None:
    writer = NotesWriter(under=under)
    found = [under]
    for stretch in stretches:
        text = "\n".join(f"{'#' * signs} Heading" for signs in stretch)
        found += levels(writer.write(text))
    assert len(found) == 1 + sum(map(len, stretches))
    assert all(under < level <= 6 for level in found[1:])
    assert all(after <= before + 1 for before, after in pairwise(found))


def test_items_deeper_than_the_one_before_leave_no_gap_either() -> None:
    items = (Item(1, "Deep", depth=2), Item(2, "Deeper", depth=5), Item(3, "Top"))
    blocks = made(Record("Board", DAY, items=items)).blocks
    assert levels(blocks) == [1, 2, 1]


def test_a_heading_in_a_list_or_a_quotation_is_in_no_outline() -> None:
    document = made(with_notes("- # In a list\n\n> # Quoted"))
    assert levels(document.blocks) == [1]
    assert "In a list" in text_of_pdf(document)


_word = st.from_regex(r"[a-z]{1,9}", fullmatch=True)
_around = st.text(st.sampled_from("*_#>-+[]()!\\`~<&|:;.,'\"\t \n"), max_size=6)
anything = st.text() | st.lists(st.tuples(_around, _word), max_size=30).map(
    lambda pairs: " ".join(f"{around}{word}" for around, word in pairs)
)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text)


def everywhere(text: str) -> Record:
    """A record that says it wherever somebody may type."""
    return Record(
        text,
        DAY,
        venue=text,
        marking=text,
        seats=(
            Seat(text, text, text, text, attendance="part", joined=text, note=text),
        ),
        items=(Item(1, text, notes=text, decisions=text, lead=text, papers=(text,)),),
        actions=(
            ActionLine("2025/01", text, text, (Owner(text, text, text),), text, text),
        ),
        reviewed=(Reviewed("2024/01", text, text, text),),
        agreement=text,
        amendments=(Amendment(text, text, text, DAY),),
    )


@settings(max_examples=25, deadline=None)
@given(anything)
def test_any_text_at_all_gives_a_word_file(text: str) -> None:
    assert write_word(made(everywhere(text))).startswith(b"PK")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_any_text_at_all_gives_a_pdf(text: str) -> None:
    assert write_pdf(made(everywhere(text))).startswith(b"%PDF-")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(_around, _word), max_size=30))
def test_the_words_typed_are_in_the_word_file_in_order(pairs: list) -> None:
    notes = " ".join(f"{around}{word}" for around, word in pairs)
    text = text_of_word(made(with_notes(notes))).split("Workforce", 1)[1]
    assert missing(" ".join(words_of(text)), words_of(notes)) == []


# How long and how much


def long_record() -> Record:
    """A meeting of some forty pages, no two sentences alike."""
    chosen = random.Random(1)
    known = ["force", "board", "custody", "quarter", "figures", "asked", "plan"]

    def said(count: int) -> str:
        return " ".join(chosen.choices(known, k=count)).capitalize() + "."

    items: list[Item] = []
    actions: list[ActionLine] = []
    for number in range(1, 25):
        notes = []
        for place in range(6):
            notes.append(said(60))
            if place % 3 == 1:
                points = [f"- {said(14)}\n  - {said(10)}" for _ in range(4)]
                notes += [f"## Part {place}", "\n".join(points)]
            if place % 2:
                reference = f"2025/{len(actions) + 1:02d}"
                notes.append(f"[[action {reference}]]")
                actions.append(
                    ActionLine(reference, said(22), due="4 May 2026", item=number)
                )
        items.append(Item(number, said(4), str(number), notes="\n\n".join(notes)))
    reviewed = tuple(
        Reviewed(f"2024/{n:02d}", said(20), "Carried forward", said(12))
        for n in range(1, 30)
    )
    return Record(
        "Board", DAY, items=tuple(items), actions=tuple(actions), reviewed=reviewed
    )


# Linux keeps the most memory a program ever had resident, in kB.
_PEAK = """
import re, runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
with open("/proc/self/status") as status:
    print(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1], file=sys.stderr)
"""


def _processor_seconds() -> float:
    """Of this process and those it waited for: the rest is that of other tests."""
    taken = os.times()
    return sum(taken) - taken.elapsed


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_forty_pages_take_less_than_two_seconds_and_150_mb() -> None:
    document = made(long_record())
    before = _processor_seconds()
    written = write_pdf(document)
    assert _processor_seconds() - before < 2
    assert 40 <= len(PdfReader(BytesIO(written)).pages) <= 50
    run = [sys.executable, "-c", _PEAK, *pdf.typesetter()]
    child = subprocess.run(
        run, input=pdf.as_json(document), capture_output=True, check=True
    )
    assert child.stdout.startswith(b"%PDF-")
    assert int(child.stderr) < 150_000
