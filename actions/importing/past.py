"""Actions of before this register, written down with their past: many at once.

What ``raise_action`` and the moves of one action write in turn is written here row by
row of each table, since a tracker of ten years has thousands. The timeline replays to
the present just the same.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from actions.lifecycle import Status
from actions.models import Action, Decision, Due, Owner, ReferenceCounter, Update
from assurance.models import User
from meetings.models import Meeting
from meetings.operations import lock_editable

_BATCH = 500


@dataclass(frozen=True)
class Past:
    """One action to be. ``where`` is its meeting and item or its source; ``said`` the
    first entry of its timeline, ``update`` what was said of the work since.

    ``first_due`` is what it was due before that was revised. Unless it is open,
    ``status`` is closed or on hold until ``look_again_on``, with whose decision it
    records and the words for that.
    """

    number: int
    text: str
    where: Mapping[str, Any]
    owners: Sequence[Owner] = ()
    due: Due = field(default_factory=Due)
    first_due: Due | None = None
    due_words: str = ""
    older_reference: str = ""
    said: str = ""
    update: str = ""
    provided_by: str = ""
    status: str = Status.OPEN
    look_again_on: dt.date | None = None
    decision: Decision | None = None
    why: str = ""


@transaction.atomic
def write_past(rows: Sequence[Past], *, by: User, at: dt.datetime) -> list[Action]:
    """All of these, in their order, not issued. Raises ``ValidationError`` naming the
    rows, and then none is written.
    """
    for meeting in _meetings(rows):
        lock_editable(meeting)
    actions = [_action(row) for row in rows]
    _refuse(rows, actions)
    _number(actions)
    bulk_create_with_history(
        actions, Action, batch_size=_BATCH, default_user=by, default_date=at
    )
    owners = [
        owner
        for row, action in zip(rows, actions, strict=True)
        for owner in _owners(row, action)
    ]
    bulk_create_with_history(
        owners, Owner, batch_size=_BATCH, default_user=by, default_date=at
    )
    Update.objects.bulk_create(
        [
            entry
            for row, action in zip(rows, actions, strict=True)
            for entry in _timeline(row, action, by=by, at=at)
        ],
        batch_size=_BATCH,
    )
    return actions


def _meetings(rows: Sequence[Past]) -> list[Meeting]:
    """Those where rows were raised, each once, in the order everybody locks them."""
    found = {m.pk: m for row in rows if (m := row.where.get("meeting")) is not None}
    return [found[pk] for pk in sorted(found)]


def _action(row: Past) -> Action:
    action = Action(
        text=row.text,
        older_reference=row.older_reference,
        due_words=row.due_words,
        status=row.status,
        look_again_on=row.look_again_on,
        **row.where,
    )
    action.due = row.due
    action.year = action.raised_on.year
    return action


def _refuse(rows: Sequence[Past], actions: Sequence[Action]) -> None:
    wrong: list[str] = []
    for row, action in zip(rows, actions, strict=True):
        for due in filter(None, (row.first_due, row.due)):
            try:
                action.check_due(due)
            except ValidationError as refusal:
                wrong += [f"Row {row.number}: {why}" for why in refusal.messages]
    if wrong:
        raise ValidationError(wrong[:20])


def _number(actions: Sequence[Action]) -> None:
    """The next references of each year, in the order of the rows."""
    counts = Counter(action.year for action in actions)
    following = {}
    for year in sorted(counts):  # as everybody who takes several locks them
        following[year] = ReferenceCounter.take(year, counts[year])
    for action in actions:
        action.number = following[action.year]
        following[action.year] += 1


def _owners(row: Past, action: Action) -> Iterator[Owner]:
    seen: set[tuple[int, str, int | None]] = set()
    for owner in row.owners:
        key = (owner.organisation_id, owner.post, owner.person_id)
        if key not in seen:
            owner.action, owner.leads = action, not seen
            seen.add(key)
            yield owner


def _timeline(
    row: Past, action: Action, *, by: User, at: dt.datetime
) -> Iterator[Update]:
    what = Update.What
    raised = Update(
        action=action,
        what=what.RAISED,
        author=by,
        at=at,
        text=row.said,
        status=Status.OPEN,
        meeting=action.meeting,
    )
    raised.due = row.first_due or row.due
    yield raised
    if row.first_due is not None:
        revised = Update(
            action=action,
            what=what.DUE_SET,
            author=by,
            at=at,
            text="Revised before this register",
        )
        revised.due = row.due
        yield revised
    if row.update:
        yield Update(
            action=action,
            what=what.UPDATE,
            author=by,
            at=at,
            text=row.update,
            provided_by=row.provided_by,
        )
    if row.decision is not None:
        yield Update(
            action=action,
            what=what.CLOSED if row.status == Status.CLOSED else what.HELD,
            author=by,
            at=at,
            text=row.why,
            status=row.status,
            look_again_on=row.look_again_on,
            decided_by=row.decision.by,
            decided_on=row.decision.on,
            decided_how=row.decision.how,
        )
