"""A new meeting, and who is invited to it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.models import Meeting
from meetings.models.people import post_holders
from tests.factories import (
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
)
from tests.meetings.pages import as_shown, day, new_meeting, said

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)
LATER = TODAY + dt.timedelta(days=50)
BEFORE = TODAY - dt.timedelta(days=20)


def test_the_type_is_chosen_first(as_, staff, monthly):
    unused = MeetingTypeFactory(is_active=False, name="Old board")
    page = as_(staff).get(reverse("meeting_new"))
    assert "Monthly assurance meeting" in page.text
    assert unused.name not in page.text
    for wrong in ({"chosen": "yes"}, {"type": "999"}, {"type": "x"}):
        page = as_(staff).get(reverse("meeting_new"), wrong)
        assert page.status_code == 422
        assert "There is a problem" in page.text


def test_without_types_the_page_says_what_to_do(as_, staff):
    assert "Add the first type" in as_(staff).get(reverse("meeting_new")).text


def test_a_new_meeting_starts_with_what_is_usual_for_its_type(as_, staff, monthly):
    theme = ThemeFactory()
    sent = new_meeting(
        as_(staff), monthly, date=day(SOON), title="Roads", themes=[theme.pk]
    )
    meeting = Meeting.objects.get()
    assert sent.url == meeting.get_absolute_url()
    assert (meeting.type, meeting.title, meeting.date) == (monthly, "Roads", SOON)
    assert (meeting.venue, meeting.start, meeting.end) == (
        "PCC conference room",
        dt.time(10),
        dt.time(12),
    )
    assert list(meeting.themes.all()) == [theme]
    assert meeting.state == Meeting.State.PLANNED
    assert [(i.number, i.heading, i.kind) for i in meeting.agenda()] == [
        ("1", "Action tracker", "action_tracker"),
        ("", "AOB", "aob"),
    ]
    assert meeting.history.first().history_user == staff


def test_a_meeting_of_the_past_may_be_entered(as_, staff, monthly):
    new_meeting(as_(staff), monthly, date="4 August 2020", end=None)
    meeting = Meeting.objects.get()
    assert (meeting.date, meeting.end) == (dt.date(2020, 8, 4), None)
    page = as_(staff).get(meeting.get_absolute_url())
    assert "nothing is recorded of it" in page.text


def test_sending_a_new_meeting_twice_makes_one(as_, staff, monthly):
    client, url = as_(staff), reverse("meeting_new")
    form = client.get(url, {"type": monthly.pk}).context["form"]
    sent = as_shown(form, date=day(SOON))
    first, second = client.post(url, sent), client.post(url, sent)
    assert first.url == second.url == Meeting.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"date": ""}, "Enter the date"),
        ({"date": "31/2/2025"}, "Enter a real date, like 4 September 2025"),
        ({"start": "14:00", "end": "13:00"}, "Enter an end after the start, 14:00"),
        ({"start": "", "end": "13:00"}, "Enter when the meeting starts"),
        ({"start": "10"}, "Enter a time, like 10am or 14:30"),
        ({"type": "999"}, "Choose the type again: what you chose is no longer there"),
        ({"themes": ["999"]}, "Choose the themes again: one of them is no longer"),
        ({"themes": ["x"]}, "Choose the themes again"),
        ({"title": "a\x00b"}, "Null characters are not allowed"),
        ({"title": "a" * 201}, "at most 200 characters"),
        ({"joining_link": "javascript:alert(1)"}, "Enter a valid URL"),
    ],
)
def test_what_is_wrong_with_a_new_meeting_is_said_and_what_was_typed_is_kept(
    as_, staff, monthly, changes, sentence
):
    typed = {"date": day(SOON), "venue": "The town hall, upstairs", **changes}
    page = new_meeting(as_(staff), monthly, **typed)
    assert page.status_code == 422
    assert sentence in page.text
    assert "The town hall, upstairs" in page.text
    assert not Meeting.objects.exists()


# Who is invited to a new meeting


def invited(meeting):
    return [
        (a.person.name, a.capacity, a.abbreviation, a.attendance, a.role, a.listed)
        for a in meeting.attendance()
    ]


def test_the_people_of_the_last_meeting_of_the_type_are_invited(as_, staff, monthly):
    office = OrganisationFactory()
    last = MeetingFactory(type=monthly, date=BEFORE, state="draft")
    AttendeeFactory(
        meeting=last,
        person__name="John Campion",
        capacity="Police and Crime Commissioner",
        abbreviation="PCC",
        organisation=office,
        role="chair",
        note="Left at noon",
    )
    AttendeeFactory(
        meeting=last,
        person__name="Lucy Milner",
        capacity="Business Support Officer",
        attendance="apologies",
        role="minute_taker",
        listed=False,
    )
    cancelled = MeetingFactory(
        type=monthly, date=TODAY, state="cancelled", cancelled_because="Snow"
    )
    AttendeeFactory(meeting=cancelled, person__name="Nobody")
    AttendeeFactory(meeting=MeetingFactory(date=TODAY), person__name="Of another type")
    sent = new_meeting(as_(staff), monthly, date=day(SOON))
    meeting = Meeting.objects.get(date=SOON)
    assert invited(meeting) == [
        ("John Campion", "Police and Crime Commissioner", "PCC", "invited", "chair", 1),
        ("Lucy Milner", "Business Support Officer", "", "invited", "minute_taker", 0),
    ]
    chair = meeting.attendance()[0]
    assert (chair.organisation, chair.note) == (office, "")
    assert "2 people are invited" in said(sent)


def test_nobody_is_invited_when_that_is_not_wanted(as_, staff, monthly):
    AttendeeFactory(meeting__type=monthly, meeting__date=BEFORE)
    new_meeting(as_(staff), monthly, date=day(SOON), people=None)
    assert not Meeting.objects.get(date=SOON).attendees.exists()


def test_whoever_holds_the_post_now_is_invited_however_they_hold_it(
    as_, staff, monthly
):
    """ "T/" and "Temporary" before a post are the same post."""
    last = MeetingFactory(type=monthly, date=BEFORE, state="draft")
    AttendeeFactory(
        meeting=last, person__name="Anthony Bangham", capacity="Chief Constable"
    )
    other = MeetingFactory(date=BEFORE + dt.timedelta(days=2), state="draft")
    AttendeeFactory(
        meeting=other,
        person__name="Richard Cooper",
        capacity="T/Chief Constable",
        abbreviation="T/CC",
    )
    new_meeting(as_(staff), monthly, date=day(SOON))
    assert invited(Meeting.objects.get(date=SOON)) == [
        ("Richard Cooper", "T/Chief Constable", "T/CC", "invited", "", True)
    ]


def test_the_same_post_in_another_organisation_is_another_seat(as_, staff, monthly):
    office, force = OrganisationFactory(name="Office"), OrganisationFactory()
    last = MeetingFactory(type=monthly, date=BEFORE, state="draft")
    AttendeeFactory(meeting=last, person__name="Of the office", organisation=office)
    elsewhere = MeetingFactory(date=BEFORE + dt.timedelta(days=2), state="draft")
    AttendeeFactory(meeting=elsewhere, person__name="Of the force", organisation=force)
    new_meeting(as_(staff), monthly, date=day(SOON))
    assert [row[0] for row in invited(Meeting.objects.get(date=SOON))] == [
        "Of the office"
    ]
    assert {
        (holder.organisation, holder.person.name) for holder in post_holders().values()
    } == {(office, "Of the office"), (force, "Of the force")}


def test_two_people_with_one_post_both_keep_their_seat(as_, staff, monthly):
    last = MeetingFactory(type=monthly, date=BEFORE, state="draft")
    for name in ("Nicola Lowery", "Natasha Noorbakhsh"):
        AttendeeFactory(meeting=last, person__name=name, capacity="Policy Officer")
    AttendeeFactory(
        meeting=MeetingFactory(date=BEFORE + dt.timedelta(days=1), state="draft"),
        person__name="A third one elsewhere",
        capacity="Policy Officer",
    )
    new_meeting(as_(staff), monthly, date=day(SOON))
    assert [row[0] for row in invited(Meeting.objects.get(date=SOON))] == [
        "Nicola Lowery",
        "Natasha Noorbakhsh",
    ]


def test_somebody_comes_with_the_capacity_they_had_last(as_, staff, monthly):
    pearce = PersonFactory(name="Charity Pearce")
    last = MeetingFactory(type=monthly, date=BEFORE, state="draft")
    AttendeeFactory(meeting=last, person=pearce, capacity="Assistant Policy Officer")
    AttendeeFactory(
        meeting=MeetingFactory(date=BEFORE + dt.timedelta(days=1), state="draft"),
        person=pearce,
        capacity="Senior Policy Officer",
    )
    new_meeting(as_(staff), monthly, date=day(SOON))
    new_meeting(as_(staff), monthly, date=day(BEFORE), title="The same day")
    assert invited(Meeting.objects.get(date=SOON))[0][1] == "Senior Policy Officer"
    late = Meeting.objects.get(title="The same day")
    assert invited(late)[0][1] == "Assistant Policy Officer"


def test_a_stand_in_gives_way_to_whom_they_stood_in_for(as_, staff, monthly):
    chief = PersonFactory(name="The chief")
    last = MeetingFactory(type=monthly, date=BEFORE, state="draft")
    AttendeeFactory(
        meeting=last,
        person__name="The deputy",
        capacity="Deputy Chief Constable",
        standing_in_for=chief,
    )
    new_meeting(as_(staff), monthly, date=day(SOON))
    assert [row[:2] for row in invited(Meeting.objects.get(date=SOON))] == [
        ("The chief", "")
    ]
    AttendeeFactory(meeting=last, person=chief, attendance="apologies")
    new_meeting(as_(staff), monthly, date=day(LATER), title="Next but one")
    later = Meeting.objects.get(title="Next but one")
    assert [row[0] for row in invited(later)] == ["The chief"]
