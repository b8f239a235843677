"""The tracker as data: its numbers and its rows, without a request.

The page, the home pages and every export read the same rows.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from actions.flags import Reason, as_at
from actions.lifecycle import RESOLVED, UNRESOLVED, Status
from actions.models import Action, Update
from actions.reasons import reasons, shortened, times
from assurance.calendar import day_in_words
from assurance.permissions import Permission, user_can
from meetings.models import Meeting
from meetings.withholding import worded_for

TEXT_SHOWN = 160
WORDS_SHOWN = 90

STATUS_COLOURS = {
    Status.OPEN: "blue",
    Status.PROPOSED: "purple",
    Status.ON_HOLD: "yellow",
    Status.CLOSED: "green",
    Status.REPLACED: "grey",
    Status.WITHDRAWN: "grey",
}


@dataclass(frozen=True)
class Tag:
    """A word with a colour; the word says it all."""

    text: str
    colour: str


@dataclass(frozen=True)
class Row:
    """One action as lists show it."""

    pk: int
    reference: str
    url: str
    text: str
    raised: str
    owners: list[str]
    due: str
    due_note: str
    tags: list[Tag]
    reasons: list[str]
    reason: Reason | None
    last_update_at: dt.datetime | None
    last_update: str
    last_update_by: str


@dataclass(frozen=True)
class Numbers:
    """How many actions an account sees, and how many of them need a look."""

    unresolved: int
    resolved: int
    overdue: int
    awaiting: int
    for_review: int
    due_by: int
    by_reason: dict[Reason, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return self.unresolved + self.resolved


def next_review(*, today: dt.date) -> Meeting | None:
    """The meeting that reviews the tracker next, or None when none is planned."""
    return Meeting.objects.for_review(today=today).select_related("type").first()


def numbers(user: Any, *, today: dt.date, meeting: Meeting | None) -> Numbers:
    """In two queries, however many actions there are."""
    visible = Action.objects.visible_to(user)
    resolved = visible.resolved().count()
    flagged = (
        visible.unresolved()
        .with_flags(today=today, meeting=meeting)
        .order_by()
        .values("reason", "is_overdue")
        .annotate(n=Count("pk"))
    )
    by_reason = dict.fromkeys(Reason, 0)
    unresolved = overdue = 0
    for group in flagged:
        unresolved += group["n"]
        overdue += group["n"] * group["is_overdue"]
        if group["reason"] is not None:
            by_reason[Reason(group["reason"])] += group["n"]
    return Numbers(
        unresolved=unresolved,
        resolved=resolved,
        overdue=overdue,
        awaiting=by_reason[Reason.AWAITING],
        for_review=sum(by_reason.values()),
        due_by=by_reason[Reason.DUE_BY],
        by_reason=by_reason,
    )


def rows(
    actions: Iterable[Action], *, user: Any, today: dt.date, meeting: Meeting | None
) -> list[Row]:
    """Rows of a page of actions that carry ``with_flags`` and ``for_rows``.

    One more query, for the latest word on each, if this account may see it: a liaison
    does not see what was said before the action was issued.
    """
    page = list(actions)
    on = as_at(today, meeting)
    latest = (
        Update.objects.visible_to(user)
        .with_whose()
        .in_bulk([a.last_update_id for a in page if a.last_update_id])
    )
    reads_all = user_can(user, Permission.READ_MINUTES)
    return [
        _row(
            action,
            latest.get(action.last_update_id),
            on,
            meeting,
            reads_all=reads_all,
        )
        for action in page
    ]


def _row(
    action: Action,
    latest: Update | None,
    on: dt.date,
    meeting: Meeting | None,
    *,
    reads_all: bool,
) -> Row:
    moved = f"moved {times(action.times_moved)}" if action.times_moved else ""
    return Row(
        pk=action.pk,
        reference=action.reference,
        url=action.get_absolute_url(),
        text=shortened(worded_for(action.text, reads_all=reads_all), TEXT_SHOWN),
        raised=raised_at(action, reads_all=reads_all),
        owners=[str(owner) for owner in action.owners.all()],
        due=due_in_words(action, short=True),
        due_note=moved,
        tags=tags(action),
        reasons=reasons(action, on=on, meeting=meeting) if action.reason else [],
        reason=Reason(action.reason) if action.reason else None,
        last_update_at=latest.at if latest else None,
        last_update=shortened(latest.text, WORDS_SHOWN) if latest else "",
        last_update_by=latest.said_by if latest else "",
    )


def raised_at(action: Action, *, reads_all: bool) -> str:
    """ "Leadership and culture, 4 August 2020", or where else it came from."""
    date = _short_day(action.raised_on)
    where = where_raised(action, reads_all=reads_all)
    return f"{shortened(where, 80)}, {date}"


def where_raised(action: Action, *, reads_all: bool) -> str:
    """Its agenda item, its meeting, or what else it came from."""
    if action.meeting is None:
        return action.source or action.get_source_kind_display()
    # A restricted item is not named to those who must not know of it.
    if action.item and not action.item.restricted:
        return worded_for(action.item.heading, reads_all=reads_all)
    return worded_for(str(action.meeting), reads_all=reads_all)


def due_in_words(action: Action, *, short: bool = False) -> str:
    """The day it falls due, or what it is tied to; ``short`` is for lists."""
    written = _short_day if short else day_in_words
    if action.due_date:
        date = written(action.due_date)
        return f"{date}, at the meeting" if action.due_at_id else date
    if not action.due.is_set:
        return "No due date"
    if action.due_meeting:
        return f"Meeting of {written(action.due_meeting.date)}, cancelled"
    words = action.due.in_words()
    return words[0].upper() + words[1:]


def _short_day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"


def tags(action: Action) -> list[Tag]:
    """Its status and whatever else is true of it now."""
    # A hold ends by itself on its date.
    status = Status.OPEN if action.hold_ended else Status(action.status)
    found = [Tag(status.label, STATUS_COLOURS[status])]
    if not action.is_issued and action.status not in RESOLVED:
        found.append(Tag("Not issued", "grey"))
    if not action.is_issued and action.status == Status.WITHDRAWN:
        # The number was given, so the register says what became of it.
        found.append(Tag("Not used", "grey"))
    if action.status in UNRESOLVED:
        if action.is_overdue:
            found.append(Tag("Overdue", "red"))
        elif action.is_due_soon:
            found.append(Tag("Due soon", "orange"))
        if action.last_move == Update.What.RETURNED:
            found.append(Tag("Returned", "pink"))
        elif not action.last_update_id:
            found.append(Tag("Not started", "turquoise"))
    return found
