"""Asking for updates: what is asked of whom, answered and late, and nothing twice."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.asking import ask_for_updates, follow_deadline, progress
from actions.models import Action, Due, Owner, Update, UpdateRequest
from actions.operations import cancel_meeting, reschedule_meeting
from assurance.calendar import day_in_words
from assurance.models import Organisation
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    UserFactory,
    decision,
)
from tests.meetings.pages import as_shown, day

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = timezone.localdate()


def in_days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


def days_ago(count: int) -> dt.datetime:
    return NOW - dt.timedelta(days=count)


@pytest.fixture
def past() -> Meeting:
    return MeetingFactory(date=in_days(-60), state=Meeting.State.CIRCULATED)


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory(date=in_days(20), title="Roads")


@pytest.fixture
def force(liaison) -> Organisation:
    return liaison.organisation


@pytest.fixture
def make(past, force):
    """An action on the next meeting's list, raised at the last one."""

    def make(**kwargs) -> Action:
        kwargs.setdefault("organisation", None if "owners" in kwargs else force)
        kwargs.setdefault("due", Due.on_date(in_days(-3)))
        return ActionFactory(meeting=past, **kwargs)

    return make


@pytest.fixture
def open_page(as_, staff, meeting):
    """The page as staff see it."""

    def get(user=None, query: str = "", of: Meeting = meeting):
        return as_(user or staff).get(page_of(of) + query)

    return get


def page_of(meeting: Meeting) -> str:
    return reverse("meeting_updates", args=[meeting.pk])


def key(action: Action, organisation: Organisation) -> str:
    return f"{action.pk}-{organisation.pk}"


def requests(meeting: Meeting, *, now: dt.datetime = NOW) -> list[UpdateRequest]:
    return list(meeting.update_requests.with_answers(now=now))


def ask(meeting, action, organisation, by, *, days: int = 5) -> UpdateRequest:
    ask_for_updates(meeting, [(action, organisation)], by=by, at=days_ago(days))
    return meeting.update_requests.get(action=action, organisation=organisation)


# Choosing


def test_staff_choose_by_organisation_the_most_urgent_first(open_page, make, force):
    council = OrganisationFactory(name="A council", kind="partner")
    late = make(due=Due.on_date(in_days(-30)))
    later = make(due=Due.on_date(in_days(-2)))
    shared = make(
        due=Due.on_date(in_days(5)),
        owners=[Owner(organisation=force), Owner(organisation=council)],
    )
    page = open_page()
    assert [
        (group.organisation, [one.row.reference for one in group.candidates])
        for group in page.context["offered"].groups
    ] == [
        (council, [shared.reference]),
        (force, [late.reference, later.reference, shared.reference]),
    ]
    assert "30 days overdue" in page.text


def test_what_had_word_since_the_last_meeting_is_not_ticked(
    open_page, make, liaison, force, past
):
    silent, spoken, before = make(), make(), make()
    spoken.add_update("Begun", by=liaison, organisation=force)
    before.add_update("Long ago", by=liaison, organisation=force, at=days_ago(61))
    ticked = open_page().context["ticked"]
    assert ticked == {key(silent, force), key(before, force)}


def test_another_owners_word_leaves_the_others_ticked(open_page, make, liaison, force):
    council = OrganisationFactory(kind="partner")
    shared = make(owners=[Owner(organisation=force), Owner(organisation=council)])
    shared.add_update("Begun", by=liaison)
    assert open_page().context["ticked"] == {key(shared, council)}


def test_what_cannot_be_asked_is_listed_apart_with_why(open_page, make):
    office = OrganisationFactory(kind=Organisation.Kind.OFFICE)
    hidden, nobodys = make(issued=False), make(organisation=None)
    own = make(organisation=office)
    offered = open_page().context["offered"]
    assert offered.groups == []
    assert {one.row.reference: one.why for one in offered.impossible} == {
        hidden.reference: "It is not issued, so its owners do not know of it",
        nobodys.reference: "It has no owner",
        own.reference: "The office itself owns it",
    }


def test_all_unresolved_are_offered_on_request_and_not_ticked(
    open_page, make, force, staff
):
    listed, far = make(), make(due=Due.on_date(in_days(200)))
    closed = make()
    closed.close(by=staff, decision=decision())
    page = open_page(query="?show=all")
    shown = [one.row.reference for one in page.context["offered"].groups[0].candidates]
    assert shown == [listed.reference, far.reference]
    assert page.context["ticked"] == {key(listed, force)}
    assert far.reference not in open_page().text


