"""Home: the first thing each role sees is the answer to what needs them."""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.asking import ask_for_updates, follow_deadline
from actions.models import Due, Owner, UpdateDraft
from actions.operations import cancel_meeting
from assurance.calendar import moment_in_words
from meetings.models import Comment, Meeting
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    MinutesVersionFactory,
    OrganisationFactory,
    UserFactory,
    decision,
)

pytestmark = pytest.mark.django_db

HOME = reverse("home")
TODAY = timezone.localdate()


def in_days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.fixture
def next_meeting() -> Meeting:
    return MeetingFactory(date=in_days(9), title="Roads", venue="Room 12")


@pytest.fixture
def later_meeting() -> Meeting:
    """The next one, far enough ahead that its deadline has not passed."""
    return MeetingFactory(date=in_days(20), title="Roads")


@pytest.fixture
def action():
    past = MeetingFactory(date=in_days(-60), state=Meeting.State.CIRCULATED)

    def make(days: int | None = None, **kwargs):
        if "owners" not in kwargs:
            kwargs.setdefault("organisation", OrganisationFactory())
        due = None if days is None else Due.on_date(in_days(days))
        return ActionFactory(meeting=past, due=due, **kwargs)

    return make


def test_staff_see_the_next_meeting_and_when_updates_are_due(as_, staff, next_meeting):
    page = as_(staff).get(HOME)
    assert "in 9 days</h1>" in page.text
    deadline = next_meeting.force_deadline
    assert f"9am on {deadline:%A} {deadline.day} {deadline:%B %Y}" in page.text
    for name in ("meeting_updates", "meeting_review", "minutes", "briefing"):
        assert reverse(name, args=[next_meeting.pk]) in page.text
    assert "None yet: ask for updates" in page.text


def test_staff_see_how_many_of_the_updates_asked_for_are_answered(
    as_, staff, later_meeting, action, liaison
):
    force = liaison.organisation
    asked = [action(-3, organisation=force) for _ in range(3)]
    ask_for_updates(later_meeting, [(one, force) for one in asked], by=staff)
    asked[0].add_update("Begun", by=liaison, organisation=force)
    assert "1 of 3 answered" in as_(staff).get(HOME).text


def test_staff_are_told_when_no_meeting_is_planned(as_, staff, action):
    page = as_(staff).get(HOME)
    assert "No meeting is planned" in page.text
    assert "Plan a meeting" in page.text


def test_a_meeting_before_it_that_does_not_review_the_tracker_is_named(
    as_, staff, next_meeting
):
    forum = MeetingTypeFactory(name="Forum", reviews_tracker=False)
    MeetingFactory(date=in_days(2), type=forum)
    page = as_(staff).get(HOME)
    assert page.context["meeting"] == next_meeting
    assert "which does not review the action tracker" in page.text


def test_each_task_leads_to_as_many_as_it_says(
    as_, staff, liaison, next_meeting, action
):
    action(30).propose_closure("Done", by=staff)
    # Of two that are spoken of, one is on the list for the next meeting.
    for days in (-3, 200):
        one = action(days, organisation=liaison.organisation)
        one.add_update("Begun", by=liaison)
    action(-3).add_update("As the office hears", by=staff)
    action(30, issued=False)
    action(30, issued=False)
    action(30, organisation=None)
    MeetingFactory(date=in_days(-3), state=Meeting.State.DRAFT)
    MeetingFactory(date=in_days(-2))
    circulated = MeetingFactory(date=in_days(-4), state=Meeting.State.CIRCULATED)
    for meeting in (circulated, MeetingFactory(state=Meeting.State.AGREED)):
        version = MinutesVersionFactory(meeting=meeting)
        Comment.objects.create(version=version, author=liaison, text="Not so")
    client = as_(staff)
    tasks = client.get(HOME).context["tasks"]
    assert [task.count for task in tasks] == [1, 1, 2, 1, 1, 1, 1, 1]
    for task in tasks:
        found = client.get(task.url).context
        if "page" in found and "groups" in found:
            rows = found["page"].paginator.count
        elif "waiting" in found:
            rows = len(found["waiting"])
        else:
            rows = found["found"]
        assert rows == task.count, task.text


