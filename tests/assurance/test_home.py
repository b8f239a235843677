"""Home: the first thing each role sees is the answer to what needs them."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import Due
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
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
def action():
    past = MeetingFactory(date=in_days(-60), state=Meeting.State.CIRCULATED)

    def make(days: int | None = None, **kwargs):
        kwargs.setdefault("organisation", OrganisationFactory())
        due = None if days is None else Due.on_date(in_days(days))
        return ActionFactory(meeting=past, due=due, **kwargs)

    return make


def test_staff_see_the_next_meeting_and_when_updates_are_due(as_, staff, next_meeting):
    page = as_(staff).get(HOME)
    assert "in 9 days</h1>" in page.text
    deadline = next_meeting.force_deadline
    assert f"{deadline:%A} {deadline.day} {deadline:%B %Y}" in page.text


def test_staff_are_told_when_no_meeting_is_planned(as_, staff):
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


def test_each_task_leads_to_as_many_as_it_says(as_, staff, next_meeting, action):
    action(30).propose_closure("Done", by=staff)
    action(30, issued=False)
    action(30, issued=False)
    action(30, organisation=None)
    MeetingFactory(date=in_days(-3), state=Meeting.State.DRAFT)
    MeetingFactory(date=in_days(-2))
    client = as_(staff)
    tasks = client.get(HOME).context["tasks"]
    assert [task.count for task in tasks] == [1, 2, 1, 1, 1]
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


def test_a_liaison_without_actions_is_told_where_they_will_be(as_, liaison):
    assert "has no unresolved actions" in as_(liaison).get(HOME).text


def test_a_stranger_signs_in_first(client):
    assert client.get(HOME).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ["staff", "commissioner", "liaison"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, liaison, next_meeting, action, role
):
    user = liaison if role == "liaison" else UserFactory(role=role)
    client = as_(user)

    def fill(count: int) -> None:
        for _ in range(count):
            action(-3, organisation=liaison.organisation).add_update(
                "Begun", by=UserFactory()
            )

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(HOME)
        return len(found)

    fill(1)
    one_row = queries()
    fill(20)
    assert queries() == one_row
