"""What was understood of old minutes: plain values, each with the line it came from.

``None`` and "" stand for what is not printed. A ``doubt`` is a sentence on why a value
needs a look before it is kept; it is empty where the text is plain.
"""

import datetime as dt
from dataclasses import dataclass, field

from meetings.reader.phrases.due_phrases import DueSense


@dataclass(frozen=True)
class Words:
    """Some words of the text, as printed."""

    value: str
    line: int
    doubt: str = ""


@dataclass(frozen=True)
class Day:
    value: dt.date
    line: int
    doubt: str = ""


@dataclass(frozen=True)
class Clock:
    value: dt.time
    line: int
    doubt: str = ""


@dataclass(frozen=True)
class Facts:
    """What the heading says of the meeting itself.

    ``type`` is a kind of meeting ("Monthly Assurance Meeting"), where the text names
    one; ``theme`` what the whole meeting is on, where it says so.
    """

    title: Words | None = None
    type: Words | None = None
    theme: Words | None = None
    date: Day | None = None
    start: Clock | None = None
    end: Clock | None = None
    venue: Words | None = None
    chairs: tuple[Words, ...] = ()
    minute_taker: Words | None = None


@dataclass(frozen=True)
class ReadAttendee:
    """Somebody named as there or as sending apologies.

    ``status`` is "present", "apologies", "part" or "absent"; ``role`` "chair",
    "minute_taker" or "". ``listed`` is false for whoever is only named as taking the
    minutes. ``organisation`` is as printed.
    """

    name: str
    line: int
    capacity: str = ""
    abbreviation: str = ""
    organisation: str = ""
    status: str = "present"
    role: str = ""
    listed: bool = True
    doubt: str = ""


@dataclass(frozen=True)
class ReadItem:
    """An item of the agenda, with what was noted under it.

    ``depth`` is 0 for the topmost. ``notes`` is in the small Markdown of minutes; the
    line ``[[action #3]]`` stands where the third of ``ReadMinutes.actions`` was
    agreed. ``restricted`` says that the text marks the item as closed. ``assurance``
    is "assured", "partly", "not_assured" or "". ``line`` is 0 for an item that the
    text implies and does not print.
    """

    heading: str
    line: int
    number: str = ""
    depth: int = 0
    notes: str = ""
    decisions: tuple[Words, ...] = ()
    assurance: str = ""
    lead: str = ""
    restricted: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class ReadAction:
    """Something to be done, as the text words it without its mark ("ACTION:").

    ``owner`` and ``due_text`` are words of the text; ``due_kind`` says what they mean
    and ``due_on`` the day, where it is one; ``due_name`` the meeting, where it is
    one. ``alternative_text`` is a second wording, of the summary at the end.
    ``earlier`` marks an action raised before this meeting: ``reference`` is how the
    text names it, ``update`` what it says of it, ``is_closed`` that it says it is
    done. ``item`` is a place in ``ReadMinutes.items``, or None.
    """

    text: str
    line: int
    alternative_text: str = ""
    alternative_line: int = 0
    owner: str = ""
    due_text: str = ""
    due_kind: DueSense | None = None
    due_on: dt.date | None = None
    due_name: str = ""
    item: int | None = None
    earlier: bool = False
    reference: str = ""
    update: str = ""
    is_closed: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class ReadNext:
    """The next meeting, as far as the text tells."""

    line: int
    type: str = ""
    date: dt.date | None = None
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Warned:
    """Something of the text that a person should look at: damage, what was left out."""

    line: int
    message: str


@dataclass(frozen=True)
class ReadMinutes:
    """All that was understood of one file. ``lines`` are the text, numbered from 1."""

    lines: tuple[str, ...]
    facts: Facts = field(default_factory=Facts)
    attendees: tuple[ReadAttendee, ...] = ()
    items: tuple[ReadItem, ...] = ()
    actions: tuple[ReadAction, ...] = ()
    next_meeting: ReadNext | None = None
    warnings: tuple[Warned, ...] = ()