def test_what_was_ticked_is_asked_and_nothing_else(as_, staff, meeting, make, force):
    one, other = make(), make()
    page = as_(staff).post(page_of(meeting), {"asks": [key(one, force)]}, follow=True)
    (request,) = requests(meeting)
    assert (request.action, request.organisation) == (one, force)
    assert request.due_at == meeting.force_deadline
    assert request.asked_by == staff
    assert "1 update is asked for by 9am on" in page.text
    assert request.history.count() == 1
    # The other one may still be asked for.
    assert key(other, force) in page.text
    assert f'value="{key(one, force)}"' not in page.text


# Refusals


def test_nothing_ticked_is_said_and_asks_nothing(as_, staff, meeting, make):
    make()
    page = as_(staff).post(page_of(meeting), {"submission": ""})
    assert page.status_code == 422
    assert "Choose at least one update to ask for" in page.text
    assert requests(meeting) == []


@pytest.mark.parametrize("junk", ["", "1", "x-y", "999999-1", "1-1-1", "²-1"])
def test_what_no_check_box_sends_is_refused(as_, staff, meeting, make, junk):
    make()
    page = as_(staff).post(page_of(meeting), {"asks": [junk]})
    assert page.status_code == 422
    assert requests(meeting) == []


def test_one_that_changed_meanwhile_stops_all_and_is_named(
    as_, staff, meeting, make, force
):
    good, closed = make(), make()
    closed.close(by=staff, decision=decision())
    sent = [key(good, force), key(closed, force)]
    page = as_(staff).post(page_of(meeting), {"asks": sent})
    assert page.status_code == 422
    assert f"Action {closed.reference} is closed now. Nobody was asked" in page.text
    assert requests(meeting) == []
    # What was ticked stays ticked.
    assert re.search(f'value="{key(good, force)}" checked', page.text)


def test_nobody_is_asked_what_they_do_not_know_or_own(staff, meeting, make, force):
    hidden, own = make(issued=False), make()
    other = OrganisationFactory()
    for action, organisation in [(hidden, force), (own, other)]:
        with pytest.raises(ValidationError, match="Nobody was asked anything"):
            ask_for_updates(meeting, [(action, organisation)], by=staff)
    assert requests(meeting) == []


def test_asking_again_asks_nothing_twice(staff, meeting, make, force):
    one, other = make(), make()
    assert ask_for_updates(meeting, [(one, force)], by=staff) == 1
    with pytest.raises(ValidationError, match="asked for already"):
        ask_for_updates(meeting, [(one, force)], by=staff)
    # With others, those alone are new.
    assert ask_for_updates(meeting, [(one, force), (other, force)], by=staff) == 1
    assert len(requests(meeting)) == 2


def test_the_same_form_sent_twice_asks_once(as_, staff, meeting, make, force):
    client = as_(staff)
    sent = {
        "asks": [key(make(), force)],
        "submission": "6f1d4c1e-4fd1-4f0e-9d3e-111111111111",
    }
    first = client.post(page_of(meeting), sent)
    again = client.post(page_of(meeting), sent)
    assert first.url == again.url
    assert len(requests(meeting)) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": Meeting.State.DRAFT}, "The day of this meeting has passed"),
        ({"date": in_days(-1)}, "The day of this meeting has passed"),
        ({"date": in_days(2)}, "has passed. To ask for more, give the meeting a later"),
    ],
)
def test_a_meeting_past_its_deadline_or_held_asks_nobody(
    as_, staff, make, force, fields, sentence
):
    meeting = MeetingFactory(**({"date": in_days(20)} | fields))
    action = make()
    page = as_(staff).post(page_of(meeting), {"asks": [key(action, force)]})
    assert page.status_code == 422
    assert sentence in page.text
    assert page.context["offered"] is None
    assert requests(meeting) == []


def test_a_type_that_does_not_review_the_tracker_asks_nobody(as_, staff, make, force):
    forum = MeetingTypeFactory(reviews_tracker=False)
    meeting = MeetingFactory(date=in_days(20), type=forum)
    page = as_(staff).get(page_of(meeting))
    assert "does not review the action tracker" in page.text
    overview = as_(staff).get(meeting.get_absolute_url())
    assert page_of(meeting) not in overview.text
    with pytest.raises(ValidationError):
        ask_for_updates(meeting, [(make(), force)], by=staff)


# Answered and late


