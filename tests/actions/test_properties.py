"""What holds for any history of an action and for any register of actions."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.flags import Reason
from actions.lifecycle import RESOLVED, UNRESOLVED, Move, Status
from actions.models import Action, Due, Owner, Review
from actions.operations import replace_action
from actions.reviewing import (
    bring_forward,
    finish_review,
    record_review,
    review_list,
    undo_review,
)
from assurance.models import User
from meetings.models import Meeting
from tests.actions.pages import replayed
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    ThemeFactory,
    UserFactory,
    decision,
)

TODAY = timezone.localdate()
RAISED = TODAY - dt.timedelta(days=200)
# Each example has a database as the one before found it.
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


# A history: moves in any order with days for them, and reviews that may be undone.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*Move, "update", "ask", "answer", "review", "undo"]),
        st.integers(1, 60),
        st.sampled_from(["closed", "carried", "returned", "on_hold", "noted"]),
    ),
    max_size=12,
)


def step(action: Action, what, number: int, outcome: str, meeting, *, by: User) -> None:
    """One thing that happens to an action, if it is possible now."""
    decided = {"by": by, "decision": decision()}
    due = Due.on_date(day(number - 30))
    match what:
        case Move.PROPOSE:
            action.propose_closure("Done", by=by)
        case Move.TAKE_BACK:
            action.take_back("Not quite", by=by)
        case Move.CLOSE:
            action.close(**decided)
        case Move.RETURN:
            action.return_to_owner("Show it", **decided)
        case Move.REDATE:
            action.redate(due, "Later", **decided)
        case Move.HOLD:
            action.hold("Audit", until=day(number), **decided)
        case Move.RESUME:
            action.resume("Over", **decided)
        case Move.REPLACE:
            replace_action(action, ["One"], reason="Wording", **decided)
        case Move.WITHDRAW:
            action.withdraw("Overtaken", **decided)
        case Move.REOPEN:
            action.reopen("Not done", **decided)
        case "update":
            action.add_update("Half done", by=by)
        case "ask":
            action.add_update("Late", by=by, asks="date", asked_due_on=day(number))
        case "answer":
            if asked := action.open_requests().filter(asks="date").first():
                action.answer(asked, "Yes", accepted=number % 2 == 0, **decided)
        case "review":
            how = {"due": due} if outcome == "carried" and number % 2 else {}
            if outcome == "on_hold":
                how = {"until": day(number)}
            record_review(action, meeting, outcome, by=by, note="Seen", **how)
        case "undo":
            if review := action.reviews.exclude(outcome="").first():
                undo_review(review, by=by)
    action.refresh_from_db()


@EXAMPLES
@given(steps=STEPS)
def test_for_any_history_the_timeline_replays_and_the_first_due_stays(
    db: None, steps
) -> None:
    with undone():
        staff = UserFactory()
        raised = MeetingFactory(date=RAISED, state=Meeting.State.DRAFT)
        meeting = MeetingFactory(
            date=TODAY, type=raised.type, state=Meeting.State.IN_PROGRESS
        )
        first = Due.on_date(day(-100))
        action = ActionFactory(
            meeting=raised, due=first, organisation=OrganisationFactory()
        )
        for what, number, outcome in steps:
            entries = action.updates.count()
            stood = replayed(action)
            try:
                step(action, what, number, outcome, meeting, by=staff)
            except ValidationError:
                action.refresh_from_db()
                assert (action.updates.count(), replayed(action)) == (entries, stood)
            assert replayed(action) == (
                action.status,
                action.due,
                action.look_again_on,
            )
            assert action.first_due() == first
            (flagged,) = Action.objects.filter(pk=action.pk).with_flags(
                today=TODAY, meeting=None
            )
            if action.status in RESOLVED:
                assert not flagged.is_overdue
                assert flagged.reason is None


# A register: actions of every kind, of which some are on the next list.
DUES = st.sampled_from(
    ["none", "past", "at the meeting", "by the meeting", "far", "theme", "waits"]
)
ACTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "due": DUES,
            # Mostly what may be on the list, or few examples would tell anything.
            "status": st.sampled_from([*[Status.OPEN] * 4, Status.ON_HOLD, *Status]),
            "owned": st.booleans(),
            "asks": st.sampled_from([False, False, False, True]),
            "raised": st.sampled_from([*["before"] * 6, "there", "after"]),
            "hold": st.sampled_from([-5, 10, 100]),
            "last_time": st.sampled_from(
                ["nothing", "carried", "carried to a date", "noted", "not reached"]
            ),
            "brought": st.sampled_from([False, False, False, True]),
        }
    ),
    min_size=5,
    max_size=10,
)
NEXT = 30


def expected(one: dict) -> Reason | None:
    """The rules of the list, told once more and without a database."""
    status = one["status"]
    held = status == Status.ON_HOLD and one["hold"] > 0
    if status not in UNRESOLVED or held or one["raised"] != "before":
        return None
    if status == Status.PROPOSED or one["asks"]:
        return Reason.AWAITING
    active = status == Status.OPEN or status == Status.ON_HOLD
    if active and one["due"] == "past":
        return Reason.OVERDUE
    if one["due"] in ("at the meeting", "by the meeting", "theme"):
        return Reason.DUE_BY
    again = one["last_time"] in ("carried", "not reached")
    if again or one["brought"] or status == Status.ON_HOLD:
        return Reason.BROUGHT_FORWARD
    if one["due"] in ("none", "waits") or not one["owned"]:
        return Reason.INCOMPLETE
    return None


class Register:
    """The meetings around today, and how an action comes to be as it is described."""

    def __init__(self) -> None:
        self.staff, self.force = UserFactory(), OrganisationFactory()
        self.theme, self.nobodys = ThemeFactory(), ThemeFactory()
        type_ = MeetingTypeFactory()
        draft = Meeting.State.DRAFT
        self.raised = MeetingFactory(date=RAISED, state=draft, type=type_)
        self.last = MeetingFactory(date=day(-20), state=draft, type=type_)
        self.next = MeetingFactory(date=day(NEXT), type=type_, themes=[self.theme])
        self.after = MeetingFactory(date=day(NEXT + 30), type=type_)

    def add(self, one: dict) -> Action:
        action = ActionFactory(
            meeting={"before": self.raised, "there": self.next, "after": self.after}[
                one["raised"]
            ],
            owners=[Owner(organisation=self.force)] * one["owned"],
            due=self.due(one),
            by=self.staff,
        )
        if one["raised"] == "before":
            self.review(action, one)
        if one["asks"]:
            action.add_update("Split it", by=self.staff, asks="other")
        self.bring_to(action, one)
        if one["brought"] and one["raised"] == "before":
            if action.is_unresolved and not (action.look_again_on or TODAY) > day(NEXT):
                bring_forward(action, self.next, because="Asked", by=self.staff)
            else:
                one["brought"] = False
        return action

    def due(self, one: dict) -> Due:
        dues = {
            "none": Due(),
            "past": Due.on_date(day(-1)),
            "at the meeting": Due.at_meeting(self.next),
            "by the meeting": Due.on_date(day(NEXT)),
            "far": Due.on_date(day(NEXT + 100)),
            "theme": Due.at_next_on(self.theme),
            "waits": Due.at_next_on(self.nobodys),
        }
        if one["raised"] != "before":
            return Due.on_date(day(NEXT + 100))
        return dues[one["due"]]

    def review(self, action: Action, one: dict) -> None:
        last_time = one["last_time"]
        if last_time == "carried to a date":
            # To the date it should have, from another one.
            due = action.due
            action.redate(
                Due.on_date(day(200)), "x", by=self.staff, decision=decision()
            )
            record_review(
                action, self.last, "carried", by=self.staff, note="x", due=due
            )
        elif last_time == "not reached":
            Review.objects.create(
                action=action,
                meeting=self.last,
                status_then=action.status,
                outcome=Review.Outcome.NOT_REACHED,
                recorded_by=self.staff,
                recorded_at=timezone.now(),
            )
        elif last_time != "nothing":
            record_review(action, self.last, last_time, by=self.staff)

    def bring_to(self, action: Action, one: dict) -> None:
        decided = {"by": self.staff, "decision": decision()}
        match one["status"]:
            case Status.PROPOSED:
                action.propose_closure("Done", by=self.staff)
            case Status.ON_HOLD:
                action.hold("Wait", until=day(one["hold"]), **decided)
            case Status.CLOSED:
                action.close(**decided)
            case Status.REPLACED:
                action.replace("Split", **decided)
            case Status.WITHDRAWN:
                action.withdraw("Overtaken", **decided)


@EXAMPLES
@given(ones=ACTIONS)
def test_the_list_holds_what_a_rule_names_once_and_nothing_else(db: None, ones) -> None:
    with undone():
        register = Register()
        made = {register.add(one).reference: one for one in ones}
        listed = review_list(register.next, register.staff, today=TODAY)
        found = [(e.action.reference, e.reason) for e in listed.entries]
        assert len(found) == len(set(found))
        assert dict(found) == {
            reference: reason
            for reference, one in made.items()
            if (reason := expected(one))
        }
        # Kept as it was, the list is the same; nothing of it is reviewed.
        register.next.start_minutes()
        assert finish_review(register.next, by=register.staff, today=TODAY) == len(
            found
        )
        kept = review_list(register.next, register.staff, today=TODAY)
        assert [(e.action.reference, e.reason) for e in kept.entries] == found
        assert kept.reviewed == 0
