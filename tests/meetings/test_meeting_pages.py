"""Meetings as a whole: the list, a new one, its states, moving and cancelling it."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from actions.models import Action, Due, Update
from meetings.models import Attendee, Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    StandingItemFactory,
    ThemeFactory,
)
from tests.meetings.forms import as_shown

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)
LATER = TODAY + dt.timedelta(days=50)
BEFORE = TODAY - dt.timedelta(days=20)


def day(date: dt.date) -> str:
    return f"{date.day}/{date.month}/{date.year}"


def said(response) -> str:
    """What the banner will say."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


# The list


def test_planned_ones_come_earliest_first_and_past_ones_latest_first(as_, staff):
    for date, title in [(LATER, "Later"), (SOON, "Soon"), (TODAY, "Today")]:
        MeetingFactory(date=date, title=title)
    for days in (30, 5, 60):
        date = TODAY - dt.timedelta(days=days)
        MeetingFactory(date=date, state="draft", title=f"{days} days ago")
    page = as_(staff).get(reverse("meetings"))
    assert [m.title for m in page.context["planned"]] == ["Today", "Soon", "Later"]
    assert [m.title for m in page.context["page"]] == [
        "5 days ago",
        "30 days ago",
        "60 days ago",
    ]


def test_a_planned_meeting_whose_day_has_passed_is_said_to_be_not_recorded(as_, staff):
    MeetingFactory(date=BEFORE)
    page = as_(staff).get(reverse("meetings"))
    assert "Not recorded" in page.text
    assert "No meeting is planned" in page.text


def test_an_empty_list_says_what_to_do(as_, staff, commissioner):
    page = as_(staff).get(reverse("meetings"))
    assert "Plan the next one" in page.text
    assert "New meeting" not in as_(commissioner).get(reverse("meetings")).text


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same_for_one_meeting_and_for_thirty(as_, staff, many):
    for number in range(many):
        theme = ThemeFactory()
        MeetingFactory(date=SOON, themes=[theme])
        MeetingFactory(date=BEFORE, state="draft", themes=[theme])
        assert number is not None
    client = as_(staff)
    client.get(reverse("meetings"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(reverse("meetings"))
    assert len(queries) == 10


def test_past_meetings_are_paged_and_no_page_number_breaks_the_list(as_, staff):
    type_ = MeetingTypeFactory()
    for number in range(26):
        date = BEFORE - dt.timedelta(days=number)
        MeetingFactory(type=type_, date=date, state="draft")
    client = as_(staff)
    assert len(client.get(reverse("meetings"), {"page": 2}).context["page"]) == 1
    for strange in ("1" + "0" * 30, "-1", "x", "9" * 5000):
        page = client.get(reverse("meetings"), {"page": strange})
        assert page.status_code == 200
        assert page.context["page"].paginator.count == 26


def test_meetings_are_found_by_type_year_theme_and_words(as_, staff):
    theme = ThemeFactory(name="Rural crime")
    wanted = MeetingFactory(
        title="Barns and tractors", date=dt.date(2024, 5, 1), themes=[theme]
    )
    AgendaItemFactory(meeting=wanted, heading="Hare coursing")
    MeetingFactory(title="Custody", date=dt.date(2025, 5, 1))
    for query in (
        {"type": wanted.type_id},
        {"year": 2024},
        {"theme": theme.pk},
        {"q": "tractors BARNS"},
        {"q": "coursing"},
    ):
        page = as_(staff).get(reverse("meetings"), query)
        assert [m.pk for m in page.context["page"]] == [wanted.pk], query
        assert "<strong>1</strong> of 2 meetings" in page.text
    assert "No past or cancelled meeting matches" in (
        as_(staff).get(reverse("meetings"), {"q": "tractors custody"}).text
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"theme": "999"}, "Choose the theme again: what was asked for is not there"),
        ({"theme": "1" + "0" * 30}, "Choose the theme again"),
        ({"type": "x"}, "Choose the type again"),
        ({"year": "1900"}, "Choose the year again"),
        ({"q": "a\x00b"}, "Null characters are not allowed"),
        ({"q": "a" * 201}, "at most 200 characters"),
    ],
)
def test_a_query_that_is_not_understood_is_answered_with_a_sentence(
    as_, staff, query, sentence
):
    MeetingFactory(date=SOON, title="Still listed")
    page = as_(staff).get(reverse("meetings"), query)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Still listed" in page.text