def test_the_five_most_overdue_come_longest_first(as_, staff, next_meeting, action):
    late = [action(-days) for days in range(1, 8)]
    page = as_(staff).get(HOME)
    shown = [row.reference for row in page.context["rows"]]
    assert shown == [one.reference for one in reversed(late)][:5]
    assert "All 7 overdue actions" in page.text


def test_the_commissioner_sees_three_numbers_and_what_changed(
    as_, commissioner, staff, next_meeting, action
):
    action(-3)
    action(5)
    changed = action(40)
    changed.propose_closure("The plan is public", by=staff)
    action(40).add_note("Between ourselves, of no interest here", by=staff)
    page = as_(commissioner).get(HOME)
    numbers = page.context["numbers"]
    assert (numbers.awaiting, numbers.overdue, numbers.due_by) == (1, 1, 1)
    assert "The plan is public" in page.text
    assert "of no interest here" not in page.text
    assert [m.state for m in page.context["circulated"]] == [Meeting.State.CIRCULATED]
    assert reverse("briefing", args=[next_meeting.pk]) in page.text


def test_what_was_corrected_is_not_among_what_changed(
    as_, commissioner, liaison, next_meeting, action
):
    one = action(40, organisation=liaison.organisation)
    old = one.add_update("The plan is pubic", by=liaison)
    one.correct(old, "The plan is public", by=liaison)
    text = as_(commissioner).get(HOME).text
    assert "The plan is public" in text
    assert "The plan is pubic" not in text


def test_each_of_the_commissioners_numbers_leads_to_as_many(
    as_, commissioner, staff, next_meeting, action
):
    action(-3)
    action(5)
    action(6)
    action(40).propose_closure("The plan is public", by=staff)
    client = as_(commissioner)
    found = re.findall(
        r'href="([^"]+)"><span class="app-numbers__number">(\d+)<',
        client.get(HOME).text,
    )
    assert [int(count) for _, count in found] == [1, 1, 2]
    for address, count in found:
        page = client.get(html.unescape(address))
        assert page.context["page"].paginator.count == int(count)


def test_the_commissioner_sees_nothing_from_before_the_last_meeting(
    as_, commissioner, staff, next_meeting, action
):
    MeetingFactory(date=in_days(-10), state=Meeting.State.DRAFT)
    old, new = action(40), action(40)
    at = timezone.now() - dt.timedelta(days=12)
    old.add_update("Said before the last meeting", by=staff, at=at)
    new.add_update("Said since", by=staff)
    text = as_(commissioner).get(HOME).text
    assert "Said since" in text
    assert "Said before the last meeting" not in text


def test_a_liaison_sees_own_actions_by_what_they_need(
    as_, liaison, staff, next_meeting, action
):
    own = {"organisation": liaison.organisation}
    late, due, other = action(-3, **own), action(5, **own), action(90, **own)
    returned, proposed = action(60, **own), action(60, **own)
    for one in (returned, proposed):
        one.propose_closure("Done", by=liaison)
    returned.return_to_owner("Show it", by=staff, decision=decision())
    action(-3, text="Another force's")
    page = as_(liaison).get(HOME)
    assert [
        (part.heading, [row.reference for row in part.rows])
        for part in page.context["parts"]
    ] == [
        ("Overdue", [late.reference]),
        ("Returned to you", [returned.reference]),
        ("Due by the next meeting", [due.reference]),
        ("Waiting for the commissioner", [proposed.reference]),
        ("Others", [other.reference]),
    ]
    assert "5 actions for" in page.text
    assert "Another force's" not in page.text
    assert f"{late.get_absolute_url()}update/" in page.text


