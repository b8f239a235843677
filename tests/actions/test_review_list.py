"""The list that a meeting reviews: before, during and after its review."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.flags import Reason
from actions.lifecycle import Status
from actions.models import Action, Due, Review
from actions.operations import cancel_meeting
from actions.reviewing import (
    AlreadyReviewed,
    ChangedMeanwhile,
    bring_forward,
    finish_review,
    record_review,
    reopen_review,
    review_list,
    take_as_read,
    undo_review,
)
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LONG_AGO = dt.date(2025, 5, 1)
FAR = Due.on_date(TODAY + dt.timedelta(days=300))


@pytest.fixture
def force():
    return OrganisationFactory()


@pytest.fixture
def owner(force):
    return UserFactory(liaison=True, organisation=force)


@pytest.fixture
def meeting():
    """Under way today; it reviews the tracker."""
    return MeetingFactory(date=TODAY, state=Meeting.State.IN_PROGRESS)


@pytest.fixture
def overdue(force):
    return ActionFactory(organisation=force, due=Due.on_date(LONG_AGO))


def references(meeting: Meeting, user) -> dict[str, str]:
    """Outcomes by reference, in the order of the list."""
    return {
        entry.action.reference: entry.review.outcome if entry.review else ""
        for entry in review_list(meeting, user, today=TODAY).entries
    }


def test_what_was_reviewed_stays_in_its_place_on_the_list(
    meeting, overdue, force, owner, staff
):
    asked = ActionFactory(organisation=force, due=FAR)
    asked.propose_closure("Done", by=owner)
    nobodys = ActionFactory(due=FAR)
    ActionFactory(organisation=force, due=FAR)  # no rule names it
    record_review(overdue, meeting, "closed", by=staff)
    assert references(meeting, staff) == {
        asked.reference: "",
        overdue.reference: "closed",
        nobodys.reference: "",
    }
    found = review_list(meeting, staff, today=TODAY)
    assert (found.reviewed, len(found.entries)) == (1, 3)
    assert [entry.reason for entry in found.entries] == [
        Reason.AWAITING,
        Reason.OVERDUE,
        Reason.INCOMPLETE,
    ]


def test_taking_as_read_notes_all_or_none(meeting, overdue, force, staff):
    other = ActionFactory(organisation=force, due=Due.on_date(LONG_AGO))
    record_review(other, meeting, "closed", by=staff)
    seen = {a.pk: a.version for a in Action.objects.all()}
    with pytest.raises(AlreadyReviewed):
        take_as_read([overdue, other], meeting, by=staff, seen=seen)
    assert references(meeting, staff)[overdue.reference] == ""
    stale = {overdue.pk: seen[overdue.pk] - 1}
    with pytest.raises(ChangedMeanwhile):
        take_as_read([overdue], meeting, by=staff, seen=stale)
    assert take_as_read([overdue], meeting, by=staff, seen=seen) == 1
    assert references(meeting, staff)[overdue.reference] == "noted"


def test_finishing_keeps_the_list_as_it_was_that_day(
    meeting, overdue, force, owner, staff
):
    reached = ActionFactory(organisation=force, due=due_on(2025, 6, 1))
    record_review(reached, meeting, "noted", by=staff)
    said = overdue.add_update("Half done", by=owner)
    assert finish_review(meeting, by=staff, today=TODAY) == 1
    overdue.close(by=staff, decision=decision())
    later = ActionFactory(organisation=force, due=Due.on_date(LONG_AGO))
    assert references(meeting, staff) == {
        overdue.reference: "not_reached",
        reached.reference: "noted",
    }
    kept = Review.objects.get(action=overdue)
    assert (kept.status_then, kept.due_then) == (Status.OPEN, "1 May 2025")
    assert kept.owners_then == force.abbreviation
    assert kept.latest_then == said
    assert kept.why.endswith("days overdue")
    assert later.reference not in references(meeting, staff)


def test_what_was_not_reached_is_on_the_next_list(meeting, force, staff):
    action = ActionFactory(organisation=force, due=FAR)
    bring_forward(action, meeting, because="PCC asked", by=staff)
    finish_review(meeting, by=staff, today=TODAY)
    meeting.finish()
    following = MeetingFactory(date=TODAY + dt.timedelta(days=30), type=meeting.type)
    assert references(following, staff) == {action.reference: ""}


def test_a_finished_review_is_not_changed_until_it_is_reopened(meeting, overdue, staff):
    review = record_review(overdue, meeting, "closed", by=staff)
    finish_review(meeting, by=staff, today=TODAY)
    with pytest.raises(ValidationError, match="Reopen it"):
        undo_review(review, by=staff)
    with pytest.raises(ValidationError, match="Reopen it"):
        record_review(overdue, meeting, "noted", by=staff)
    with pytest.raises(ValidationError, match="Reopen it"):
        finish_review(meeting, by=staff, today=TODAY)
    reopen_review(meeting, by=staff)
    undo_review(review, by=staff)
    assert references(meeting, staff) == {overdue.reference: ""}
    with pytest.raises(ValidationError, match="goes on already"):
        reopen_review(meeting, by=staff)


def test_reopening_goes_on_from_the_list_as_it_was_kept(meeting, overdue, staff):
    brought = ActionFactory(due=FAR)
    bring_forward(brought, meeting, because="PCC asked", by=staff)
    finish_review(meeting, by=staff, today=TODAY)
    overdue.redate(FAR, "Late", by=staff, decision=decision())
    brought.close(by=staff, decision=decision())
    reopen_review(meeting, by=staff)
    found = review_list(meeting, staff, today=TODAY)
    assert (found.reviewed, len(found.entries)) == (0, 2)
    record_review(overdue, meeting, "noted", by=staff)
    finish_review(meeting, by=staff, today=TODAY)
    kept = {r.action: r for r in Review.objects.all()}
    assert {a: r.outcome for a, r in kept.items()} == {
        overdue: "noted",
        brought: "not_reached",
    }
    assert kept[overdue].due_then == "1 May 2025"
    assert kept[brought].reason == "PCC asked"


def test_brought_to_a_cancelled_meeting_is_settled_by_the_next_review(
    meeting, force, staff
):
    action = ActionFactory(organisation=force, due=FAR)
    never = MeetingFactory(date=TODAY + dt.timedelta(days=60))
    bring_forward(action, never, because="PCC asked", by=staff)
    cancel_meeting(never, because="Election", by=staff)
    assert references(meeting, staff) == {action.reference: ""}
    past = MeetingFactory(date=TODAY - dt.timedelta(days=100), state="draft")
    assert references(past, staff) == {}
    record_review(action, meeting, "noted", by=staff)
    meeting.finish()
    following = MeetingFactory(date=TODAY + dt.timedelta(days=30))
    assert references(following, staff) == {}


def test_of_two_meetings_on_one_day_the_later_takes_up_what_the_first_left(
    force, staff
):
    nine, two = (
        MeetingFactory(date=TODAY, start=dt.time(hour), state="in_progress")
        for hour in (9, 14)
    )
    action = ActionFactory(organisation=force, due=FAR)
    bring_forward(action, nine, because="PCC asked", by=staff)
    finish_review(nine, by=staff, today=TODAY)
    nine.finish()
    assert references(two, staff) == {action.reference: ""}
    due = Due.on_date(TODAY + dt.timedelta(days=400))
    record_review(action, two, "carried", by=staff, note="Later", due=due)
    two.finish()
    following = MeetingFactory(date=TODAY + dt.timedelta(days=30))
    assert references(following, staff) == {}


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_the_same_queries_however_long_it_is(
    count, meeting, force, staff, django_assert_num_queries
):
    type_ = MeetingTypeFactory()
    raised = MeetingFactory(type=type_, state=Meeting.State.DRAFT)
    for number in range(count):
        for _ in range(2):
            action = ActionFactory(
                meeting=raised, organisation=force, due=Due.on_date(LONG_AGO)
            )
        if number % 2 == 0:
            record_review(action, meeting, "noted", by=staff)
    with django_assert_num_queries(6):
        found = review_list(meeting, staff, today=TODAY)
        assert len(found.entries) == 2 * count
