"""The command that makes data for measuring."""

import datetime as dt
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from actions.models import Action, ReferenceCounter, Update
from assurance.demonstration.bulk import Bulk
from assurance.models import User
from meetings.models import AgendaItem, Attendee, Meeting
from tests.factories import ActionFactory, MeetingFactory

SIZE = ["--meetings=4", "--actions=30"]


def test_references_given_before_are_kept(db: None) -> None:
    first = ActionFactory(meeting=MeetingFactory(date=timezone.localdate()))

    call_command("make_bulk_data", *SIZE, verbosity=0)

    numbers = Action.objects.filter(year=first.year).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert ReferenceCounter.objects.get(year=first.year).last == len(numbers)


def test_the_same_seed_gives_the_same_rows(db: None) -> None:
    today = dt.date(2026, 3, 11)

    assert rows(seed=1, today=today) == rows(seed=1, today=today)
    assert rows(seed=1, today=today) != rows(seed=2, today=today)


def rows(*, seed: int, today: dt.date) -> list[list[tuple]]:
    """What is written, but for ids, and taken back."""
    with transaction.atomic():
        bulk = Bulk(rng=Random(seed), today=today, meetings=6, actions=60)
        bulk.make_registers()
        bulk.make_meetings()
        for _ in bulk.make_actions():
            pass
        written = [
            sorted(User.objects.values_list("email", "name", "role", "password")),
            sorted(
                Meeting.objects.values_list("title", "date", "state", "themes__name")
            ),
            sorted(Attendee.objects.values_list("meeting__date", "person__name")),
            sorted(AgendaItem.objects.values_list("meeting__date", "heading", "notes")),
            sorted(
                Action.objects.values_list(
                    "year", "number", "text", "status", "item__heading", "created_at"
                )
            ),
            sorted(
                Update.objects.values_list(
                    "action__year", "action__number", "at", "what", "text", "due_kind"
                )
            ),
        ]
        transaction.set_rollback(True)
    return written


@pytest.mark.parametrize("size", [["--meetings=1"], ["--actions=0"]])
def test_too_little_is_refused_with_a_sentence(db: None, size: list[str]) -> None:
    with pytest.raises(CommandError, match="at least two meetings"):
        call_command("make_bulk_data", *size)
