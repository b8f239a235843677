"""Why an action is on the next meeting's list: action x day x next meeting -> reasons.

The meeting that reviews the tracker next is on 30 May 2025 and today is 10 April 2025,
unless a case says otherwise.
"""

import datetime as dt

import pytest

from actions.flags import Reason
from actions.models import Action, Due, Review, Update
from actions.operations import (
    cancel_meeting,
    raise_action,
    reschedule_meeting,
    send_update,
)
from actions.reasons import reasons
from actions.reviewing import bring_forward, finish_review, record_review
from actions.tracker import next_review, numbers
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    ThemeFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 4, 10)
RAISED = dt.date(2025, 3, 26)
NEXT = dt.date(2025, 5, 30)


@pytest.fixture
def next_meeting() -> Meeting:
    return MeetingFactory(date=NEXT)


@pytest.fixture
def raised_at() -> Meeting:
    return MeetingFactory(date=RAISED, state=Meeting.State.DRAFT)


@pytest.fixture
def action(raised_at):
    """An issued action of a force, raised at the meeting in March."""

    def make(due: Due | None = None, **kwargs) -> Action:
        kwargs.setdefault("organisation", OrganisationFactory())
        kwargs.setdefault("meeting", raised_at)
        return ActionFactory(due=due, **kwargs)

    return make


def listed(meeting: Meeting | None, *, today: dt.date = TODAY) -> dict[str, list]:
    """What is on the list: reference -> [reason it is under, *reasons in words]."""
    on = min(today, meeting.date) if meeting else today
    return {
        found.reference: [
            Reason(found.reason),
            *reasons(found, on=on, meeting=meeting),
        ]
        for found in Action.objects.for_review_at(meeting, today=today).for_rows()
    }


@pytest.mark.parametrize(
    ("due", "today", "expected"),
    [
        # Due before today: overdue, whenever the meeting is.
        (due_on(2025, 4, 9), TODAY, [Reason.OVERDUE, "1 day overdue"]),
        (due_on(2025, 3, 29), TODAY, [Reason.OVERDUE, "12 days overdue"]),
        # Due today is not overdue yet.
        (due_on(2025, 4, 10), TODAY, [Reason.DUE_BY, "Due on 10 April 2025"]),
        # Due before the meeting, and on its very day.
        (due_on(2025, 5, 29), TODAY, [Reason.DUE_BY, "Due on 29 May 2025"]),
        (due_on(2025, 5, 30), TODAY, [Reason.DUE_BY, "Due on 30 May 2025"]),
        # Due after the meeting: not on its list.
        (due_on(2025, 5, 31), TODAY, None),
        (due_on(2026, 5, 30), TODAY, None),
        # On the day of the meeting itself.
        (due_on(2025, 5, 29), NEXT, [Reason.OVERDUE, "1 day overdue"]),
        (due_on(2025, 5, 30), NEXT, [Reason.DUE_BY, "Due on 30 May 2025"]),
        # No due date.
        (Due(), TODAY, [Reason.INCOMPLETE, "No due date"]),
    ],
)
def test_a_due_date_decides_where_an_action_is_listed(
    action, next_meeting, due, today, expected
):
    one = action(due)
    assert listed(next_meeting, today=today) == (
        {one.reference: expected} if expected else {}
    )


def test_due_at_the_meeting_is_due_by_it(action, next_meeting):
    one = action(Due.at_meeting(next_meeting))
    assert listed(next_meeting) == {
        one.reference: [Reason.DUE_BY, "Due at this meeting"]
    }


def test_due_at_a_later_meeting_is_not_listed(action, next_meeting):
    action(Due.at_meeting(MeetingFactory(date=dt.date(2025, 7, 1))))
    assert listed(next_meeting) == {}


def test_no_owner_is_listed_even_when_due_late(action, next_meeting):
    one = action(due_on(2026, 1, 1), organisation=None)
    assert listed(next_meeting) == {one.reference: [Reason.INCOMPLETE, "No owner"]}


