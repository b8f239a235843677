"""Several people read old minutes in at the same moment."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from actions.importing.plan import MeetingPlan, NextPlan
from meetings.models import Meeting, MeetingType, ReadIn
from meetings.taking_in import read_waiting, take_in
from tests.actions.old_minutes import READ, plan_of, save
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


@pytest.mark.django_db(transaction=True)
def test_the_same_words_read_at_once_are_checked_once() -> None:
    by = UserFactory()
    files = [
        take_in(f"{n}".encode(), name="a.txt", by=by).read_in for n in range(SAVERS)
    ]

    def read(read_in: ReadIn) -> None:
        try:
            read_waiting(read_in, reader=lambda *_: READ, doubts=lambda _: 0)
        finally:
            connection.close()

    with ThreadPoolExecutor(SAVERS) as readers:
        list(readers.map(read, files))
    states = ReadIn.objects.values_list("state", flat=True)
    assert sorted(states) == ["dropped", "dropped", "to_check"]
