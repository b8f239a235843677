"""The action note: what a meeting agreed, to go round the same day."""

from io import BytesIO
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from actions.agreed import action_note
from assurance.models import User
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory(state="draft", title="Workforce")


@pytest.fixture
def force() -> Any:
    return OrganisationFactory(short_names="WMP")


def url(meeting: Meeting, file_format: str = "") -> str:
    query = f"?format={file_format}" if file_format else ""
    return reverse("meeting_action_note", args=[meeting.pk]) + query


def texts(browser: Client, meeting: Meeting) -> dict[str, str]:
    pdf = PdfReader(BytesIO(browser.get(url(meeting, "pdf")).content))
    word = docx.Document(BytesIO(browser.get(url(meeting, "docx")).content))
    cells = [c.text for t in word.tables for row in t.rows for c in row.cells]
    return {
        "page": browser.get(url(meeting)).content.decode(),
        "pdf": " ".join(" ".join(page.extract_text() for page in pdf.pages).split()),
        "word": "\n".join([*(p.text for p in word.paragraphs), *cells]),
    }


def test_it_says_what_was_agreed_in_the_order_of_references(
    as_: Any, meeting: Meeting, force: Any
) -> None:
    for text in ("Share the plan", "Count the cells"):
        ActionFactory(
            meeting=meeting,
            text=text,
            other_wording="Worded differently",
            organisation=force,
            due=due_on(2025, 9, 4),
        )
    note = action_note(meeting, user=UserFactory())
    assert note.as_text() == (
        "Actions agreed on 26 March 2025\n"
        f"{meeting}\n\n"
        "2025/01\nShare the plan\nOwner: WMP\nDue: 4 September 2025\n\n"
        "2025/02\nCount the cells\nOwner: WMP\nDue: 4 September 2025"
    )
    found = texts(as_(UserFactory()), meeting)
    assert note.as_text() in found["page"]
    for form, said in found.items():
        assert said.index("Share the plan") < said.index("Count the cells"), form
        assert "Worded differently" not in said
        for words in ("2025/01", "2025/02", "WMP", "4 September 2025"):
            assert words in said, form


def test_a_dropped_ones_number_prints_as_not_used(as_: Any, meeting: Meeting) -> None:
    ActionFactory(meeting=meeting)
    dropped = ActionFactory(meeting=meeting, issued=False, text="Never meant")
    dropped.withdraw("A slip", by=UserFactory(), decision=None)
    withdrawn = ActionFactory(meeting=meeting, text="Meant, then withdrawn")
    withdrawn.withdraw("Overtaken", by=UserFactory(), decision=decision())
    for form, said in texts(as_(UserFactory()), meeting).items():
        assert "2025/02: not used" in said, form
        assert "Never meant" not in said, form
        assert "Meant, then withdrawn" in said, form


def test_what_is_not_issued_is_counted_and_not_told(as_: Any, meeting: Meeting) -> None:
    ActionFactory(meeting=meeting, text="Told")
    for text in ("Kept one", "Kept two"):
        ActionFactory(meeting=meeting, text=text, issued=False)
    found = texts(as_(UserFactory()), meeting)
    assert not [form for form, said in found.items() if "Kept" in said]
    assert "2 actions of this meeting are not issued" in found["page"]
    assert f'href="{reverse("actions_issue")}?meeting={meeting.pk}"' in found["page"]


def test_what_is_for_the_office_only_does_not_go_round(
    as_: Any, meeting: Meeting
) -> None:
    item = AgendaItemFactory(
        meeting=meeting, restricted=True, withheld=True, withheld_reason="s40"
    )
    ActionFactory(meeting=meeting, text="Told")
    ActionFactory(meeting=meeting, item=item, text="In confidence")
    found = texts(as_(UserFactory()), meeting)
    assert not [form for form, said in found.items() if "In confidence" in said]
    assert "1 action agreed at an item for the office only is left out" in found["page"]


def test_without_issued_actions_there_is_nothing_to_send(
    as_: Any, meeting: Meeting
) -> None:
    page = as_(UserFactory()).get(url(meeting)).content.decode()
    assert "No action of this meeting is issued yet" in page
    assert "<textarea" not in page
    assert as_(UserFactory()).get(url(meeting, "pdf")).status_code == 200


@pytest.mark.parametrize("file_format", ["", "pdf", "docx"])
def test_staff_make_it_and_nobody_else(
    as_: Any,
    client: Client,
    meeting: Meeting,
    liaison: User,
    commissioner: User,
    file_format: str,
) -> None:
    ActionFactory(meeting=meeting)
    address = url(meeting, file_format)
    assert client.get(address).status_code == 302
    assert as_(liaison).get(address).status_code == 403
    assert as_(commissioner).get(address).status_code == 403
    response = as_(UserFactory()).get(address)
    assert response.status_code == 200
    if file_format:
        name = f"actions-2025-03-26.{file_format}"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_an_unknown_form_is_not_found(as_: Any, meeting: Meeting) -> None:
    assert as_(UserFactory()).get(url(meeting, "odt")).status_code == 404


def test_text_to_copy_is_safe_in_its_field(as_: Any, meeting: Meeting) -> None:
    ActionFactory(meeting=meeting, text="</textarea><script>alert(1)</script>")
    page = as_(UserFactory()).get(url(meeting)).content.decode()
    assert "<script>alert" not in page


def test_queries_do_not_grow_with_the_actions(
    as_: Any, meeting: Meeting, force: Any, django_assert_max_num_queries: Any
) -> None:
    browser, counts = as_(UserFactory()), []
    for count in (1, 29):
        for _ in range(count):
            ActionFactory(meeting=meeting, organisation=force)
        with django_assert_max_num_queries(20) as queries:
            browser.get(url(meeting))
        counts.append(len(queries))
    assert counts[0] == counts[1]
