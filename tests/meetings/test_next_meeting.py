"""The next meeting as the minutes confirm it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.models import Attendee, Meeting
from tests.factories import (
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    StandingItemFactory,
    ThemeFactory,
)
from tests.meetings.pages import as_shown, day

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)
LATER = TODAY + dt.timedelta(days=50)
BEFORE = TODAY - dt.timedelta(days=20)


@pytest.fixture
def held(monthly):
    meeting = MeetingFactory(type=monthly, date=TODAY, state="in_progress")
    AttendeeFactory(meeting=meeting, person__name="John Campion", role="chair")
    AttendeeFactory(meeting=meeting, person__name="Grant Wills", attendance="absent")
    return meeting


def confirm(client, meeting, what, **changes):
    url = reverse("next_meeting", args=[meeting.pk])
    form = client.get(url).context[what]
    return client.post(url, as_shown(form, **changes) | {"what": what})


def test_the_next_meeting_is_one_that_is_planned(as_, staff, held):
    planned = MeetingFactory(date=SOON)
    sent = confirm(as_(staff), held, "link", next_meeting=planned.pk)
    held.refresh_from_db()
    assert held.next_meeting == planned
    assert sent.url == held.get_absolute_url()
    assert not planned.attendees.exists()
    confirm(as_(staff), held, "remove")
    held.refresh_from_db()
    assert held.next_meeting is None


def test_the_next_meeting_is_made_with_the_people_of_this_one(as_, staff, held):
    other = MeetingTypeFactory(name="Assurance and accountability")
    StandingItemFactory(type=other, heading="Tracker")
    theme = ThemeFactory(name="Performance")
    confirm(
        as_(staff),
        held,
        "new",
        type=other.pk,
        title="Q4 Performance",
        themes=[theme.pk],
        date="30 May 2031",
        start="10:30",
        end="12:30",
        venue="PCC Conference Room 12",
    )
    held.refresh_from_db()
    following = held.next_meeting
    assert (following.type, following.title) == (other, "Q4 Performance")
    assert (following.date, following.start, following.end) == (
        dt.date(2031, 5, 30),
        dt.time(10, 30),
        dt.time(12, 30),
    )
    assert following.venue == "PCC Conference Room 12"
    assert list(following.themes.all()) == [theme]
    assert [i.heading for i in following.agenda()] == [
        "Minutes of the last meeting",
        "Tracker",
    ]
    assert [(a.person.name, a.attendance) for a in following.attendance()] == [
        ("John Campion", Attendee.Attendance.INVITED),
        ("Grant Wills", Attendee.Attendance.INVITED),
    ]


def test_a_next_meeting_before_this_one_is_refused_and_nothing_is_made(
    as_, staff, held
):
    page = confirm(as_(staff), held, "new", date=day(BEFORE), title="Typed and kept")
    assert page.status_code == 422
    assert "Enter a date after this meeting" in page.text
    assert "Typed and kept" in page.text
    assert Meeting.objects.count() == 1


def test_a_meeting_that_cannot_be_next_is_not_offered(as_, staff, held):
    MeetingFactory(date=SOON, state="cancelled", cancelled_because="Snow", title="Off")
    earlier = MeetingFactory(date=BEFORE, title="Earlier")
    page = as_(staff).get(reverse("next_meeting", args=[held.pk]))
    assert "No meeting after this one is planned" in page.text
    MeetingFactory(date=SOON, title="On")
    for wrong, sentence in [
        ("", "Choose a planned meeting"),
        (earlier.pk, "Choose the planned meeting again"),
        ("9" * 30, "Choose the planned meeting again"),
    ]:
        page = confirm(as_(staff), held, "link", next_meeting=wrong)
        assert page.status_code == 422
        assert sentence in page.text
