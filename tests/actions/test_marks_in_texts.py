"""Marks of what is withheld, in texts that are no notes: nobody reads them raw."""

import datetime as dt
from io import BytesIO
from typing import Any

import docx
import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from actions.asking import ask_for_updates
from actions.models import Action, Due
from meetings.models import Meeting
from meetings.withholding import worded_for
from tests.factories import ActionFactory, MeetingFactory
from tests.minutes import Minutes

pytestmark = pytest.mark.django_db

MARKED = "Ask [[withhold s40]]QUOKKA[[/withhold]] for the plan"
REASON = "personal information (section 40)"


@pytest.fixture
def marked(staff: Any, liaison: Any) -> Action:
    """As it was saved before marks were refused there."""
    action = ActionFactory(organisation=liaison.organisation, by=staff)
    Action.objects.filter(pk=action.pk).update(text=MARKED)
    action.refresh_from_db()
    return action


def test_whoever_reads_all_has_the_passage_in_brackets_and_others_its_reason() -> None:
    assert worded_for("Plain [1]", reads_all=False) == "Plain [1]"
    assert (
        worded_for(MARKED, reads_all=True)
        == f"Ask [Withheld, {REASON}: QUOKKA] for the plan"
    )
    assert (
        worded_for(MARKED, reads_all=False) == f"Ask [Withheld: {REASON}] for the plan"
    )
    assert "QUOKKA" not in worded_for("A [[withhold s40]]QUOKKA", reads_all=False)


@pytest.mark.parametrize("name", ["tracker", "action", "home", "sheet"])
def test_no_page_of_actions_shows_a_mark(
    as_: Any, staff: Any, liaison: Any, marked: Action, name: str
) -> None:
    address = {
        "tracker": reverse("tracker") + "?list=unresolved",
        "sheet": reverse("tracker") + "?list=unresolved&format=csv",
        "action": marked.get_absolute_url(),
        "home": reverse("home"),
    }[name]
    for account, reads_all in ((staff, True), (liaison, False)):
        page = as_(account).get(address)
        text = (
            b"".join(page.streaming_content) if page.streaming else page.content
        ).decode()
        assert "[[" not in text
        if name != "home" or not reads_all:
            assert ("QUOKKA" in text) is reads_all
            assert REASON in text


def test_the_note_that_goes_round_has_the_reason_alone(
    as_: Any, staff: Any, marked: Action
) -> None:
    address = reverse("meeting_action_note", args=[marked.meeting_id])
    page = as_(staff).get(address).text
    assert "[[" not in page
    assert "QUOKKA" not in page
    assert f"[Withheld: {REASON}]" in page


def test_what_minutes_were_agreed_subject_to_shows_no_mark(
    as_: Any, staff: Any
) -> None:
    minutes = Minutes(by=staff).circulate()
    minutes.agree(changes=f"{MARKED}")
    meeting = minutes.meeting
    for address in (
        reverse("meeting", args=[meeting.pk]),
        reverse("minutes", args=[meeting.pk]),
    ):
        page = as_(staff).get(address).text
        assert "[[" not in page
        assert "QUOKKA" in page
        assert '<span class="app-withheld">Withheld: Personal information' in page


# Before and at a meeting


TODAY = timezone.localdate()


@pytest.fixture
def meeting() -> Meeting:
    meeting: Meeting = MeetingFactory(date=TODAY + dt.timedelta(days=20))
    return meeting


@pytest.fixture
def listed(marked: Action) -> Action:
    """On the list of the next meeting, as it is overdue."""
    raised = MeetingFactory(date=TODAY - dt.timedelta(days=60), state="circulated")
    due = Due.on_date(TODAY - dt.timedelta(days=3))
    Action.objects.filter(pk=marked.pk).update(
        meeting=raised, due_kind=due.kind, due_on=due.on
    )
    marked.refresh_from_db()
    return marked


def test_what_asks_for_updates_has_the_reason_alone(
    as_: Any, staff: Any, liaison: Any, meeting: Meeting, listed: Action
) -> None:
    address = reverse("meeting_updates", args=[meeting.pk])
    client = as_(staff)
    offered = client.get(address).text
    assert "[[" not in offered
    assert "QUOKKA" in offered
    ask_for_updates(meeting, [(listed, liaison.organisation)], by=staff)
    page = client.get(address)
    (asked,) = page.context["asked_of"]
    assert f"{listed.reference}: Ask [Withheld: {REASON}] for the plan" in asked.letter
    assert "QUOKKA" not in asked.letter
    assert "[[" not in page.text
    home = as_(liaison).get(reverse("home")).text
    assert "[[" not in home
    assert "QUOKKA" not in home
    assert REASON in home


def test_the_briefing_has_the_passage_in_brackets(
    as_: Any, commissioner: Any, meeting: Meeting, listed: Action
) -> None:
    client, address = as_(commissioner), reverse("briefing", args=[meeting.pk])
    pdf = PdfReader(BytesIO(client.get(f"{address}?format=pdf").content))
    word = docx.Document(BytesIO(client.get(f"{address}?format=docx").content))
    cells = [c.text for t in word.tables for row in t.rows for c in row.cells]
    for said in (
        client.get(address).text,
        " ".join(page.extract_text() for page in pdf.pages),
        " ".join([*(one.text for one in word.paragraphs), *cells]),
    ):
        text = " ".join(said.split())
        assert f"[Withheld, {REASON}: QUOKKA]" in text
        assert "[[" not in text


def test_the_list_for_review_has_the_passage_in_brackets(
    as_: Any, staff: Any, commissioner: Any, meeting: Meeting, listed: Action
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(date=TODAY, state="in_progress")
    address = reverse("meeting_review", args=[meeting.pk])
    for account in (staff, commissioner):
        page = as_(account).get(address).text
        assert listed.reference in page
        assert f"[Withheld, {REASON}: QUOKKA]" in page
        assert "[[" not in page
