"""What a review writes down, what it does to an action, and how it is undone."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.agreed import action_note
from actions.lifecycle import Move, Status
from actions.models import Action, Due, Review, Update
from actions.operations import (
    cancel_meeting,
    replace_action,
    reschedule_meeting,
    send_update,
)
from actions.reviewing import (
    AlreadyReviewed,
    ChangedMeanwhile,
    bring_forward,
    finish_review,
    record_review,
    undo_review,
)
from actions.tracker import tags
from meetings.models import Attendee, Meeting
from tests.factories import (
    ActionFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
)

pytestmark = pytest.mark.django_db

Outcome = Review.Outcome
TODAY = timezone.localdate()
LONG_AGO = dt.date(2025, 5, 1)
FAR = Due.on_date(TODAY + dt.timedelta(days=300))
LATER = TODAY + dt.timedelta(days=90)


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


def state(action: Action) -> dict:
    """Everything that a move may change, and what is asked for."""
    action = Action.objects.with_moves_counted().get(pk=action.pk)
    return {
        "status": action.status,
        "hold": action.look_again_on,
        "due": action.due,
        "first due": action.first_due(),
        "moved": action.times_moved,
        "asked": [
            (u.asks, u.asked_due_on, u.text) for u in action.open_requests().all()
        ],
    }


HOW = {
    Outcome.CLOSED: {"note": "Well done"},
    Outcome.CARRIED: {"note": "Not yet"},
    Outcome.RETURNED: {"note": "Show the figures"},
    Outcome.ON_HOLD: {"note": "Wait for the audit", "until": LATER},
    Outcome.REPLACED: {"note": "Two things", "replacements": ["First", "Second"]},
    Outcome.NOTED: {},
}
LEADS_TO = {
    Outcome.CLOSED: Status.CLOSED,
    Outcome.CARRIED: Status.PROPOSED,
    Outcome.RETURNED: Status.OPEN,
    Outcome.ON_HOLD: Status.ON_HOLD,
    Outcome.REPLACED: Status.REPLACED,
    Outcome.NOTED: Status.PROPOSED,
}


def test_every_outcome_is_tried_here():
    assert set(HOW) == set(Outcome) - {Outcome.WAITING, Outcome.NOT_REACHED}


@pytest.mark.parametrize("outcome", HOW)
def test_an_outcome_makes_its_move_as_a_decision_of_the_meeting(
    outcome, meeting, overdue, owner, staff
):
    AttendeeFactory(
        meeting=meeting,
        person__name="John Campion",
        capacity="PCC",
        role=Attendee.Role.CHAIR,
    )
    overdue.propose_closure("Done", by=owner)
    review = record_review(overdue, meeting, outcome, by=staff, **HOW[outcome])
    overdue.refresh_from_db()
    assert overdue.status == LEADS_TO[outcome]
    assert (review.outcome, review.status_then) == (outcome, Status.PROPOSED)
    assert (review.listed_under, review.why[:16]) == (1, "Closure proposed")
    if overdue.status == Status.PROPOSED:
        assert review.entry.what == Update.What.REVIEWED
    else:
        assert review.entry.decided_by == "John Campion, PCC"
        assert (review.entry.decided_on, review.entry.meeting) == (TODAY, meeting)
    assert review.entry.author == staff


@pytest.mark.parametrize("outcome", HOW)
@pytest.mark.parametrize("asks", ["closure", "date", "nothing"])
def test_undoing_leaves_the_action_as_it_stood(
    outcome, asks, meeting, overdue, owner, staff
):
    if asks == "nothing" and outcome == Outcome.RETURNED:
        return  # nothing is returned where nothing is asked
    date = LATER if asks == "date" else None
    asks = "" if asks == "nothing" else asks
    send_update(overdue, "See figures", by=owner, asks=asks, asked_due_on=date)
    before = state(overdue)
    review = record_review(overdue, meeting, outcome, by=staff, **HOW[outcome])
    undo_review(review, by=staff)
    assert state(overdue) == before
    assert not Review.objects.exists()
    assert Review.history.count() == 2
    assert not Action.objects.unresolved().exclude(pk=overdue.pk).exists()


def test_undoing_a_new_date_does_not_count_as_moved(meeting, overdue, owner, staff):
    send_update(overdue, "Late", by=owner, asks="date", asked_due_on=LATER)
    before = state(overdue)
    review = record_review(overdue, meeting, "carried", by=staff, note="Yes", due=FAR)
    moved = state(overdue)
    assert (moved["due"], moved["moved"], moved["asked"]) == (FAR, 1, [])
    undo_review(review, by=staff)
    assert state(overdue) == before


def test_a_restored_proposal_is_taken_back_by_its_owner(meeting, overdue, owner, staff):
    overdue.propose_closure("Done", by=owner)
    undo_review(record_review(overdue, meeting, "closed", by=staff), by=staff)
    overdue.take_back("Not quite", by=owner)
    assert overdue.status == Status.OPEN


def test_carrying_to_the_date_asked_for_grants_it(meeting, overdue, owner, staff):
    send_update(overdue, "Late", by=owner, asks="date", asked_due_on=LATER)
    send_update(overdue, "Later", by=owner, asks="date", asked_due_on=FAR.on)
    due = Due.on_date(LATER)
    review = record_review(overdue, meeting, "carried", by=staff, note="Yes", due=due)
    answers = overdue.updates.filter(answers__isnull=False)
    assert list(answers.values_list("accepted", "answers__asked_due_on")) == [
        (True, LATER),
        (False, FAR.on),
    ]
    assert review.to_a_date
    assert state(overdue)["moved"] == 1


def test_returning_refuses_what_was_asked_for(meeting, overdue, owner, staff):
    send_update(overdue, "Split it", by=owner, asks="other")
    record_review(overdue, meeting, "returned", by=staff, note="As agreed")
    assert state(overdue)["asked"] == []
    assert overdue.status == Status.OPEN


def test_where_nothing_is_asked_nothing_is_returned(meeting, overdue, staff):
    with pytest.raises(ValidationError, match="nothing to return"):
        record_review(overdue, meeting, "returned", by=staff, note="Why")
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        ("returned", {}),
        ("on_hold", {"until": LATER}),
        ("on_hold", {"note": "Wait"}),
        ("replaced", {"note": "Split"}),
        ("replaced", {"replacements": ["One"]}),
    ],
)
def test_what_an_outcome_needs_is_asked_for(outcome, how, meeting, overdue, staff):
    before = state(overdue)
    with pytest.raises(ValidationError):
        record_review(overdue, meeting, outcome, by=staff, **how)
    assert state(overdue) == before
    assert not Review.objects.exists()


def test_the_second_reviewer_is_refused_and_may_choose(meeting, overdue, staff):
    other = UserFactory(name="Jane Smith")
    first = record_review(overdue, meeting, "closed", by=other, note="Done")
    with pytest.raises(AlreadyReviewed, match="already: closed") as refused:
        record_review(overdue, meeting, "noted", by=staff)
    assert refused.value.review == first
    second = record_review(overdue, meeting, "noted", by=staff, instead_of=first)
    assert Review.objects.get() == second
    assert state(overdue)["status"] == Status.OPEN
    # A third who saw the first is told of the second.
    with pytest.raises(AlreadyReviewed, match="already: noted"):
        record_review(overdue, meeting, "closed", by=other, instead_of=first)


def test_what_happened_meanwhile_is_shown_before_it_is_recorded(
    meeting, overdue, owner, staff
):
    seen = Action.objects.get().version
    overdue.add_update("All done now", by=owner)
    with pytest.raises(ChangedMeanwhile, match="Read what is new"):
        record_review(overdue, meeting, "noted", by=staff, seen=seen)
    assert not Review.objects.exists()


def test_what_was_built_upon_is_not_undone(meeting, overdue, staff):
    review = record_review(overdue, meeting, "closed", by=staff)
    overdue.reopen("A mistake", by=staff, decision=decision())
    with pytest.raises(ValidationError, match="has changed since: reopened"):
        undo_review(review, by=staff)
    assert Review.objects.get().outcome == "closed"


def test_a_split_that_somebody_worked_on_is_not_undone(meeting, overdue, owner, staff):
    how = HOW[Outcome.REPLACED]
    review = record_review(overdue, meeting, "replaced", by=staff, **how)
    overdue.replaced_by.last().add_update("Begun", by=owner)
    with pytest.raises(ValidationError, match="has gone on since"):
        undo_review(review, by=staff)
    assert overdue.replaced_by.unresolved().count() == 2


@pytest.mark.parametrize("outcome", ["closed", "noted"])
def test_a_resolved_action_is_not_reviewed(outcome, meeting, overdue, staff):
    overdue.close(by=staff, decision=decision())
    with pytest.raises(ValidationError, match="reopen it first"):
        record_review(overdue, meeting, outcome, by=staff)


@pytest.mark.parametrize("state_", ["agreed", "cancelled"])
def test_where_minutes_are_frozen_nothing_is_reviewed(state_, overdue, staff):
    because = "Nobody came" if state_ == "cancelled" else ""
    meeting = MeetingFactory(date=TODAY, state=state_, cancelled_because=because)
    with pytest.raises(ValidationError):
        record_review(overdue, meeting, "noted", by=staff)


def test_before_a_meeting_begins_nothing_is_reviewed(overdue, staff):
    meeting = MeetingFactory(date=TODAY + dt.timedelta(days=1))
    with pytest.raises(ValidationError, match="has not begun"):
        record_review(overdue, meeting, "noted", by=staff)
    with pytest.raises(ValidationError, match="has not begun"):
        finish_review(meeting, by=staff, today=TODAY)


# Brought forward


def test_bringing_forward_waits_for_a_review_and_is_done_once(staff):
    action, meeting = ActionFactory(), MeetingFactory(date=LATER)
    review = bring_forward(action, meeting, because="PCC asked", by=staff)
    assert (review.outcome, review.reason) == ("", "PCC asked")
    with pytest.raises(ValidationError, match="already"):
        bring_forward(action, meeting, because="Again", by=staff)
    action.close(by=staff, decision=decision())
    with pytest.raises(ValidationError, match="reopen it first"):
        bring_forward(action, MeetingFactory(date=LATER), because="Why", by=staff)


def test_what_was_brought_forward_keeps_why_through_review_and_undo(meeting, staff):
    action = ActionFactory(due=FAR)
    bring_forward(action, meeting, because="PCC asked", by=staff)
    review = record_review(action, meeting, "noted", by=staff, note="Ok")
    assert review.why == "Brought forward: PCC asked; No owner"
    undo_review(review, by=staff)
    waiting = Review.objects.get()
    assert (waiting.outcome, waiting.reason, waiting.why) == ("", "PCC asked", "")


def test_what_could_not_be_on_its_list_is_not_brought_forward_to_a_meeting(staff):
    meeting = MeetingFactory(date=LATER)
    raised_there = ActionFactory(meeting=meeting)
    with pytest.raises(ValidationError, match="after the action was raised"):
        bring_forward(raised_there, meeting, because="Now", by=staff)
    held = ActionFactory()
    after = LATER + dt.timedelta(days=1)
    held.hold("Audit", until=after, by=staff, decision=decision())
    with pytest.raises(ValidationError, match="take it off hold first"):
        bring_forward(held, meeting, because="Now", by=staff)


# Found by asking what could go wrong


def test_undo_leaves_alone_what_replaced_it_at_another_time(meeting, overdue, staff):
    (old,) = replace_action(
        overdue, ["Once"], reason="Wording", by=staff, decision=decision()
    )
    overdue.reopen("Both are needed", by=staff, decision=decision())
    undo_review(record_review(overdue, meeting, "noted", by=staff), by=staff)
    old.refresh_from_db()
    assert old.status == Status.OPEN


@pytest.mark.parametrize("what", ["closed", "issued anew", "brought forward"])
def test_a_split_that_has_gone_on_is_not_undone(meeting, overdue, staff, what):
    review = record_review(overdue, meeting, "replaced", by=staff, **HOW["replaced"])
    part = overdue.replaced_by.first()
    if what == "closed":
        part.close(by=staff, decision=decision())
    elif what == "issued anew":
        part.redate(FAR, "More time", by=staff, decision=decision())
    else:
        following = MeetingFactory(date=LATER)
        bring_forward(part, following, because="PCC asked", by=staff)
    with pytest.raises(ValidationError, match="has gone on since"):
        undo_review(review, by=staff)


def test_only_what_this_review_made_is_named_as_its_replacement(
    meeting, overdue, staff
):
    first = record_review(overdue, meeting, "replaced", by=staff, **HOW["replaced"])
    undo_review(first, by=staff)
    how = {"note": "One thing", "replacements": ["Third"]}
    review = record_review(overdue, meeting, "replaced", by=staff, **how)
    assert review.in_words == "Replaced by 2025/04"


@pytest.mark.parametrize("state_", ["agreed", "cancelled", "finished"])
def test_to_a_list_that_is_kept_nothing_is_added(meeting, overdue, staff, state_):
    if state_ == "finished":
        finish_review(meeting, by=staff, today=TODAY)
    else:
        meeting.state = state_
        meeting.cancelled_because = "Election" if state_ == "cancelled" else ""
        meeting.save()
    action = ActionFactory(due=FAR)
    with pytest.raises(ValidationError):
        bring_forward(action, meeting, because="PCC asked", by=staff)
    assert not action.reviews.exists()


def test_a_meeting_that_reviewed_actions_is_neither_cancelled_nor_moved(overdue, staff):
    meeting = MeetingFactory(date=TODAY)
    record_review(overdue, meeting, "closed", by=staff)
    with pytest.raises(ValidationError, match="were reviewed at this meeting"):
        cancel_meeting(meeting, because="Election", by=staff)
    with pytest.raises(ValidationError, match="were reviewed at this meeting"):
        reschedule_meeting(meeting, date=LATER, start=None, end=None, by=staff)


def test_after_reopening_another_outcome_is_recorded_instead(meeting, overdue, staff):
    first = record_review(overdue, meeting, "closed", by=staff)
    overdue.reopen("A mistake", by=staff, decision=decision())
    record_review(overdue, meeting, "noted", by=staff, instead_of=first)
    assert Review.objects.get().outcome == "noted"
    assert state(overdue)["status"] == Status.OPEN


def test_who_undid_a_review_did_not_make_the_proposal_it_restores(
    meeting, overdue, owner, staff
):
    office = OrganisationFactory()
    presser, colleague = (UserFactory(organisation=office) for _ in range(2))
    overdue.propose_closure("Done", by=owner)
    how = HOW[Outcome.RETURNED]
    undo_review(
        record_review(overdue, meeting, "returned", by=presser, **how), by=presser
    )
    overdue.refresh_from_db()
    assert overdue.may(owner, Move.TAKE_BACK)
    assert not overdue.may(presser, Move.TAKE_BACK)
    assert not overdue.may(colleague, Move.TAKE_BACK)


def test_granting_the_date_it_has_already_is_no_move(meeting, overdue, owner, staff):
    send_update(overdue, "Late", by=owner, asks="date", asked_due_on=LATER)
    due = Due.on_date(LATER)
    overdue.redate(due, "Agreed", by=staff, decision=decision())
    record_review(overdue, meeting, "carried", by=staff, note="Yes", due=due)
    found = state(overdue)
    assert (found["moved"], found["asked"], found["due"]) == (1, [], due)


def test_returned_is_said_again_after_a_closing_is_undone(
    meeting, overdue, owner, staff
):
    overdue.propose_closure("Done", by=owner)
    overdue.return_to_owner("Show it", by=staff, decision=decision())
    undo_review(record_review(overdue, meeting, "closed", by=staff), by=staff)
    (row,) = Action.objects.filter(pk=overdue.pk).for_rows()
    assert row.last_move == Update.What.RETURNED


def test_what_a_split_makes_may_have_a_due_date_of_its_own(meeting, overdue, staff):
    how = HOW[Outcome.REPLACED] | {"due": FAR}
    record_review(overdue, meeting, "replaced", by=staff, **how)
    for part in overdue.replaced_by.all():
        assert (part.due, part.first_due()) == (FAR, Due.on_date(LONG_AGO))


def test_what_a_split_makes_is_in_the_note_of_the_meeting(meeting, overdue, staff):
    raised = overdue.meeting
    record_review(overdue, meeting, "replaced", by=staff, **HOW[Outcome.REPLACED])
    note = action_note(meeting, user=staff)
    assert [one.text for one in note.actions] == ["First", "Second"]
    assert overdue.reference in [
        one.reference for one in action_note(raised, user=staff).actions
    ]


def test_a_hold_that_has_ended_reads_as_open(overdue, staff):
    until = TODAY + dt.timedelta(days=1)
    overdue.hold("Wait", until=until, by=staff, decision=decision())
    actions = Action.objects.filter(pk=overdue.pk).for_rows()
    for today, word in ((TODAY, "On hold"), (until, "Open")):
        (row,) = actions.with_flags(today=today, meeting=None)
        assert tags(row)[0].text == word