def test_word_of_that_organisation_after_it_was_asked_answers(
    staff, meeting, make, force, liaison
):
    action = make()
    action.add_update("Before", by=liaison, organisation=force, at=days_ago(9))
    ask(meeting, action, force, staff)
    # Neither a note, nor the office's word, nor another organisation's answers it.
    action.add_note("They rang", by=staff)
    action.add_update("As we hear", by=staff)
    action.add_update("Ours", by=UserFactory(liaison=True))
    assert [one.is_answered for one in requests(meeting)] == [False]
    sent = action.add_update("Begun", by=staff, organisation=force, at=days_ago(1))
    action.add_update("Done", by=liaison, organisation=force)
    (request,) = requests(meeting)
    assert request.answered_at == sent.at
    assert not request.is_late
    assert not request.is_wanted


@pytest.mark.parametrize("what", ["update", "proposed"])
def test_an_older_word_is_its_authors_organisations(
    staff, meeting, make, force, liaison, what
):
    action = make()
    ask(meeting, action, force, staff)
    Update.objects.create(action=action, what=what, author=liaison, text="Done")
    assert requests(meeting)[0].is_answered


def test_late_is_after_the_deadline_answered_or_not(
    staff, meeting, make, force, liaison
):
    in_time, late, silent = make(), make(), make()
    for action in (in_time, late, silent):
        ask(meeting, action, force, staff)
    deadline = meeting.force_deadline
    for action, moment in [
        (in_time, deadline),
        (late, deadline + dt.timedelta(days=2)),
    ]:
        action.add_update("Word", by=liaison, organisation=force, at=moment)

    def flags(now: dt.datetime) -> list[tuple[bool, bool]]:
        return [(one.is_late, one.is_wanted) for one in requests(meeting, now=now)]

    assert flags(deadline) == [(False, False), (True, False), (False, True)]
    after = deadline + dt.timedelta(days=3)
    assert flags(after) == [(False, False), (True, False), (True, True)]
    done = progress(meeting, now=after)
    assert (done.asked, done.answered, done.answered_late) == (3, 2, 1)
    assert (done.late, done.waiting, done.dropped) == (1, 0, 0)
    assert done.in_words == "1 answered late, 1 not answered and late"


def test_what_nobody_can_answer_any_more_is_neither_wanted_nor_late(
    staff, meeting, make, force
):
    closed, given_away = make(), make()
    for action in (closed, given_away):
        ask(meeting, action, force, staff)
    closed.close(by=staff, decision=decision())
    given_away.owners.all().delete()
    after = meeting.force_deadline + dt.timedelta(days=1)
    for one in requests(meeting, now=after):
        assert (one.is_dropped, one.is_late, one.is_wanted) == (True, False, False)
    done = progress(meeting, now=after)
    assert (done.asked, done.dropped) == (0, 2)


def test_closed_after_the_deadline_it_stays_not_answered(staff, meeting, make, force):
    action = make()
    ask(meeting, action, force, staff)
    deadline = meeting.force_deadline
    action.close(by=staff, decision=decision(), at=deadline + dt.timedelta(days=7))
    (one,) = requests(meeting, now=deadline + dt.timedelta(days=8))
    assert (one.is_dropped, one.is_late, one.is_wanted) == (False, True, False)


def test_the_page_says_in_words_what_became_of_each(
    open_page, staff, meeting, make, force, liaison
):
    answered, late, silent, added = make(), make(), make(), make()
    Meeting.objects.filter(pk=meeting.pk).update(own_deadline=days_ago(4))
    meeting.refresh_from_db()
    for action in (answered, late, silent):
        ask(meeting, action, force, staff, days=9)
    ask(meeting, added, force, staff, days=6)
    answered.add_update("Word", by=liaison, organisation=force, at=days_ago(5))
    late.add_update("Word", by=liaison, organisation=force, at=days_ago(2))
    page = open_page()
    (theirs,) = page.context["asked_of"]
    assert [one.tag.text for one in theirs.requests] == [
        "Answered",
        "Answered late",
        "Not answered",
        "Not answered",
    ]
    assert "Late by 2 days" in theirs.requests[1].note
    assert theirs.requests[2].note == "Late by 4 days"
    assert [one.asked.startswith("Added on") for one in theirs.requests] == [
        False,
        False,
        False,
        True,
    ]
    assert "after the first request" in theirs.requests[3].asked
    assert "2 of 4 answered" in page.text
    assert "2 updates are late" in page.text


# The text to copy