def test_every_reason_is_given_and_the_first_decides_the_place(action, next_meeting):
    one = action(organisation=None)
    assert listed(next_meeting) == {
        one.reference: [Reason.INCOMPLETE, "No due date", "No owner"]
    }
    bring_forward(one, next_meeting, because="PCC asked", by=UserFactory())
    assert listed(next_meeting) == {
        one.reference: [
            Reason.BROUGHT_FORWARD,
            "Brought forward: PCC asked",
            "No due date",
            "No owner",
        ]
    }


def test_moves_of_the_date_are_counted_in_the_reason(action, next_meeting, staff):
    one = action(due_on(2025, 3, 28))
    for day in (30, 31):
        one.redate(due_on(2025, 3, day), "Not ready", by=staff, decision=decision())
    assert listed(next_meeting) == {
        one.reference: [Reason.OVERDUE, "10 days overdue; date moved twice"]
    }


def test_raised_at_that_meeting_or_later_is_not_on_its_list(action, next_meeting):
    action(meeting=next_meeting)
    action(meeting=MeetingFactory(date=dt.date(2025, 6, 20)))
    assert listed(next_meeting) == {}


def test_raised_elsewhere_on_the_day_of_the_meeting_is_not_on_its_list(
    action, next_meeting, staff
):
    letter = {"source_kind": "letter", "source": "Letter", "by": staff}
    raise_action(text="Same day", source_on=NEXT, **letter)
    before = raise_action(
        text="Day before", source_on=NEXT - dt.timedelta(days=1), **letter
    )
    assert list(listed(next_meeting)) == [before.reference]


def test_not_issued_is_listed_too(action, next_meeting):
    one = action(issued=False)
    assert list(listed(next_meeting)) == [one.reference]


# Awaiting a decision


def test_a_proposed_closure_awaits_a_decision_and_is_not_overdue(action, next_meeting):
    one = action(due_on(2025, 4, 1))
    one.propose_closure("Done", by=UserFactory())
    assert listed(next_meeting) == {
        one.reference: [Reason.AWAITING, "Closure proposed"]
    }


def test_a_returned_closure_is_overdue_again(action, next_meeting, staff):
    one = action(due_on(2025, 4, 1))
    one.propose_closure("Done", by=UserFactory())
    one.return_to_owner("Not enough", by=staff, decision=decision())
    assert listed(next_meeting)[one.reference][0] == Reason.OVERDUE


def test_a_request_awaits_a_decision_while_the_due_date_stands(action, next_meeting):
    one = action(due_on(2025, 4, 1))
    send_update(
        one,
        "Late supplier",
        by=UserFactory(),
        asks=Update.Asks.DATE,
        asked_due_on=dt.date(2025, 8, 1),
    )
    assert listed(next_meeting) == {
        one.reference: [
            Reason.AWAITING,
            "A change is asked for",
            "9 days overdue",
        ]
    }


@pytest.mark.parametrize("accepted", [True, False])
def test_an_answered_request_awaits_nothing(action, next_meeting, staff, accepted):
    one = action(due_on(2025, 7, 1))
    request = send_update(
        one,
        "Late supplier",
        by=UserFactory(),
        asks=Update.Asks.DATE,
        asked_due_on=dt.date(2025, 8, 1),
    )
    one.answer(request, "", accepted=accepted, by=staff, decision=decision())
    assert listed(next_meeting) == {}
    one.refresh_from_db()
    assert one.due == (due_on(2025, 8, 1) if accepted else due_on(2025, 7, 1))


# On hold


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (dt.date(2025, 4, 11), None),
        (dt.date(2025, 5, 30), None),
        (dt.date(2025, 6, 30), None),
        (TODAY, [Reason.OVERDUE, "9 days overdue", "Its hold ended on 10 April 2025"]),
        (
            dt.date(2025, 4, 9),
            [Reason.OVERDUE, "9 days overdue", "Its hold ended on 9 April 2025"],
        ),
    ],
)
def test_on_hold_is_off_the_list_until_its_date(
    action, next_meeting, staff, until, expected
):
    one = action(due_on(2025, 4, 1))
    one.hold("Waits for the audit", until=until, by=staff, decision=decision())
    assert listed(next_meeting) == ({one.reference: expected} if expected else {})


