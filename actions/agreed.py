"""What a meeting agreed should be done, to go round the same day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from actions.lifecycle import Status
from actions.models import Action
from actions.reviewing import made_at
from actions.tracker import due_in_words
from assurance.calendar import day_in_words
from meetings.models import Meeting
from meetings.withholding import worded_for


@dataclass(frozen=True)
class Agreed:
    reference: str
    url: str
    text: str
    owners: str
    due: str


@dataclass(frozen=True)
class ActionNote:
    """The issued actions of a meeting, and what is not among them."""

    title: str
    date: dt.date
    marking: str
    actions: tuple[Agreed, ...]
    not_used: tuple[str, ...]  # references of those dropped before they were issued
    not_issued: int
    restricted: int  # agreed at an item for the office only, so not to go round

    @property
    def heading(self) -> str:
        return f"Actions agreed on {day_in_words(self.date)}"

    def as_text(self) -> str:
        """To be pasted into an e-mail."""
        parts = [f"{self.heading}\n{self.title}"]
        parts += [
            f"{one.reference}\n{one.text}\nOwner: {one.owners}\nDue: {one.due}"
            for one in self.actions
        ]
        parts += [f"{reference}: not used" for reference in self.not_used]
        return "\n\n".join(parts)


def action_note(meeting: Meeting, *, user: Any) -> ActionNote:
    """What was agreed at its items and in its review, in reference order.

    In a constant number of queries.
    """
    at_its_items = Action.objects.visible_to(user).filter(meeting=meeting)
    raised = (
        Action.objects.filter(
            Q(pk__in=at_its_items.values("pk"))
            | Q(pk__in=made_at(meeting, user).values("pk"))
        )
        .with_ties()
        .select_related("item", "due_meeting", "due_theme", "due_type")
        .prefetch_related("owners__organisation", "owners__person")
        .order_by("year", "number")
    )
    issued = [action for action in raised if action.is_issued]
    others = [action for action in raised if not action.is_issued]
    open_to_all = [a for a in issued if not (a.item and a.item.restricted)]
    return ActionNote(
        title=str(meeting),
        date=meeting.date,
        marking=meeting.get_marking_display(),
        actions=tuple(_agreed(action) for action in open_to_all),
        not_used=tuple(a.reference for a in others if a.status == Status.WITHDRAWN),
        not_issued=sum(a.is_unresolved for a in others),
        restricted=len(issued) - len(open_to_all),
    )


def _agreed(action: Action) -> Agreed:
    owners = "; ".join(str(owner) for owner in action.owners.all())
    return Agreed(
        reference=action.reference,
        url=action.get_absolute_url(),
        text=worded_for(action.text, reads_all=False),
        owners=owners or "Nobody yet",
        due=due_in_words(action),
    )
