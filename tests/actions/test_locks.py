"""People who work on the same actions at once do not stand in each other's way."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from actions.asking import ask_for_updates
from actions.models import Action, Due
from actions.operations import _tied_to_meetings
from actions.reviewing import record_review
from assurance.models import User
from meetings.models import Meeting
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
)

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