def test_a_liaison_sees_what_is_wanted_by_when(
    as_, liaison, staff, later_meeting, action
):
    force = liaison.organisation
    late, wanted, answered, other = (
        action(days, organisation=force) for days in (-3, 90, 90, 90)
    )
    foreign = action(-3, text="Another force's")
    pairs = [(one, force) for one in (late, wanted, answered)]
    pairs.append((foreign, foreign.owners.get().organisation))
    ask_for_updates(later_meeting, pairs, by=staff)
    answered.add_update("Begun", by=liaison, organisation=force)
    page = as_(liaison).get(HOME)
    deadline = moment_in_words(later_meeting.force_deadline)
    assert f"2 updates wanted by {deadline}." in page.text
    assert [
        (part.heading, [row.reference for row in part.rows])
        for part in page.context["parts"]
    ] == [
        ("Overdue", [late.reference]),
        (f"Wanted by {deadline}", [wanted.reference]),
        ("Others", [answered.reference, other.reference]),
    ]
    assert page.text.count(f"An update is wanted by {deadline}") == 2
    assert "Another force" not in page.text
    for one in (late, wanted):
        one.add_update("Begun", by=liaison, organisation=force)
    assert (
        "Every update that the office asked for is sent" in as_(liaison).get(HOME).text
    )


def test_a_liaison_is_told_that_an_update_is_late(
    as_, liaison, staff, later_meeting, action
):
    force = liaison.organisation
    one = action(90, organisation=force)
    ask_for_updates(later_meeting, [(one, force)], by=staff)
    yesterday = timezone.now() - dt.timedelta(days=1)
    Meeting.objects.filter(pk=later_meeting.pk).update(own_deadline=yesterday)
    later_meeting.refresh_from_db()
    follow_deadline(later_meeting, by=staff)
    page = as_(liaison).get(HOME)
    assert "1 update is late: it was wanted by" in page.text
    assert "Late: an update is wanted by" in page.text


def test_a_liaison_sends_the_drafts_that_are_ready_from_home(
    as_, liaison, staff, next_meeting, action
):
    force, other = liaison.organisation, OrganisationFactory()
    shared = action(5, owners=[Owner(organisation=force), Owner(organisation=other)])
    mine = [action(5, organisation=force) for _ in range(3)]

    def draft(of, organisation, is_ready: bool) -> None:
        UpdateDraft.objects.create(
            action=of,
            organisation=organisation,
            text="Begun",
            is_ready=is_ready,
            changed_by=staff,
        )

    draft(mine[0], force, is_ready=True)
    draft(mine[1], force, is_ready=True)
    draft(mine[2], force, is_ready=False)
    draft(shared, other, is_ready=True)
    page = as_(liaison).get(HOME)
    assert "Send all ready (2)" in page.text
    assert "1 draft is not ready yet" in page.text
    assert len(as_(liaison).get(reverse("drafts")).context["drafts"].ready) == 2
    assert "Send all ready" not in as_(UserFactory(liaison=True)).get(HOME).text


def test_a_liaison_is_asked_nothing_for_a_cancelled_meeting(
    as_, liaison, staff, later_meeting, action
):
    force = liaison.organisation
    one = action(90, organisation=force)
    ask_for_updates(later_meeting, [(one, force)], by=staff)
    cancel_meeting(later_meeting, because="Snow", by=staff)
    text = as_(liaison).get(HOME).text
    assert "wanted by" not in text
    assert one.reference in text


def test_a_liaison_without_actions_is_told_where_they_will_be(as_, liaison):
    assert "has no unresolved actions" in as_(liaison).get(HOME).text


def test_before_any_meeting_staff_are_led_through_the_first_steps(
    as_, staff, administrator
):
    OrganisationFactory()
    page = as_(staff).get(HOME)
    assert [(step.is_done, bool(step.url)) for step in page.context["steps"]] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
        (False, True),
    ]
    assert "An administrator adds them" in page.text
    steps = as_(administrator).get(HOME).context["steps"]
    assert steps[0].url == reverse("organisations")
    assert steps[1].url == reverse("accounts")
    for step in steps:
        assert as_(administrator).get(step.url).status_code == 200
    MeetingFactory()
    assert "First steps" not in as_(staff).get(HOME).text


def test_a_stranger_signs_in_first(client):
    assert client.get(HOME).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ["staff", "commissioner", "liaison"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, liaison, staff, later_meeting, action, role
):
    user = liaison if role == "liaison" else UserFactory(role=role)
    client = as_(user)

    def fill(count: int) -> None:
        for _ in range(count):
            one = action(-3, organisation=liaison.organisation)
            ask_for_updates(later_meeting, [(one, liaison.organisation)], by=staff)
            one.add_update("Begun", by=UserFactory())

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(HOME)
        return len(found)

    fill(1)
    one_row = queries()
    fill(29)
    assert queries() == one_row