# A new meeting


@pytest.fixture
def monthly():
    type_ = MeetingTypeFactory(
        name="Monthly assurance meeting",
        usual_venue="PCC conference room",
        usual_start=dt.time(10),
        usual_end=dt.time(12),
    )
    StandingItemFactory(
        type=type_, order=0, heading="Action tracker", kind="action_tracker"
    )
    StandingItemFactory(
        type=type_, order=1, heading="AOB", kind="aob", is_numbered=False
    )
    return type_


def new_meeting(client, type_, **changes):
    """Choose the type, fill the form as shown, send it."""
    url = reverse("meeting_new")
    form = client.get(url, {"type": type_.pk}).context["form"]
    return client.post(url, as_shown(form, **changes))


def test_the_type_is_chosen_first(as_, staff, monthly):
    unused = MeetingTypeFactory(is_active=False, name="Old board")
    page = as_(staff).get(reverse("meeting_new"))
    assert "Monthly assurance meeting" in page.text
    assert unused.name not in page.text
    for wrong in ("", "999", "x"):
        page = as_(staff).get(reverse("meeting_new"), {"type": wrong})
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


# The overview


def test_the_overview_says_what_to_do_next_in_each_state(as_, staff):
    client = as_(staff)
    for state, date, words, button in [
        ("planned", SOON, "Send the agenda", "Mark the agenda as sent"),
        ("planned", BEFORE, "nothing is recorded", "It was held: write its minutes"),
        ("in_progress", TODAY, "item by item", "Finish the meeting"),
        ("draft", BEFORE, "Read the draft", "Circulate the minutes"),
        ("circulated", BEFORE, "has gone round", "Read the minutes"),
        ("agreed", BEFORE, "The minutes are agreed", "Read them"),
    ]:
        meeting = MeetingFactory(state=state, date=date, title="Roads")
        page = client.get(meeting.get_absolute_url())
        assert f"{meeting.type}: Roads" in page.text
        assert meeting.get_state_display() in page.text
        assert words in page.text, state
        assert button in page.text, state


def test_a_cancelled_meeting_says_why_and_offers_nothing(as_, staff):
    meeting = MeetingFactory(state="cancelled", cancelled_because="Heavy snow")
    page = as_(staff).get(meeting.get_absolute_url())
    assert "Cancelled: Heavy snow" in page.text
    assert "<button" not in page.text.split("<main")[1]


def test_updates_are_due_seven_days_before_by_nine_on_a_working_day(as_, staff):
    meeting = MeetingFactory(date=dt.date(2031, 5, 30))
    page = as_(staff).get(meeting.get_absolute_url())
    assert "09:00 on Friday 23 May 2031" in page.text


def test_the_overview_links_the_meeting_before_and_the_one_after(as_, staff):
    after = MeetingFactory(date=LATER, title="After")
    meeting = MeetingFactory(date=SOON, title="Middle", next_meeting=after)
    before = MeetingFactory(
        date=BEFORE, title="Before", state="draft", next_meeting=meeting
    )
    page = as_(staff).get(meeting.get_absolute_url())
    assert before.get_absolute_url() in page.text
    assert after.get_absolute_url() in page.text


def test_the_protective_marking_is_on_every_page_of_a_meeting(as_, staff):
    meeting = MeetingFactory(marking="official_sensitive")
    for path in ("", "agenda/", "attendance/", "minutes/", "minutes/?view=read"):
        page = as_(staff).get(f"/meetings/{meeting.pk}/{path}")
        assert "OFFICIAL-SENSITIVE" in page.text


# From state to state


def press(client, meeting, move):
    return client.post(reverse("meeting_state", args=[meeting.pk]), {"move": move})


