"""The demonstration has something of everything, on whatever day it is made."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from actions.flags import Reason
from actions.lifecycle import Status
from actions.models import Action, Review, Update, UpdateRequest
from assurance.demonstration.made_up_meetings import LABEL
from assurance.models import User
from assurance.permissions import Role
from meetings.models import Meeting
from tests.factories import UserFactory

# A Wednesday, a Saturday before Christmas, days before Easter, a leap day, a Sunday.
DAYS = ["2026-05-13", "2026-12-19", "2026-03-25", "2028-02-29", "2027-01-03"]


@pytest.fixture(params=DAYS)
def made_on(db: None, request: pytest.FixtureRequest) -> Iterator[dt.date]:
    """The demonstration as somebody sees it who makes it on that day."""
    with time_machine.travel(f"{request.param} 09:30", tick=False):
        call_command("demo_data")
        yield timezone.localdate()


# Making the demonstration takes a second, so each test looks at much of it: the rules
# are the functions it calls.


def test_on_whatever_day_it_is_made_something_of_everything_can_be_seen(
    made_on: dt.date, capsys: Any
) -> None:
    every_reason_and_every_status_can_be_seen(made_on)
    every_way_to_be_on_the_list_can_be_seen(made_on)
    the_next_meeting_is_nine_days_ahead_and_made_ready(made_on)
    the_states_of_a_meeting_can_be_seen(made_on)
    every_timeline_is_in_order_and_adds_up()
    reviews_were_recorded_at_their_meetings()
    every_way_to_answer_what_was_asked_can_be_seen()
    whatever_is_made_up_says_so()
    capsys.readouterr()
    running_it_again_changes_nothing_not_even_on_another_day()
    assert capsys.readouterr().out.count("nothing was changed") == 2


def running_it_again_changes_nothing_not_even_on_another_day() -> None:
    before = rows()
    for later in (0, 38):
        with time_machine.travel(timezone.now() + dt.timedelta(later), tick=False):
            call_command("demo_data")
        assert rows() == before


def rows() -> dict[str, list]:
    """All rows of the three applications, histories too."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for label in ("assurance", "meetings", "actions")
        for model in apps.get_app_config(label).get_models()
    }


def test_a_database_in_use_is_left_alone(db: None) -> None:
    UserFactory()

    with pytest.raises(CommandError, match="in use"):
        call_command("demo_data")

    assert User.objects.count() == 1


# The made-up ones


def every_reason_and_every_status_can_be_seen(made_on: dt.date) -> None:
    meeting = Meeting.objects.for_review(today=made_on)[0]
    listed = Action.objects.for_review_at(meeting, today=made_on)

    assert {action.reason for action in listed} == set(Reason)
    assert {action.status for action in Action.objects.all()} == set(Status)


def every_way_to_be_on_the_list_can_be_seen(made_on: dt.date) -> None:
    meeting = Meeting.objects.for_review(today=made_on)[0]
    listed = list(
        Action.objects.for_review_at(meeting, today=made_on).with_moves_counted()
    )

    for flag in (
        *("is_proposed", "asks_something", "is_overdue", "is_due_by", "is_due_soon"),
        *("brought_because", "hold_ended"),
        *("has_no_owner", "has_no_due", "waits"),
    ):
        assert any(getattr(action, flag) for action in listed), flag
    assert any(action.left_over == Review.Outcome.CARRIED for action in listed)
    due = [action for action in listed if action.reason == Reason.DUE_BY]
    assert {action.due_kind for action in due} == {"date", "type"}
    overdue = [action for action in listed if action.reason == Reason.OVERDUE]
    assert {action.times_moved for action in overdue} == {0, 1, 2}
    assert any(not action.is_issued for action in listed)
    assert any(
        action.updates.filter(what=Update.What.RETURNED).exists() for action in listed
    )
    assert Action.objects.not_started().exists()


def the_next_meeting_is_nine_days_ahead_and_made_ready(made_on: dt.date) -> None:
    meeting = Meeting.objects.for_review(today=made_on)[0]

    assert 9 <= (meeting.date - made_on).days <= 13
    items = meeting.agenda()
    assert any(item.asked_of_force for item in items)
    assert any(item.lines_of_enquiry for item in items)
    papers = [paper for item in items for paper in item.papers.all()]
    assert {paper.came_late for paper in papers} == {True, False}
    assert {a.attendance for a in meeting.attendance()} == {"invited"}


def the_states_of_a_meeting_can_be_seen(made_on: dt.date) -> None:
    assert {meeting.state for meeting in Meeting.objects.all()} >= {
        Meeting.State.PLANNED,
        Meeting.State.DRAFT,
        Meeting.State.CIRCULATED,
        Meeting.State.CANCELLED,
    }
    assert any(m.was_not_recorded(today=made_on) for m in Meeting.objects.all())


def every_timeline_is_in_order_and_adds_up() -> None:
    now = timezone.now()
    for action in Action.objects.prefetch_related("updates"):
        updates = list(action.updates.all())
        assert updates[0].what == Update.What.RAISED
        # One that replaces another is written down later than that was raised.
        assert action.replaces or timezone.localdate(updates[0].at) == action.raised_on
        assert updates[-1].at <= now
        assert [u.status for u in updates if u.status][-1] == action.status
        dues = [u.due for u in updates if u.due_kind]
        assert dues[-1] == action.due
        issued = [u.at for u in updates if u.what == Update.What.ISSUED]
        said = [u.at for u in updates if u.author.role == Role.LIAISON]
        assert issued == ([action.issued_at] if action.issued_at else [])
        assert not said or min(said) > issued[0]


def reviews_were_recorded_at_their_meetings() -> None:
    recorded = Review.objects.exclude(outcome="")
    assert {review.outcome for review in recorded} == {"closed", "carried", "returned"}
    for review in recorded:
        assert review.recorded_at
        assert timezone.localdate(review.recorded_at) == review.meeting.date


def every_way_to_answer_what_was_asked_can_be_seen() -> None:
    requests = UpdateRequest.objects.with_answers(now=timezone.now())
    for_next = requests.filter(meeting__state="planned")
    assert {one.is_answered for one in for_next} == {True, False}
    assert len({one.asked_at for one in for_next}) == 2
    assert all(one.is_wanted or one.is_answered for one in for_next)
    last = requests.exclude(meeting__state="planned")
    assert {(one.is_answered, one.is_late) for one in last} == {
        (True, False),
        (True, True),
        (False, True),
    }


def whatever_is_made_up_says_so() -> None:
    real = {dt.date(2020, 8, 4), dt.date(2020, 9, 24)}
    real |= {dt.date(2025, 3, 26), dt.date(2025, 5, 30)}
    for meeting in Meeting.objects.exclude(date__in=real):
        assert LABEL in meeting.title
    for action in Action.objects.exclude(meeting__date__in=real):
        assert LABEL in action.text