def test_a_hold_that_ended_brings_an_action_back_that_is_not_due(
    action, next_meeting, staff
):
    one = action(due_on(2026, 1, 1))
    one.hold("Waits", until=dt.date(2025, 4, 9), by=staff, decision=decision())
    assert listed(next_meeting) == {
        one.reference: [Reason.BROUGHT_FORWARD, "Its hold ended on 9 April 2025"]
    }


@pytest.mark.parametrize("move", ["close", "withdraw", "replace"])
def test_resolved_actions_are_on_no_list(action, next_meeting, staff, move):
    one = action(due_on(2025, 4, 1))
    getattr(one, move)(text="Enough", by=staff, decision=decision())
    assert listed(next_meeting) == {}


# Brought forward, and carried by a review


def test_the_last_review_carries_an_action_to_the_next_meeting(
    action, next_meeting, staff
):
    one = action(due_on(2026, 1, 1))
    held = MeetingFactory(date=dt.date(2025, 4, 8), state=Meeting.State.DRAFT)
    record_review(one, held, Review.Outcome.CARRIED, by=staff)
    assert listed(next_meeting) == {
        one.reference: [Reason.BROUGHT_FORWARD, "Carried forward by the last review"]
    }


def test_carried_forward_to_a_date_comes_back_by_that_date_only(
    action, next_meeting, staff
):
    one = action(due_on(2026, 1, 1))
    held = MeetingFactory(date=dt.date(2025, 4, 8), state=Meeting.State.DRAFT)
    record_review(one, held, Review.Outcome.CARRIED, by=staff, due=due_on(2026, 2, 1))
    assert listed(next_meeting) == {}


def test_a_later_review_settles_what_an_earlier_one_carried(
    action, next_meeting, staff
):
    one = action(due_on(2026, 1, 1))
    for day, outcome in ((3, "carried"), (8, "noted")):
        held = MeetingFactory(date=dt.date(2025, 4, day), state=Meeting.State.DRAFT)
        record_review(one, held, outcome, by=staff)
    assert listed(next_meeting) == {}


def test_brought_forward_to_another_meeting_is_not_on_this_list(action, next_meeting):
    one = action(due_on(2026, 1, 1))
    later = MeetingFactory(date=dt.date(2025, 7, 1))
    bring_forward(one, later, because="Then", by=UserFactory())
    assert listed(next_meeting) == {}
    assert list(listed(later)) == [one.reference]


FATES = [
    "cancelled",
    "forgotten",
    "held without reaching it",
    "written down as not reached",
]


@pytest.mark.parametrize("fate", FATES)
def test_what_was_brought_forward_in_vain_comes_back(action, next_meeting, staff, fate):
    one = action(due_on(2026, 1, 1))
    meeting = MeetingFactory(date=dt.date(2025, 4, 9))
    bring_forward(one, meeting, because="PCC asked", by=staff)
    if fate == "cancelled":
        cancel_meeting(meeting, because="Election", by=staff)
    elif fate != "forgotten":
        meeting.start_minutes()
        meeting.finish()
    because = ["Brought forward: PCC asked"]
    if fate == "written down as not reached":
        finish_review(meeting, by=staff, today=TODAY)
        because.append("Not reached at the last review")
    assert listed(next_meeting) == {one.reference: [Reason.BROUGHT_FORWARD, *because]}
    between = MeetingFactory(date=dt.date(2025, 4, 10), state=Meeting.State.DRAFT)
    record_review(one, between, Review.Outcome.NOTED, by=staff)
    assert listed(next_meeting) == {}


# The next meeting on a theme or of a type


@pytest.fixture
def workforce():
    return ThemeFactory(name="Workforce")