def test_a_meeting_is_started_finished_and_its_notes_reopened(as_, staff):
    client, meeting = as_(staff), MeetingFactory(date=TODAY)
    assert press(client, meeting, "start").url == reverse("minutes", args=[meeting.pk])
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.IN_PROGRESS
    assert press(client, meeting, "finish").url == meeting.get_absolute_url()
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.DRAFT
    press(client, meeting, "reopen")
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.IN_PROGRESS


def test_a_move_that_is_not_possible_any_more_is_refused_with_a_sentence(as_, staff):
    client = as_(staff)
    meeting = MeetingFactory(date=TODAY, state="circulated")
    sent = press(client, meeting, "start")
    assert sent.url == meeting.get_absolute_url()
    assert "minutes circulated, so it cannot become in progress" in said(sent)
    assert "Choose what to do" in said(press(client, meeting, "agree"))
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.CIRCULATED


def test_marking_the_agenda_as_sent_keeps_when(as_, staff):
    meeting = MeetingFactory(date=SOON)
    url = reverse("meeting_agenda_sent", args=[meeting.pk])
    sent = as_(staff).post(url)
    meeting.refresh_from_db()
    assert timezone.localdate(meeting.agenda_sent_at) == TODAY
    assert "Liaisons now see what is asked of the force" in said(sent)
    Meeting.objects.update(state="draft", agenda_sent_at=None)
    assert "not sent any more" in said(as_(staff).post(url))
    meeting.refresh_from_db()
    assert meeting.agenda_sent_at is None


def test_buttons_do_not_answer_to_a_link(as_, staff):
    meeting = MeetingFactory()
    for name in ("meeting_state", "meeting_agenda_sent", "everyone_here"):
        assert as_(staff).get(reverse(name, args=[meeting.pk])).status_code == 405


# Editing


def test_a_meeting_is_corrected(as_, staff):
    meeting = MeetingFactory(date=SOON, venue="Old hall")
    client, url = as_(staff), reverse("meeting_edit", args=[meeting.pk])
    form = client.get(url).context["form"]
    sent = client.post(
        url,
        as_shown(
            form,
            venue="New hall",
            end="12:30",
            deadline_on=day(TODAY),
            deadline_at="5pm",
        ),
    )
    assert sent.url == meeting.get_absolute_url()
    meeting.refresh_from_db()
    assert (meeting.venue, meeting.end) == ("New hall", dt.time(12, 30))
    own = timezone.localtime(meeting.own_deadline)
    assert (own.date(), own.time()) == (TODAY, dt.time(17))
    form = client.get(url).context["form"]
    client.post(url, as_shown(form, deadline_on="", deadline_at=""))
    meeting.refresh_from_db()
    assert meeting.own_deadline is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"end": "9am"}, "Enter an end after the start, 10:00"),
        ({"deadline_on": "1/1/2026"}, "Enter the time as well as the day"),
        ({"deadline_at": "9am"}, "Enter the day as well as the time"),
        (
            {"deadline_on": "1/1/2090", "deadline_at": "9am"},
            "Enter a day no later than the day of the meeting",
        ),
    ],
)
def test_what_is_wrong_with_a_correction_is_said(as_, staff, changes, sentence):
    meeting = MeetingFactory(date=SOON)
    client, url = as_(staff), reverse("meeting_edit", args=[meeting.pk])
    form = client.get(url).context["form"]
    page = client.post(url, as_shown(form, title="Typed and kept", **changes))
    assert page.status_code == 422
    assert sentence in page.text
    assert "Typed and kept" in page.text