def test_the_text_to_copy_names_what_is_wanted_and_where_to_answer(
    open_page, staff, meeting, make, force, liaison
):
    wanted, answered = make(text="Share the plan\nwith all"), make()
    for action in (wanted, answered):
        ask(meeting, action, force, staff)
    answered.add_update("Done", by=liaison, organisation=force)
    page = open_page()
    letter = page.context["asked_of"][0].letter
    local = timezone.localtime(meeting.force_deadline)
    deadline = f"9am on {local:%A} {local.day} {local:%B %Y}"
    assert letter.startswith(f"Subject: Updates on 1 action wanted by {deadline}\n")
    assert f"{wanted.reference}: Share the plan\nwith all" in letter
    assert "Why we ask: 3 days overdue" in letter
    assert f"Due: {day_in_words(wanted.due_on)}\n" in letter
    url = reverse("action_update", args=[wanted.year, wanted.number])
    assert f"Answer at: http://testserver{url}" in letter
    assert answered.reference not in letter
    assert "mailto:" not in page.text
    assert liaison.name in page.text


def test_an_organisation_without_an_account_is_pointed_out(
    open_page, staff, meeting, make
):
    council = OrganisationFactory(name="A council", kind="partner")
    UserFactory(liaison=True, organisation=council, is_active=False)
    ask(meeting, make(organisation=council), council, staff)
    assert "Nobody at A council has an account" in open_page().text


# The deadline moves


def test_a_meeting_given_another_date_takes_its_requests_along(
    staff, meeting, make, force
):
    request = ask(meeting, make(), force, staff)
    was = request.due_at
    reschedule_meeting(meeting, date=in_days(40), start=None, end=None, by=staff)
    request.refresh_from_db()
    assert request.due_at == meeting.force_deadline > was
    assert list(request.history.values_list("due_at", flat=True)) == [
        meeting.force_deadline,
        was,
    ]


def test_another_deadline_on_the_edit_page_moves_what_was_asked(
    as_, staff, meeting, make, force
):
    request = ask(meeting, make(), force, staff)
    client, url = as_(staff), reverse("meeting_edit", args=[meeting.pk])
    form = client.get(url).context["form"]
    noon = in_days(15)
    changed = as_shown(form, deadline_on=day(noon), deadline_at="12:30")
    page = client.post(url, changed, follow=True)
    assert "1 update asked for it is due by its new deadline" in page.text
    request.refresh_from_db()
    local = timezone.localtime(request.due_at)
    assert (local.date(), local.time()) == (noon, dt.time(12, 30))
    assert request.history.count() == 2


def test_what_was_asked_for_a_meeting_that_was_held_stays_as_it_was(
    staff, meeting, make, force
):
    request = ask(meeting, make(), force, staff)
    Meeting.objects.filter(pk=meeting.pk).update(
        state=Meeting.State.DRAFT, own_deadline=days_ago(1)
    )
    meeting.refresh_from_db()
    assert follow_deadline(meeting, by=staff) == 0
    assert request.history.count() == 1


def test_nothing_is_wanted_for_a_cancelled_meeting(
    open_page, staff, meeting, make, force
):
    ask(meeting, make(), force, staff)
    cancel_meeting(meeting, because="Snow", by=staff)
    page = open_page()
    (theirs,) = page.context["asked_of"]
    assert theirs.requests[0].tag.text == "No longer wanted"
    assert theirs.requests[0].note == "The meeting is cancelled"
    assert theirs.letter == ""
    assert requests(meeting)[0].is_wanted is False


# Who may


def test_who_may_read_and_who_may_ask(
    client, as_, commissioner, liaison, meeting, make, force, staff
):
    ask(meeting, make(), force, staff)
    url, sent = page_of(meeting), {"asks": [key(make(), force)]}
    for method in ("get", "post"):
        stranger = getattr(client, method)(url, sent)
        assert stranger.url.startswith(reverse("account_login"))
        assert getattr(as_(liaison), method)(url, sent).status_code == 403
    reading = as_(commissioner).get(url)
    assert reading.context["offered"] is None
    assert "0 of 1 answered" in reading.text
    assert "<textarea" not in reading.text
    assert as_(commissioner).post(url, sent).status_code == 403
    assert len(requests(meeting)) == 1


def test_the_overview_leads_to_asking(as_, staff, meeting, make, force):
    overview = as_(staff).get(meeting.get_absolute_url()).text
    assert "Ask for updates" in overview
    ask(meeting, make(), force, staff)
    overview = as_(staff).get(meeting.get_absolute_url()).text
    assert "0 of 1 answered" in overview


def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, staff, meeting, make, force, liaison
):
    client = as_(staff)

    def fill(count: int) -> None:
        for _ in range(count):
            asked, other = make(), make()
            ask(meeting, asked, force, staff)
            for action in (asked, other):
                action.add_update("Begun", by=liaison, organisation=force)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(page_of(meeting)).status_code == 200
        return len(found)

    fill(1)
    one_row = queries()
    fill(29)
    assert queries() == one_row
