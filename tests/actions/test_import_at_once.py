"""Several people read old minutes in at the same moment."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from actions.importing.plan import MeetingPlan, NextPlan
from meetings.models import Meeting, MeetingType
from tests.actions.old_minutes import plan_of, save
from tests.factories import ReadInFactory, UserFactory

SAVERS = 3


@pytest.mark.django_db(transaction=True)
def test_a_type_that_several_need_at_once_is_made_once() -> None:
    by = UserFactory()
    files = ReadInFactory.create_batch(SAVERS)
    plan = replace(plan_of(), actions=(), items=(), seats=(), next=NextPlan())

    def write(number: int) -> None:
        told = MeetingPlan("new:Monthly board", date=dt.date(2025, 3, 1 + number))
        try:
            save(replace(plan, meeting=told), by, files[number])
        finally:
            connection.close()

    with ThreadPoolExecutor(SAVERS) as savers:
        list(savers.map(write, range(SAVERS)))
    assert MeetingType.objects.get().name == "Monthly board"
    assert Meeting.objects.count() == SAVERS
