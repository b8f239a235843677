"""The reasons for which an action is on a list, in words.

Reads what ``with_flags`` and ``for_rows`` added to an action; decides nothing itself.
"""

import datetime as dt

from actions.flags import Reason
from actions.models import Action, DueKind, Review
from assurance.calendar import day_in_words
from meetings.models import Meeting

# How much of somebody's own reason a list shows.
REASON_SHOWN = 160

TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times"}


def times(count: int) -> str:
    return TIMES.get(count, f"{count} times")


def shortened(text: str, length: int) -> str:
    """The beginning of a text, cut between words."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0] + "…"


def days_in_words(on: dt.date, since: dt.date | None) -> str:
    """How long since that day: "1 day", "12 days"."""
    days = (on - since).days if since else 0
    return "1 day" if days == 1 else f"{days} days"


def reasons(action: Action, *, on: dt.date, meeting: Meeting | None) -> list[str]:
    """Every reason that applies, the one it is listed under first.

    ``on`` is the day the list is as at: today, or an earlier meeting's day.
    """
    words = {
        Reason.AWAITING: _awaiting(action),
        Reason.OVERDUE: _overdue(action, on),
        Reason.DUE_BY: _due_by(action, meeting),
        Reason.BROUGHT_FORWARD: _brought_forward(action),
        Reason.INCOMPLETE: _incomplete(action),
    }
    return [text for reason in Reason for text in words[reason]]


def _awaiting(action: Action) -> list[str]:
    return ["Closure proposed"] * action.is_proposed + (
        ["A change is asked for"] * action.asks_something
    )


def _overdue(action: Action, on: dt.date) -> list[str]:
    if not action.is_overdue or action.due_date is None:
        return []
    late = f"{days_in_words(on, action.due_date)} overdue"
    if action.times_moved:
        late += f"; date moved {times(action.times_moved)}"
    return [late]


def _due_by(action: Action, meeting: Meeting | None) -> list[str]:
    if not action.is_due_by or action.due_date is None:
        return []
    if meeting and action.due_at_id == meeting.pk:
        return ["Due at this meeting"]
    return [f"Due on {day_in_words(action.due_date)}"]


def _brought_forward(action: Action) -> list[str]:
    found = []
    if action.brought_because is not None:
        because = shortened(action.brought_because, REASON_SHOWN)
        found.append(f"Brought forward: {because}")
    if action.left_over == Review.Outcome.CARRIED:
        found.append("Carried forward by the last review")
    if action.left_over == Review.Outcome.NOT_REACHED:
        found.append("Not reached at the last review")
    if action.hold_ended and action.look_again_on:
        found.append(f"Its hold ended on {day_in_words(action.look_again_on)}")
    return found


def _incomplete(action: Action) -> list[str]:
    found = []
    if action.has_no_due:
        found.append("No due date")
    if action.has_no_owner:
        found.append("No owner")
    if action.waits:
        found.append(waits_for(action))
    return found


def waits_for(action: Action) -> str:
    """ "Waits for a meeting on Workforce; none is planned"."""
    match action.due_kind:
        case DueKind.THEME:
            return f"Waits for a meeting on {action.due_theme}; none is planned"
        case DueKind.TYPE:
            return f"Waits for the next {action.due_type}; none is planned"
    return "Waits for another meeting; the one it was due at was cancelled"
