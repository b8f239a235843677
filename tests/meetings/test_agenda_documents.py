"""The agenda as a document: as it is sent out, and with what is for the office only."""

import datetime as dt
from io import BytesIO
from typing import Any

import docx
import pytest
from django.urls import reverse
from docx.oxml.ns import qn
from pypdf import PdfReader

from meetings.documents.agenda import Agenda, Guest, Line, agenda_document
from meetings.documents.pdf import write_pdf
from meetings.documents.tree import Heading
from meetings.documents.word import write_word
from meetings.models import Meeting, Paper
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
)

DAY = dt.date(2025, 3, 1)
AGENDA = Agenda(
    title="Assurance: Workforce",
    date=dt.date(2025, 3, 26),
    start=dt.time(10),
    end=dt.time(12),
    venue="Room 12",
    held="Hybrid: in a room and online",
    marking="OFFICIAL",
    guests=(
        Guest("John Campion", "Commissioner", "PCC", "Office", is_chair=True),
        Guest("Ann Lee", "Chief Constable", "", "Force"),
        Guest("Cy Dee", "Superintendent", sends_apologies=True),
    ),
    lines=(
        Line("Workforce", "1", lead="Ann Lee", asked="Figures\nof the year"),
        Line("Recruitment", "1.1", 1, papers=(("The plan", "Head of HR"), ("Map", ""))),
        Line("A grievance", "2", restricted=True),
        Line("What was said", "2.1", 1),
        Line("Any other business"),
    ),
)
SAID = [
    *("Agenda, 26 March 2025: Assurance: Workforce", "Wednesday 26 March 2025"),
    *("Room 12 (hybrid: in a room and online)", "Chair: John Campion", "Invited"),
    *("Commissioner (PCC)", "Office", "Ann Lee", "Apologies: Cy Dee, Superintendent"),
    *("1 Workforce", "Lead: Ann Lee", "Asked of the force: Figures", "of the year"),
    *("1.1 Recruitment", "Papers", "The plan, from Head of HR", "Map"),
    "Any other business",
]


def text_of_pdf(content: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return " ".join("\n".join(pages).split())


def text_of_word(content: bytes) -> str:
    body = docx.Document(BytesIO(content)).element.body
    texts = ("".join(p.itertext(qn("w:t"))) for p in body.iter(qn("w:p")))
    return " ".join(texts)


WRITERS = [(write_pdf, text_of_pdf), (write_word, text_of_word)]


@pytest.mark.parametrize(("write", "read"), WRITERS)
def test_it_says_when_where_who_and_what_is_asked(write: Any, read: Any) -> None:
    text, place = read(write(agenda_document(AGENDA, on=DAY))), 0
    for words in SAID:
        at = text.replace("Figuresof", "Figures of").find(words, place)
        assert at >= 0, words
        place = at


@pytest.mark.parametrize(("write", "read"), WRITERS)
def test_the_one_to_send_out_has_no_item_for_the_office_only(
    write: Any, read: Any
) -> None:
    text = read(write(agenda_document(AGENDA, on=DAY)))
    for secret in ("grievance", "What was said", "office only"):
        assert secret not in text


def test_the_offices_own_has_all_items_and_says_that_it_is_not_sent_out() -> None:
    document = agenda_document(AGENDA, on=DAY, with_restricted=True)
    text = text_of_pdf(write_pdf(document))
    assert "For the office only: not to be sent out" in text
    assert "2 A grievance For the office only 2.1 What was said" in text


def test_without_such_items_there_is_but_one() -> None:
    plain = Agenda("Board", DAY, lines=(Line("Workforce", "1"),))
    own = agenda_document(plain, on=DAY, with_restricted=True)
    assert own == agenda_document(plain, on=DAY)


def test_items_are_headings_at_their_depth_without_a_gap() -> None:
    deep = Agenda("Board", DAY, lines=(Line("A", depth=2), Line("B", depth=1)))
    blocks = agenda_document(deep, on=DAY).blocks
    assert [b.level for b in blocks if isinstance(b, Heading)] == [1, 2, 3]
    pdf = PdfReader(BytesIO(write_pdf(agenda_document(AGENDA, on=DAY))))
    assert [m["/Title"] for m in pdf.outline if isinstance(m, dict)] == ["Agenda"]
    root: Any = pdf.trailer["/Root"]
    assert root["/Lang"] == "en-GB"


def test_an_agenda_with_nothing_on_it_and_a_cancelled_one_say_so() -> None:
    empty = Agenda("Board", DAY, cancelled_because="Nobody can come")
    text = text_of_word(write_word(agenda_document(empty, on=DAY)))
    assert "This meeting is cancelled: Nobody can come" in text
    assert "There is nothing on the agenda yet." in text
    assert "Chair: To be confirmed" in text


# The addresses


@pytest.fixture
def meeting(db: None) -> Meeting:
    meeting = MeetingFactory(
        title="Workforce",
        joining_link="https://meet.example/SECRETLINK",
        marking="official_sensitive",
    )
    force = OrganisationFactory(name="West Mercia Police")
    AttendeeFactory(
        meeting=meeting,
        person=PersonFactory(name="Ann Lee"),
        organisation=force,
        attendance="invited",
        role="chair",
    )
    item = AgendaItemFactory(
        meeting=meeting,
        heading="Recruitment",
        asked_of_force="Figures",
        lines_of_enquiry="SECRETENQUIRY",
        notes="SECRETNOTES",
    )
    Paper.objects.create(item=item, title="The plan", provided_by="Head of HR")
    AgendaItemFactory(
        meeting=meeting,
        heading="SECRETITEM",
        restricted=True,
        withheld=True,
        withheld_reason="s40",
    )
    return meeting


def ask(client: Any, meeting: Meeting, **query: str) -> Any:
    return client.get(reverse("agenda", args=[meeting.pk]), query)


@pytest.mark.parametrize(
    ("file_format", "read"), [("pdf", text_of_pdf), ("docx", text_of_word)]
)
def test_its_address_gives_the_one_to_send_out(
    as_, staff, meeting, file_format, read
) -> None:
    response = ask(as_(staff), meeting, format=file_format)
    name = f'attachment; filename="agenda-2025-03-26.{file_format}"'
    assert response["Content-Disposition"] == name
    text = read(response.content)
    for words in ("Recruitment", "Figures", "The plan, from Head of HR", "Ann Lee"):
        assert words in text
    assert "SECRET" not in text
    assert b"SECRET" not in response.content


def test_with_restricted_gives_the_offices_own_under_another_name(
    as_, staff, meeting
) -> None:
    query = {"format": "docx", "with": "restricted"}
    response = ask(as_(staff), meeting, **query)
    assert "agenda-2025-03-26-for-the-office.docx" in response["Content-Disposition"]
    text = text_of_word(response.content)
    assert "SECRETITEM" in text
    assert "SECRETENQUIRY" not in text
    assert "SECRETLINK" not in text


def test_there_is_no_other_format(as_, staff, meeting) -> None:
    assert ask(as_(staff), meeting, format="odt").status_code == 404


def test_who_may_not_read_the_agenda_gets_no_document(client, as_, meeting) -> None:
    query = {"format": "pdf", "with": "restricted"}
    assert "/accounts/login/" in ask(client, meeting, **query).url
    liaison = UserFactory(liaison=True)
    assert ask(as_(liaison), meeting, **query).status_code == 403
    commissioner = UserFactory(commissioner=True)
    assert ask(as_(commissioner), meeting, **query).status_code == 200