def test_a_stale_correction_is_refused_and_shows_both(as_, staff, administrator):
    meeting = MeetingFactory(date=SOON, venue="Old hall")
    url = reverse("meeting_edit", args=[meeting.pk])
    mine, theirs = as_(staff), as_(administrator)
    opened = mine.get(url).context["form"]
    theme = ThemeFactory(name="Rural crime")
    other = theirs.get(url).context["form"]
    theirs.post(url, as_shown(other, venue="Their hall", themes=[theme.pk]))
    page = mine.post(url, as_shown(opened, venue="My hall"))
    assert page.status_code == 422
    assert "Their hall" in page.text
    assert "Rural crime" in page.text
    assert f"Saved by {administrator.name}" in page.text
    assert 'value="My hall"' in page.text
    meeting.refresh_from_db()
    assert meeting.venue == "Their hall"
    again = as_shown(page.context["form"], venue="My hall")
    mine.post(url, again)
    meeting.refresh_from_db()
    assert meeting.venue == "My hall"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("agreed", "The minutes of this meeting are agreed"),
        ("cancelled", "This meeting is cancelled"),
    ],
)
def test_what_may_no_longer_be_changed_is_refused_and_the_typed_text_kept(
    as_, staff, state, sentence
):
    meeting = MeetingFactory(date=SOON)
    client, url = as_(staff), reverse("meeting_edit", args=[meeting.pk])
    form = client.get(url).context["form"]
    because = "Snow" if state == "cancelled" else ""
    Meeting.objects.update(state=state, cancelled_because=because)
    page = client.post(url, as_shown(form, title="Typed and kept"))
    assert page.status_code == 422
    assert sentence in page.text
    assert "Typed and kept" in page.text
    sent = client.get(url)
    assert sent.url == meeting.get_absolute_url()
    assert sentence in said(sent)


# Moving and cancelling


def test_another_date_says_how_many_actions_follow(as_, staff):
    meeting = MeetingFactory(date=SOON)
    action = ActionFactory(due=Due.at_meeting(meeting))
    client, url = as_(staff), reverse("meeting_reschedule", args=[meeting.pk])
    page = client.get(url)
    assert "1 action is due at this meeting. It follows." in page.text
    sent = client.post(url, as_shown(page.context["form"], date=day(LATER)))
    meeting.refresh_from_db()
    assert meeting.date == LATER
    assert "1 action due at it follows" in said(sent)
    moved = action.updates.get(what=Update.What.MEETING_MOVED)
    assert moved.author == staff


def test_an_action_on_a_theme_follows_the_meeting_and_waits_when_it_is_cancelled(
    as_, staff, monthly
):
    """Planned, moved and cancelled by the pages themselves."""
    theme = ThemeFactory(name="Workforce")
    raised = MeetingFactory(date=BEFORE, state="draft")
    action = ActionFactory(meeting=raised, due=Due.at_next_on(theme))

    def due_date():
        return Action.objects.with_ties().get(pk=action.pk).due_date

    client = as_(staff)
    assert due_date() is None
    new_meeting(client, monthly, date=day(SOON), themes=[theme.pk])
    assert due_date() == SOON
    meeting = Meeting.objects.get(date=SOON)
    url = reverse("meeting_reschedule", args=[meeting.pk])
    client.post(url, as_shown(client.get(url).context["form"], date=day(LATER)))
    assert due_date() == LATER
    url = reverse("meeting_cancel", args=[meeting.pk])
    assert "1 action is due at this meeting" in client.get(url).text
    client.post(url, as_shown(client.get(url).context["form"], because="Snow"))
    assert due_date() is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Enter another date. To change only the time, edit the meeting"),
        ({"date": ""}, "Enter the date"),
        ({"date": "1/1/2090", "end": "9am"}, "Enter an end after the start"),
    ],
)
def test_what_is_wrong_with_another_date_is_said(as_, staff, changes, sentence):
    meeting = MeetingFactory(date=SOON)
    client, url = as_(staff), reverse("meeting_reschedule", args=[meeting.pk])
    page = client.post(url, as_shown(client.get(url).context["form"], **changes))
    assert page.status_code == 422
    assert sentence in page.text
    meeting.refresh_from_db()
    assert meeting.date == SOON


