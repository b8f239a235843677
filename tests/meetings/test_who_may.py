"""Who may see and do what with meetings: stranger, liaison, commissioner, staff."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.models import Due
from meetings.models import Meeting, Paper
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    ThemeFactory,
)

pytestmark = pytest.mark.django_db

SOON = timezone.localdate() + dt.timedelta(days=20)

# Pages to look at, and everything that changes something.
READ = ["agenda", "attendance", "minutes"]
CHANGE = [
    "meeting_new",
    "meeting_edit",
    "meeting_reschedule",
    "meeting_cancel",
    "meeting_circulate",
    "next_meeting",
    "item_new",
    "item_edit",
    "item_delete",
    "paper_new",
    "paper_edit",
    "paper_delete",
    "attendee_new",
    "attendee_edit",
    "attendee_remove",
]
PRESS = [
    "meeting_state",
    "meeting_agenda_sent",
    "item_move",
    "everyone_here",
    "attendee_move",
]


@pytest.fixture
def address():
    """``address(name)`` is that page of a meeting that has one of everything."""
    meeting = MeetingFactory(date=SOON)
    item = AgendaItemFactory(meeting=meeting)
    paper = Paper.objects.create(item=item, title="Figures")
    attendee = AttendeeFactory(meeting=meeting, attendance="invited")

    def of(name: str) -> str:
        parts = [meeting.pk]
        if name in ("meetings", "meeting_new"):
            parts = []
        elif name.startswith("paper"):
            parts += [item.pk] if name == "paper_new" else [item.pk, paper.pk]
        elif name.startswith("item") and name != "item_new":
            parts += [item.pk]
        elif name.startswith("attendee") and name != "attendee_new":
            parts += [attendee.pk]
        return reverse(name, args=parts)

    return of


@pytest.mark.parametrize("name", ["meetings", "meeting", *READ, *CHANGE, *PRESS])
def test_a_stranger_is_sent_to_sign_in(client, address, name):
    for send in (client.get, client.post):
        assert send(address(name)).url.startswith("/accounts/login/")


@pytest.mark.parametrize("name", [*READ, *CHANGE, *PRESS])
def test_a_liaison_is_refused_all_but_the_list_and_the_meeting(
    as_, liaison, address, name
):
    for send in (as_(liaison).get, as_(liaison).post):
        assert send(address(name)).status_code == 403


@pytest.mark.parametrize("name", [*CHANGE, *PRESS])
def test_a_commissioner_changes_nothing(as_, commissioner, address, name):
    for send in (as_(commissioner).get, as_(commissioner).post):
        assert send(address(name)).status_code == 403


@pytest.mark.parametrize("name", ["meetings", "meeting", *READ])
def test_a_commissioner_reads_without_being_offered_changes(
    as_, commissioner, address, name
):
    page = as_(commissioner).get(address(name))
    assert page.status_code == 200
    main = page.text.split("<main")[1]
    assert 'method="post"' not in main
    for name_of_change in CHANGE:
        assert address(name_of_change) not in main


def test_a_commissioner_writes_no_notes(as_, commissioner, address):
    assert as_(commissioner).post(address("minutes")).status_code == 403


@pytest.mark.parametrize("name", ["meeting", *READ, *CHANGE[1:], *PRESS])
def test_what_is_not_there_is_not_found(as_, staff, name, address):
    path = address(name)
    meeting = Meeting.objects.get()
    for pk in (meeting.pk + 1, "1" + "0" * 30):
        missing = path.replace(f"/{meeting.pk}/", f"/{pk}/", 1)
        for send in (as_(staff).get, as_(staff).post):
            assert send(missing).status_code in (404, 405)


# What a liaison sees


@pytest.fixture
def planned():
    meeting = MeetingFactory(
        date=SOON,
        start=dt.time(10, 30),
        end=dt.time(12, 30),
        title="Secret subject",
        venue="PCC conference room",
        joining_link="https://join.example/secret",
        themes=[ThemeFactory(name="Secret theme")],
    )
    AgendaItemFactory(
        meeting=meeting,
        heading="Leadership",
        asked_of_force="Figures for the year",
        lines_of_enquiry="Secret enquiry",
        notes="Secret notes",
    )
    AgendaItemFactory(
        meeting=meeting,
        heading="Secret item",
        asked_of_force="Secret question",
        restricted=True,
        withheld=True,
        withheld_reason="s31",
    )
    AgendaItemFactory(meeting=meeting, heading="Secret heading, nothing asked")
    AttendeeFactory(meeting=meeting, person__name="Secret attendee")
    return meeting


def test_a_liaison_sees_when_and_where_and_own_actions_and_nothing_else(
    as_, liaison, planned
):
    own = ActionFactory(
        organisation=liaison.organisation, due=Due.at_meeting(planned), text="Ours"
    )
    ActionFactory(due=Due.at_meeting(planned), text="Secret action of another")
    ActionFactory(
        organisation=liaison.organisation,
        due=Due.at_meeting(planned),
        issued=False,
        text="Secret for now",
    )
    page = as_(liaison).get(planned.get_absolute_url()).text
    for fact in (
        str(planned.type),
        "10:30 to 12:30",
        "PCC conference room",
        "The agenda has not been sent yet",
        own.reference,
        "Ours",
    ):
        assert fact in page
    assert "Secret" not in page
    assert "join.example" not in page
    assert "Figures for the year" not in page


def test_what_is_asked_of_the_force_shows_once_the_agenda_is_sent(
    as_, liaison, planned
):
    planned.mark_agenda_sent(at=timezone.now())
    page = as_(liaison).get(planned.get_absolute_url()).text
    assert "1 Leadership" in page
    assert "Figures for the year" in page
    assert "Secret" not in page


def test_a_liaison_lists_what_is_to_come_without_subjects(as_, liaison, planned):
    for state in ("draft", "circulated", "agreed"):
        MeetingFactory(state=state, venue=f"Secret venue, {state}")
    cancelled = MeetingFactory(
        state="cancelled", cancelled_because="Snow", venue="Secret venue"
    )
    client = as_(liaison)
    page = client.get(reverse("meetings")).text
    assert str(planned.type) in page
    assert "Agenda not sent yet" in page
    assert "Secret" not in page
    for query in ({"q": "Secret"}, {"theme": planned.themes.get().pk}):
        listed = client.get(reverse("meetings"), query)
        assert list(listed.context["planned"]) == [planned]
    assert client.get(cancelled.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("state", ["draft", "circulated", "agreed"])
def test_a_meeting_that_is_minuted_is_not_found_by_a_liaison(
    as_, liaison, planned, state
):
    Meeting.objects.update(state=state)
    assert as_(liaison).get(planned.get_absolute_url()).status_code == 404
