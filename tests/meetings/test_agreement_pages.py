"""Agreeing minutes on a page: what it shows first, and what it refuses."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.operations import edit_action
from meetings.comments import comment
from meetings.models import Agreement, Meeting
from meetings.versions import agreed_version, latest_draft
from tests.factories import ActionFactory, MeetingFactory, UserFactory
from tests.meetings.pages import as_shown, said
from tests.minutes import NEXT_ON, Minutes, made_once

pytestmark = pytest.mark.django_db

LONG = "A change that takes many words to describe. " * 200


kept_minutes, minutes, staff, liaison = made_once(
    lambda staff, liaison: Minutes(by=staff, liaison=liaison).circulate()
)


def address(minutes: Minutes, name: str = "meeting_agree") -> str:
    return reverse(name, args=[minutes.meeting.pk])


def send(client, minutes: Minutes, query: str = "", **changes):
    url = f"{address(minutes)}{query}"
    return client.post(url, as_shown(client.get(url).context["form"], **changes))


BY_CHAIR = {"how": "chair", "agreed_on": "2/4/2025"}


@pytest.mark.parametrize("role", ["staff", "commissioner", "administrator"])
def test_minutes_are_agreed_by_whom_may(as_, minutes, role):
    user = UserFactory(role=role)
    sent = send(as_(user), minutes, **BY_CHAIR)
    assert sent.url == minutes.meeting.get_absolute_url()
    assert "Agreed by John Campion, PCC on 2 April 2025, as presented" in said(sent)
    agreement = Agreement.objects.get()
    assert (agreement.recorded_by, agreement.how) == (user, "chair")
    assert agreed_version(minutes.meeting).by == user


def test_a_liaison_and_a_stranger_agree_nothing(as_, client, minutes):
    assert as_(minutes.liaison).get(address(minutes)).status_code == 403
    assert as_(minutes.liaison).post(address(minutes)).status_code == 403
    assert "/accounts/login/" in client.post(address(minutes)).url
    assert not Agreement.objects.exists()


def test_the_form_is_filled_with_the_chair_and_chooses_no_way_of_itself(as_, minutes):
    minutes.next.start_minutes()
    form = as_(minutes.by).get(address(minutes)).context["form"]
    assert form["agreed_by"].value() == "John Campion, PCC"
    assert form["agreed_on"].value() == timezone.localdate()
    assert form["at_meeting"].value() == minutes.next.pk
    assert not form["how"].value()
    assert form["outcome"].value() == "presented"


def test_the_form_offers_only_meetings_after_this_one_that_were_held(as_, minutes):
    held = MeetingFactory(date=NEXT_ON, state="in_progress")
    for state, date in (
        ("planned", timezone.localdate() + dt.timedelta(days=9)),
        ("planned", timezone.localdate() - dt.timedelta(days=9)),
        ("agreed", NEXT_ON),
        ("draft", dt.date(2025, 1, 1)),
    ):
        MeetingFactory(date=date, state=state)
    form = as_(minutes.by).get(f"{address(minutes)}?at={held.pk}").context["form"]
    assert set(form.fields["at_meeting"].queryset) == {held}
    assert form["at_meeting"].value() == held.pk
    assert form["how"].value() == "meeting"


def test_they_are_agreed_at_the_meeting_that_is_being_held(as_, minutes):
    minutes.next.start_minutes()
    sent = send(as_(minutes.by), minutes, f"?at={minutes.next.pk}")
    assert "Agreed at the meeting of 30 May 2025, as presented" in said(sent)
    url = reverse("minutes", args=[minutes.next.pk])
    page = as_(minutes.by).get(f"{url}?view=read")
    assert "26 March 2025, were agreed as presented." in page.text


def test_the_live_page_and_the_agenda_lead_to_recording_it(as_, minutes):
    client = as_(minutes.by)
    agenda = client.get(reverse("agenda", args=[minutes.next.pk])).text
    assert "To be agreed" in agenda
    assert address(minutes) not in agenda
    minutes.next.start_minutes()
    link = f"{address(minutes)}?at={minutes.next.pk}"
    for name in ("agenda", "minutes"):
        assert link in client.get(reverse(name, args=[minutes.next.pk])).text
    send(client, minutes, f"?at={minutes.next.pk}")
    text = client.get(reverse("minutes", args=[minutes.next.pk])).text
    assert link not in text
    assert "Agreed here" in text


def test_what_looks_unfinished_is_listed_and_each_is_let_pass_with_a_tick(as_, minutes):
    comment(latest_draft(minutes.meeting), by=minutes.liaison, text="Not so")
    minutes.action.refresh_from_db()
    edit_action(minutes.action, save=lambda: None, by=minutes.by, owners=[], changed=[])
    client = as_(minutes.by)
    page = send(client, minutes, **BY_CHAIR, outcome="changes")
    assert page.status_code == 422
    ticks = [tick.html_name for tick in page.context["form"].ticks()]
    assert len(ticks) == 2
    assert page.text.count("put it right, or tick to agree all the same") == 4
    form = page.context["form"]
    page = client.post(address(minutes), as_shown(form, **{ticks[0]: "on"}))
    assert page.status_code == 422
    assert page.text.count("put it right, or tick to agree all the same") == 2
    ticked = dict.fromkeys(ticks, "on")
    sent = client.post(address(minutes), as_shown(page.context["form"], **ticked))
    assert sent.status_code == 302
    assert Agreement.objects.get().overruled.count("\n") == 1


def test_a_doubt_that_came_up_while_reading_is_shown_and_stops_it(as_, minutes):
    client, url = as_(minutes.by), address(minutes)
    data = as_shown(client.get(url).context["form"], **BY_CHAIR)
    comment(latest_draft(minutes.meeting), by=minutes.liaison, text="Not so")
    page = client.post(url, data)
    assert page.status_code == 422
    assert "1 comment is not answered" in page.text
    assert not Agreement.objects.exists()


def test_what_changed_since_the_draft_is_shown_and_not_agreed_as_presented(
    as_, minutes
):
    minutes.write(minutes.open, notes="Nothing was discussed.")
    client = as_(minutes.by)
    page = client.get(address(minutes))
    assert "Item 1: notes changed." in page.text
    assert page.context["form"]["outcome"].value() == "changes"
    assert "<del>" in page.text
    page = send(client, minutes, **BY_CHAIR, outcome="presented")
    assert page.status_code == 422
    assert "They are not as presented any more" in page.text
    sent = send(client, minutes, **BY_CHAIR)
    assert sent.status_code == 302
    assert Agreement.objects.get().changes == "Item 1: notes changed"


def test_what_somebody_changed_while_reading_is_not_agreed_unseen(as_, minutes):
    client, url = as_(minutes.by), address(minutes)
    data = as_shown(
        client.get(url).context["form"], **BY_CHAIR, outcome="changes", changes=LONG
    )
    minutes.write(minutes.open, notes="Slipped in.")
    page = client.post(url, data)
    assert page.status_code == 422
    assert "changed while you were reading" in page.text
    assert LONG.strip() in page.text
    assert "Item 1: notes changed." in page.text
    assert client.post(url, as_shown(page.context["form"])).status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"how": ""}, "Choose how they were agreed"),
        ({"how": "chair", "agreed_by": " "}, "Enter who agreed them"),
        ({"how": "chair", "agreed_on": ""}, "Enter when they were agreed"),
        ({"how": "chair", "agreed_on": "1/1/2025"}, "no earlier than the meeting"),
        ({"how": "chair", "agreed_on": "1/1/2099"}, "not in the future"),
        ({"how": "chair", "agreed_on": "soon"}, "Error"),
        ({"how": "meeting", "at_meeting": ""}, "Choose the meeting they were agreed"),
        ({"how": "meeting", "at_meeting": "999"}, "no longer there"),
        ({**BY_CHAIR, "outcome": ""}, "Choose whether they were agreed as presented"),
        ({**BY_CHAIR, "outcome": "changes"}, "Say which changes"),
    ],
)
def test_what_is_missing_or_wrong_is_said(as_, minutes, changes, words):
    page = send(as_(minutes.by), minutes, **changes)
    assert page.status_code == 422
    assert words in page.text
    assert not Agreement.objects.exists()


def test_the_same_form_sent_twice_agrees_once(as_, minutes):
    client, url = as_(minutes.by), address(minutes)
    data = as_shown(client.get(url).context["form"], **BY_CHAIR)
    assert client.post(url, data).url == client.post(url, data).url
    assert Agreement.objects.count() == 1
    assert minutes.meeting.versions.agreed().count() == 1


def test_who_comes_second_is_told_who_agreed_them(as_, minutes, commissioner):
    client, url = as_(commissioner), address(minutes)
    data = as_shown(client.get(url).context["form"], **BY_CHAIR)
    minutes.agree()
    page = client.post(url, data)
    assert page.status_code == 422
    assert "agreed already. Agreed by John Campion" in page.text
    assert minutes.by.name in page.text
    sent = client.get(url)
    assert "there is no draft to agree" in said(sent)


@pytest.mark.parametrize("state", ["planned", "in_progress", "draft", "agreed"])
def test_only_a_draft_that_goes_round_is_agreed(as_, minutes, state):
    Meeting.objects.filter(pk=minutes.meeting.pk).update(state=state)
    client = as_(minutes.by)
    assert "there is no draft to agree" in said(client.get(address(minutes)))


def test_minutes_of_which_no_draft_was_kept_go_round_anew_first(as_, staff):
    meeting = MeetingFactory(state="circulated")
    client, url = as_(staff), reverse("meeting_agree", args=[meeting.pk])
    page = client.get(url)
    assert "No draft of these minutes was kept" in page.text
    ticked = {tick.html_name: "on" for tick in page.context["form"].ticks()}
    data = as_shown(page.context["form"], **ticked, how="chair", agreed_on="1/4/2025")
    page = client.post(url, data)
    assert page.status_code == 422
    assert "no draft went round yet" in page.text


def test_the_overview_says_how_by_whom_and_what_was_let_pass(as_, minutes):
    minutes.meeting.next_meeting = None
    minutes.meeting.save()
    minutes.circulate().agree()
    page = as_(minutes.by).get(minutes.meeting.get_absolute_url())
    assert "Agreed by John Campion, PCC on 2 April 2025, as presented." in page.text
    assert f"Recorded by {minutes.by}" in page.text
    assert "The next meeting is not confirmed." in page.text
    assert address(minutes, "meeting_amend") in page.text


def test_agreed_minutes_are_read_as_they_were_whatever_happens_later(as_, minutes):
    minutes.agree()
    minutes.meeting.type.name = "Renamed type"
    minutes.meeting.type.save()
    minutes.chair.person.name = "Renamed person"
    minutes.chair.person.save()
    page = as_(minutes.by).get(address(minutes, "minutes"))
    printed = page.text.split('class="app-read"')[1]
    assert "John Campion" in printed
    assert "Renamed person" not in printed


def test_agreed_minutes_are_headed_by_their_own_title(as_, minutes):
    minutes.agree()
    before = as_(minutes.by).get(address(minutes, "minutes")).context["heading"]
    minutes.meeting.type.name = "Renamed type"
    minutes.meeting.type.save()
    page = as_(minutes.by).get(address(minutes, "minutes")).text
    assert f"<title>Minutes: {before}, 26 March 2025" in page
    assert page.count("<h1") == 1
    assert f'govuk-!-margin-bottom-2">{before}</h1>' in page


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 action is not issued yet. Agreeing the minutes issues it"),
        (2, "2 actions are not issued yet. Agreeing the minutes issues them"),
    ],
)
def test_actions_not_issued_yet_are_said_before_agreeing(as_, minutes, count, said):
    for _ in range(count):
        ActionFactory(meeting=minutes.meeting, issued=False)
    assert said in as_(minutes.by).get(address(minutes)).text
