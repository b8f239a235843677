"""One meeting as a whole: its states, correcting, moving, cancelling, circulating."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from actions.agreement import circulate_minutes
from actions.models import Action, Due, Update
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    ThemeFactory,
)
from tests.meetings.pages import as_shown, day, new_meeting, said

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)
LATER = TODAY + dt.timedelta(days=50)
BEFORE = TODAY - dt.timedelta(days=20)


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
    main = page.text.split("<main")[1].split("</main>")[0]
    assert "<button" not in main


def test_updates_are_due_seven_days_before_by_nine_on_a_working_day(as_, staff):
    meeting = MeetingFactory(date=dt.date(2031, 5, 30))
    page = as_(staff).get(meeting.get_absolute_url())
    assert "Updates are due by 9am on Friday 23 May 2031.</li>" in page.text


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


def test_a_start_by_mistake_and_a_circulated_draft_can_be_taken_back(as_, staff):
    client, meeting = as_(staff), MeetingFactory()
    for move in ("start", "undo-start"):
        press(client, meeting, move)
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.PLANNED
    for move in ("start", "finish"):
        press(client, meeting, move)
    circulate_minutes(meeting, by=staff)
    press(client, meeting, "take-back")
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.DRAFT


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
    assert (
        "The minutes of this meeting have gone round, so it cannot be in progress again"
    ) in said(sent)
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


def test_a_meeting_at_which_actions_were_raised_is_not_cancelled(as_, staff):
    meeting = MeetingFactory(date=SOON)
    ActionFactory(meeting=meeting)
    client, url = as_(staff), reverse("meeting_cancel", args=[meeting.pk])
    page = client.get(url, follow=True)
    sentence = "Actions were raised at this meeting, so it was held and cannot be"
    assert sentence in page.text
    assert page.redirect_chain[0][0] == meeting.get_absolute_url()
    refused = client.post(url, {"because": "Typed and kept"})
    assert refused.status_code == 422
    assert sentence in refused.text
    assert "Typed and kept" in refused.text
    meeting.refresh_from_db()
    assert meeting.state == "planned"


@pytest.mark.parametrize("name", ["meeting_reschedule", "meeting_cancel"])
def test_a_meeting_that_was_held_is_neither_moved_nor_cancelled(as_, staff, name):
    meeting = MeetingFactory(date=SOON)
    client, url = as_(staff), reverse(name, args=[meeting.pk])
    form = client.get(url).context["form"]
    Meeting.objects.update(state="draft")
    assert "The minutes of this meeting are a draft, so it cannot be" in said(
        client.get(url)
    )
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
        "1 action has no owner, so nobody is told of it",
        f"Give {nobodys.reference} an owner",
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
    page = client.post(url, {"submission": "", "number": 1})
    assert page.status_code == 422
    assert "This meeting is in progress, so its minutes cannot be circul" in page.text


def test_how_a_meeting_stands_is_a_sentence_in_every_state() -> None:
    """And so is what is refused there."""
    for state in Meeting.State:
        meeting = Meeting(state=state)
        assert meeting.how_it_stands.startswith(("This meeting is", "The minutes of"))
        for other in set(Meeting.State) - Meeting.TRANSITIONS[state]:
            with pytest.raises(ValidationError) as refused:
                meeting._become(other)
            (sentence,) = refused.value.messages
            assert sentence.startswith(f"{meeting.how_it_stands}, so it")