def test_a_stale_other_date_is_refused_and_shows_theirs(as_, staff, administrator):
    meeting = MeetingFactory(date=SOON)
    url = reverse("meeting_reschedule", args=[meeting.pk])
    mine, theirs = as_(staff), as_(administrator)
    opened = mine.get(url).context["form"]
    theirs.post(url, as_shown(theirs.get(url).context["form"], date=day(LATER)))
    page = mine.post(url, as_shown(opened, date=day(TODAY)))
    assert page.status_code == 422
    assert date_format(LATER) in page.text
    meeting.refresh_from_db()
    assert meeting.date == LATER


def test_cancelling_needs_a_reason_and_says_what_waits(as_, staff):
    meeting = MeetingFactory(date=SOON)
    for _ in range(2):
        ActionFactory(due=Due.at_meeting(meeting))
    client, url = as_(staff), reverse("meeting_cancel", args=[meeting.pk])
    page = client.get(url)
    assert "2 actions are due at this meeting. They will wait" in page.text
    refused = client.post(url, as_shown(page.context["form"], because="  "))
    assert refused.status_code == 422
    assert "Say why the meeting is cancelled" in refused.text
    sent = client.post(url, as_shown(page.context["form"], because="Heavy snow"))
    meeting.refresh_from_db()
    assert (meeting.state, meeting.cancelled_because) == ("cancelled", "Heavy snow")
    assert "2 actions that were due at it wait for another" in said(sent)


@pytest.mark.parametrize("name", ["meeting_reschedule", "meeting_cancel"])
def test_a_meeting_that_was_held_is_neither_moved_nor_cancelled(as_, staff, name):
    meeting = MeetingFactory(date=SOON)
    client, url = as_(staff), reverse(name, args=[meeting.pk])
    form = client.get(url).context["form"]
    Meeting.objects.update(state="draft")
    assert "This meeting is draft minutes, so it cannot be" in said(client.get(url))
    page = client.post(url, as_shown(form, date=day(LATER), because="Snow"))
    assert page.status_code == 422
    assert "There is a problem" in page.text
    meeting.refresh_from_db()
    assert (meeting.state, meeting.date) == ("draft", SOON)


# Circulating


def test_circulating_says_first_what_is_issued_and_what_looks_unfinished(as_, staff):
    force = OrganisationFactory(short_names="WMP")
    meeting = MeetingFactory(date=BEFORE, state="draft")
    item = AgendaItemFactory(meeting=meeting, heading="Roads")
    AttendeeFactory(meeting=meeting, person__name="Grant Wills", attendance="invited")
    owned = ActionFactory(
        meeting=meeting, item=item, issued=False, organisation=force, text="Share plan"
    )
    nobodys = ActionFactory(meeting=meeting, item=item, issued=False)
    ActionFactory(meeting=meeting, item=item, text="Issued before")
    client, url = as_(staff), reverse("meeting_circulate", args=[meeting.pk])
    page = client.get(url)
    assert "<strong>2 actions</strong> will be issued" in page.text
    assert "Share plan" in page.text
    assert "Issued before" not in page.text
    for doubt in (
        "Nobody is recorded as present.",
        "Still only invited: Grant Wills.",
        "No chair is recorded.",
        "Nothing is noted under: 1 Roads.",
        f"Action {nobodys.reference} has no owner.",
    ):
        assert doubt in page.text
    sent = client.post(url, as_shown(page.context["form"]))
    assert sent.url == meeting.get_absolute_url()
    assert "2 actions were issued" in said(sent)
    meeting.refresh_from_db()
    owned.refresh_from_db()
    assert meeting.state == Meeting.State.CIRCULATED
    assert owned.is_issued


def test_minutes_that_are_no_draft_are_not_circulated(as_, staff):
    meeting = MeetingFactory(date=TODAY, state="in_progress")
    client, url = as_(staff), reverse("meeting_circulate", args=[meeting.pk])
    assert "cannot be circulated" in said(client.get(url))
    page = client.post(url, {"submission": ""})
    assert page.status_code == 422
    assert "so it cannot become minutes circulated" in page.text


# The next meeting


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
    assert [i.heading for i in following.agenda()] == ["Tracker"]
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
