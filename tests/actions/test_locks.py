"""People who work on the same actions at once do not stand in each other's way."""

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from actions.agreement import circulate_minutes
from actions.asking import ask_for_updates
from actions.models import Action, Due
from actions.operations import _tied_to_meetings, edit_action
from actions.reviewing import record_review
from assurance.models import User
from meetings.models import Agreement, Meeting
from meetings.operations import confirm_next_meeting, lock_editable
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
)
from tests.minutes import Minutes
from tests.servers import PATIENCE

TODAY = timezone.localdate()


@pytest.mark.django_db
def test_dues_that_follow_a_meeting_are_locked_in_the_order_of_everybody() -> None:
    """By key, though an older year was written down later."""
    meeting = MeetingFactory(date=TODAY)
    later = ActionFactory(due=Due.at_meeting(meeting))
    older = ActionFactory(
        meeting=MeetingFactory(date=dt.date(2020, 8, 4)), due=Due.at_meeting(meeting)
    )
    assert list(_tied_to_meetings()) == [later.pk, older.pk]


def _review(action: Action, meeting: Meeting, by: User) -> None:
    record_review(action, meeting, "noted", by=by)


def _close(action: Action, meeting: Meeting, by: User) -> None:
    action.close(by=by, decision=decision())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [_review, _close])
def test_what_only_names_an_action_does_not_wait_for_who_changes_it(
    change: Callable[[Action, Meeting, User], Any],
) -> None:
    """Who asks for an update names the action; who reviews it holds it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    force, staff = OrganisationFactory(), UserFactory()
    held = MeetingFactory(date=TODAY, state=Meeting.State.IN_PROGRESS)
    following = MeetingFactory(date=TODAY + dt.timedelta(days=60))
    late = Due.on_date(dt.date(2025, 5, 1))
    action = ActionFactory(organisation=force, due=late)

    def ask() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                ask_for_updates(following, [(action, force)], by=staff)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as somebody_else:
        change(action, held, staff)
        somebody_else.submit(ask).result()
    assert following.update_requests.count() == 1


def _circulate(minutes: Minutes) -> None:
    circulate_minutes(Meeting.objects.get(pk=minutes.meeting.pk), by=minutes.by)


def _agree_at_the_next(minutes: Minutes) -> None:
    minutes.agree(how="meeting", at_meeting=minutes.next)


def _confirm(minutes: Minutes) -> None:
    confirm_next_meeting(minutes.meeting, None)
    confirm_next_meeting(minutes.meeting, minutes.next)


def _apart(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same, done by somebody else over a connection of their own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return run


def _until_it_waits(done: Future) -> None:
    """For what this transaction holds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        if done.done():
            break
        time.sleep(0.05)
    pytest.fail(f"It did not wait: {done}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [_circulate, _agree_at_the_next, _confirm])
def test_who_changes_several_meetings_holds_them_in_order_before_any_action(
    change: Callable[[Minutes], None],
) -> None:
    """Who waits for the first of the meetings holds neither the other nor an action
    yet, so whoever holds that first one goes on.
    """
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    minutes = Minutes(by=UserFactory())
    assert minutes.next.pk < minutes.meeting.pk
    minutes.next.start_minutes()
    if change == _agree_at_the_next:
        minutes.circulate()
    with ThreadPoolExecutor(1) as somebody_else:
        with transaction.atomic(), connection.cursor() as cursor:
            lock_editable(minutes.next)
            done = somebody_else.submit(_apart(lambda: change(minutes)))
            _until_it_waits(done)
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            Action.objects.locked().get(pk=minutes.action.pk)
            lock_editable(minutes.meeting)
        done.result(PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_editing_is_not_agreed_unseen() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    minutes = Minutes(by=UserFactory()).circulate()
    action = Action.objects.get(pk=minutes.action.pk)
    action.text = "Share another plan"
    with ThreadPoolExecutor(1) as somebody_else:
        with transaction.atomic():
            edit_action(
                action, save=action.save, by=minutes.by, owners=[], changed=["text"]
            )
            done = somebody_else.submit(_apart(minutes.agree))
            _until_it_waits(done)
        with pytest.raises(ValidationError, match="not as presented any more"):
            done.result(PATIENCE)
    assert not Agreement.objects.exists()