def test_due_on_a_theme_waits_until_such_a_meeting_is_planned_then_follows_it(
    action, next_meeting, workforce, staff
):
    """PCC to revisit it "at next workforce meeting", which is not the next meeting."""
    one = action(Due.at_next_on(workforce))
    waiting = {
        one.reference: [
            Reason.INCOMPLETE,
            "Waits for a meeting on Workforce; none is planned",
        ]
    }
    assert listed(next_meeting) == waiting

    themed = MeetingFactory(date=dt.date(2025, 6, 20), themes=[workforce])
    assert listed(next_meeting) == {}
    assert listed(themed) == {one.reference: [Reason.DUE_BY, "Due at this meeting"]}

    reschedule_meeting(
        themed, date=dt.date(2025, 5, 20), start=None, end=None, by=staff
    )
    assert listed(next_meeting) == {
        one.reference: [Reason.DUE_BY, "Due on 20 May 2025"]
    }

    cancel_meeting(themed, because="Election", by=staff)
    assert listed(next_meeting) == waiting
    assert one.updates.filter(what=Update.What.MEETING_MOVED).count() == 2
    assert not one.updates.filter(what=Update.What.REDATED).exists()


def test_a_theme_of_an_item_does_not_make_a_meeting_one_on_that_theme(
    action, next_meeting, workforce
):
    one = action(Due.at_next_on(workforce))
    next_meeting.agenda_items.create(heading="Vetting", theme=workforce)
    assert listed(next_meeting)[one.reference][0] == Reason.INCOMPLETE


def test_a_meeting_on_the_theme_before_the_action_was_raised_does_not_count(
    action, next_meeting, workforce
):
    MeetingFactory(date=dt.date(2025, 3, 1), themes=[workforce])
    one = action(Due.at_next_on(workforce))
    assert listed(next_meeting)[one.reference][0] == Reason.INCOMPLETE


def test_the_meeting_it_was_raised_at_does_not_count_but_a_later_one_that_day_does(
    action, next_meeting, workforce, raised_at
):
    raised_at.themes.add(workforce)
    one = action(Due.at_next_on(workforce))
    assert listed(next_meeting)[one.reference][0] == Reason.INCOMPLETE
    MeetingFactory(date=RAISED, start=dt.time(14), themes=[workforce])
    assert listed(next_meeting) == {one.reference: [Reason.OVERDUE, "15 days overdue"]}


def test_once_its_meeting_was_held_a_tie_stays_with_it(action, next_meeting, workforce):
    one = action(Due.at_next_on(workforce))
    MeetingFactory(
        date=dt.date(2025, 4, 2), themes=[workforce], state=Meeting.State.DRAFT
    )
    next_meeting.themes.add(workforce)
    assert listed(next_meeting) == {one.reference: [Reason.OVERDUE, "8 days overdue"]}


def test_a_tie_agreed_later_looks_behind_the_day_it_was_agreed(
    action, next_meeting, workforce
):
    MeetingFactory(
        date=dt.date(2025, 4, 2), themes=[workforce], state=Meeting.State.DRAFT
    )
    one = action(Due.at_next_on(workforce, after=dt.date(2025, 4, 2)))
    assert listed(next_meeting)[one.reference] == [
        Reason.INCOMPLETE,
        "Waits for a meeting on Workforce; none is planned",
    ]


def test_due_at_the_next_of_a_type_waits_and_follows_likewise(action, next_meeting):
    performance = MeetingTypeFactory(name="Performance meeting")
    one = action(Due.at_next_of(performance))
    assert listed(next_meeting)[one.reference] == [
        Reason.INCOMPLETE,
        "Waits for the next Performance meeting; none is planned",
    ]
    MeetingFactory(type=performance, date=dt.date(2025, 6, 1))
    assert listed(next_meeting) == {}


def test_due_at_a_meeting_that_is_cancelled_asks_for_another(
    action, next_meeting, staff
):
    other = MeetingFactory(date=dt.date(2025, 6, 1))
    one = action(Due.at_meeting(other))
    cancel_meeting(other, because="No quorum", by=staff)
    assert listed(next_meeting) == {
        one.reference: [
            Reason.INCOMPLETE,
            "Waits for another meeting; the one it was due at was cancelled",
        ]
    }


# Which meeting is next


