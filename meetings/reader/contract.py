"""What was read in the words that scripts rely on, as ``read_minutes`` prints it.

Kept stable: a name or a form here changes for nobody's convenience.
"""

import datetime as dt
from typing import Any

from meetings.reader.minutes import (
    Clock,
    Day,
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    ReadNext,
    Words,
)


def as_contract(minutes: ReadMinutes) -> dict[str, Any]:
    """Days as "2020-09-04", times as "10:30"; what is not printed is None."""
    facts = minutes.facts
    return {
        "meeting": {
            "title": _value(facts.title),
            "type": _value(facts.type),
            "date": _value(facts.date),
            "start": _value(facts.start),
            "end": _value(facts.end),
            "venue": _value(facts.venue),
            "chair": facts.chairs[0].value if facts.chairs else None,
            "minute_taker": _value(facts.minute_taker),
        },
        "attendees": [_attendee(one) for one in minutes.attendees if one.listed],
        "agenda": [_item(item) for item in minutes.items if item.line],
        "actions": [_action(action, minutes.items) for action in minutes.actions],
        "next_meeting": _next(minutes.next_meeting or ReadNext(line=0)),
        "warnings": [
            {"line": warned.line, "message": warned.message}
            for warned in minutes.warnings
        ],
    }


def _value(fact: Words | Day | Clock | None) -> str | None:
    return _written(fact.value) if fact else None


def _written(value: str | dt.date | dt.time | None) -> str | None:
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return value or None


def _attendee(attendee: ReadAttendee) -> dict[str, Any]:
    return {
        "name": attendee.name,
        "capacity": attendee.capacity or None,
        "abbreviation": attendee.abbreviation or None,
        "organisation": attendee.organisation or None,
        "status": attendee.status,
    }


def _item(item: ReadItem) -> dict[str, Any]:
    return {"number": item.number or None, "heading": item.heading, "depth": item.depth}


def _action(action: ReadAction, items: tuple[ReadItem, ...]) -> dict[str, Any]:
    return {
        "text": action.text,
        "alternative_text": action.alternative_text or None,
        "owner": action.owner or None,
        "due_text": action.due_text or None,
        "due_on": _written(action.due_on),
        "due_kind": action.due_kind.value if action.due_kind else None,
        "heading": items[action.item].heading if action.item is not None else None,
        "line": action.line,
        "earlier": action.earlier,
    }


def _next(following: ReadNext) -> dict[str, Any]:
    return {
        "type": following.type or None,
        "date": _written(following.date),
        "start": _written(following.start),
        "end": _written(following.end),
        "venue": following.venue or None,
    }
