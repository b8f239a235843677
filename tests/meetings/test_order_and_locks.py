"""Meetings in order, whatever the database, and people who change them at once."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from meetings.forms.agenda import NotesForm
from meetings.forms.meeting import RescheduleForm
from meetings.models import AgendaItem, Attendee, Meeting, Paper
from meetings.operations import lock_editable
from tests.factories import AgendaItemFactory, MeetingFactory
from tests.factories import AttendeeFactory as Seat


@pytest.mark.django_db
def test_a_meeting_without_a_time_is_the_earliest_of_its_day() -> None:
    for start, title in [(dt.time(9), "9"), (None, "no time"), (dt.time(14), "14")]:
        Seat(meeting=MeetingFactory(start=start, title=title))
    latest_first = ["14", "9", "no time"]
    assert [m.title for m in Meeting.objects.all()] == latest_first
    assert [m.title for m in Meeting.objects.latest_first()] == latest_first
    assert [m.title for m in Meeting.objects.in_order()] == latest_first[::-1]
    seats = Attendee.objects.latest_first().select_related("meeting")
    assert [seat.meeting.title for seat in seats] == latest_first


def _save_times(meeting: Meeting, item: AgendaItem) -> None:
    form = RescheduleForm({"date": "1/4/2025", "version": 0}, instance=meeting)
    assert form.is_valid(), form.errors
    form.save()


def _save_notes(meeting: Meeting, item: AgendaItem) -> None:
    form = NotesForm({"notes": "Said", "version": 0}, instance=item)
    assert form.is_valid(), form.errors
    form.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        lambda meeting, item: lock_editable(meeting),
        lambda meeting, item: meeting.start_minutes(),
        _save_times,
        _save_notes,
    ],
    ids=["lock", "state", "times", "notes"],
)
def test_what_only_names_a_meeting_does_not_wait_for_who_changes_it(
    change: Callable[[Meeting, AgendaItem], Any],
) -> None:
    """Who closes an action at a meeting holds the action and names the meeting; who
    moves the meeting holds it and wants its actions. They must not wait for each other.
    """
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    item = AgendaItemFactory()
    meeting = item.meeting

    def name_both() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                Seat(meeting=meeting)
                Paper.objects.create(item=item, title="Figures")
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as somebody_else:
        change(meeting, item)
        somebody_else.submit(name_both).result()
    assert meeting.attendees.count() == item.papers.count() == 1