def test_the_next_meeting_is_the_earliest_planned_that_reviews_the_tracker():
    MeetingFactory(date=dt.date(2025, 4, 9))
    MeetingFactory(
        date=dt.date(2025, 4, 12), type=MeetingTypeFactory(reviews_tracker=False)
    )
    MeetingFactory(
        date=dt.date(2025, 4, 13),
        state=Meeting.State.CANCELLED,
        cancelled_because="Election",
    )
    MeetingFactory(date=dt.date(2025, 4, 14), state=Meeting.State.DRAFT)
    afternoon = MeetingFactory(date=dt.date(2025, 4, 15), start=dt.time(14))
    morning = MeetingFactory(date=dt.date(2025, 4, 15), start=dt.time(9))
    assert next_review(today=TODAY) == morning
    morning.delete()
    assert next_review(today=TODAY) == afternoon


def test_a_meeting_today_is_the_next_also_in_progress():
    today = MeetingFactory(date=TODAY, state=Meeting.State.IN_PROGRESS)
    MeetingFactory(date=NEXT)
    assert next_review(today=TODAY) == today


def test_a_planned_meeting_whose_day_has_passed_is_not_next(next_meeting):
    passed = MeetingFactory(date=TODAY - dt.timedelta(days=1))
    assert next_review(today=TODAY) == next_meeting
    assert passed.was_not_recorded(today=TODAY)


def test_none_planned_the_list_is_as_at_today(action):
    assert next_review(today=TODAY) is None
    late = action(due_on(2025, 4, 9))
    today = action(due_on(2025, 4, 10))
    action(due_on(2025, 4, 11))
    assert listed(None) == {
        late.reference: [Reason.OVERDUE, "1 day overdue"],
        today.reference: [Reason.DUE_BY, "Due on 10 April 2025"],
    }


def test_a_meeting_entered_late_gets_the_list_of_its_day(action):
    """Today is in August; the meeting of 30 May is entered now."""
    meeting = MeetingFactory(date=NEXT)
    due = action(due_on(2025, 5, 30))
    late = action(due_on(2025, 5, 1))
    action(due_on(2025, 6, 1))
    assert listed(meeting, today=dt.date(2025, 8, 1)) == {
        late.reference: [Reason.OVERDUE, "29 days overdue"],
        due.reference: [Reason.DUE_BY, "Due on 30 May 2025"],
    }


def test_when_the_meeting_moves_the_list_follows(action, next_meeting, staff):
    one = action(due_on(2025, 6, 3))
    assert listed(next_meeting) == {}
    reschedule_meeting(
        next_meeting, date=dt.date(2025, 6, 4), start=None, end=None, by=staff
    )
    assert listed(next_meeting) == {
        one.reference: [Reason.DUE_BY, "Due on 3 June 2025"]
    }


# Beside the list


@pytest.mark.parametrize(
    ("day", "overdue", "soon"),
    [(9, True, False), (10, False, True), (24, False, True), (25, False, False)],
)
def test_due_soon_is_the_next_14_days(action, day, overdue, soon):
    action(due_on(2025, 4, day))
    found = Action.objects.with_flags(today=TODAY, meeting=None).get()
    assert (found.is_overdue, found.is_due_soon) == (overdue, soon)


def test_not_started_until_somebody_says_something_of_the_work(action, staff):
    one = action()
    one.add_note("Chased by telephone", by=staff)
    assert list(Action.objects.not_started()) == [one]
    one.add_update("We began", by=staff)
    assert not Action.objects.not_started().exists()


def test_the_numbers_add_up(action, next_meeting, staff):
    action(due_on(2025, 4, 1))
    action(due_on(2025, 5, 1))
    action(due_on(2026, 5, 1))
    action()
    action(due_on(2025, 4, 1)).close(by=staff, decision=decision())
    found = numbers(staff, today=TODAY, meeting=next_meeting)
    assert (found.unresolved, found.resolved, found.overdue) == (4, 1, 1)
    assert found.for_review == len(listed(next_meeting)) == 3
    assert found.by_reason[Reason.DUE_BY] == 1
