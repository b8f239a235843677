"""What the tests of actions share: addresses, fields, and a timeline replayed."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from actions.lifecycle import Move
from actions.models import Action, Due

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)
DECIDED = {
    "decided_by": "John Campion",
    "decided_on": f"{TODAY:%d/%m/%Y}",
    "decided_how": "email",
}


def url(name: str, action: Action, *more) -> str:
    return reverse(name, args=[action.year, action.number, *more])


def move_url(action: Action, move: Move) -> str:
    return url("action_move", action, move.value)


def fields(move: Move) -> dict:
    """What a move's form needs beside the decision."""
    return {
        Move.HOLD: {"until": f"{SOON:%d/%m/%Y}"},
        Move.REDATE: {"due_kind": "date", "due_on": f"{SOON:%d/%m/%Y}"},
        Move.REPLACE: {"replacements": "First half\nSecond half\n"},
    }.get(move, {})


def replayed(action: Action) -> tuple[str, Due, dt.date | None]:
    """Status, due and hold as the timeline alone tells them."""
    status, due, look_again = "", Due(), None
    for update in action.updates.order_by("at", "id"):
        if update.status:
            status, look_again = update.status, update.look_again_on
        if update.due_kind:
            due = update.due
    return status, due, look_again
