"""The record of a meeting: all that its minutes say, as plain values.

Gathered from the database by ``actions.record``, kept as JSON in a ``MinutesVersion``,
and the only thing that pages and documents of minutes are made from. Nothing in it
refers to a row, so that what was agreed stays what it was.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cattrs.preconf.json import make_converter

from assurance.differences import Difference, compare
from meetings.models import Kind

_converter = make_converter()
_converter.register_unstructure_hook(dt.time, dt.time.isoformat)
_converter.register_structure_hook(dt.time, lambda kept, _: dt.time.fromisoformat(kept))

_AT_A_GLANCE = 160  # characters


@dataclass(frozen=True)
class Seat:
    """Somebody at the meeting in their capacity of the day."""

    name: str
    capacity: str = ""
    abbreviation: str = ""
    organisation: str = ""
    organisation_short: str = ""
    attendance: str = ""  # a value of Attendee.Attendance
    role: str = ""  # a value of Attendee.Role
    listed: bool = True
    named_publicly: bool = True
    standing_in_for: str = ""
    joined: str = ""  # the heading of the item at which they came
    left: str = ""
    note: str = ""
    # Taken out by an amendment: it keeps its place, so that earlier minutes can be
    # compared with these, and is printed nowhere.
    taken_out: bool = False

    def __str__(self) -> str:
        return f"{self.name}, {self.capacity}" if self.capacity else self.name

    @property
    def for_how_long(self) -> str:
        """ "joined at 2 Workforce, left at 4 AOB", or "for part of the meeting"."""
        parts = [
            f"{word} at {heading}"
            for word, heading in (("joined", self.joined), ("left", self.left))
            if heading
        ]
        if self.attendance == "part" and not parts:
            return "for part of the meeting"
        return ", ".join(parts)


@dataclass(frozen=True)
class Owner:
    """Whose an action is; the first of several leads."""

    organisation: str
    post: str = ""
    person: str = ""

    def __str__(self) -> str:
        parts = (self.organisation, self.post, self.person)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class ActionLine:
    """An action as the minutes print it, and how it stood then."""

    reference: str
    text: str
    other_wording: str = ""
    owners: tuple[Owner, ...] = ()
    due: str = ""  # "4 September 2020", "at the next meeting on Workforce"
    due_words: str = ""  # as minuted: "in a month"
    status: str = ""  # "Open", "Closed on 3 May 2026"
    item: int | None = None  # the key of the item it was raised at
    withheld: bool = False
    withheld_reason: str = ""
    not_used: bool = False  # withdrawn before it was issued

    @property
    def due_in_full(self) -> str:
        """ "4 September 2020 (“in a month”)"; nothing when nothing was said of it."""
        quoted = f"“{self.due_words}”" if self.due_words else ""
        if self.due:
            return f"{self.due} ({quoted})" if quoted else self.due
        return f"{quoted}, no date" if quoted else ""


@dataclass(frozen=True)
class Reviewed:
    """What the meeting made of an action on its list, and what took its place."""

    reference: str
    text: str
    outcome: str  # "Carried forward, due 3 May 2026"
    note: str = ""
    made: tuple[ActionLine, ...] = ()
    withheld: bool = False
    withheld_reason: str = ""


@dataclass(frozen=True)
class Item:
    """An item of the agenda with what was said and decided at it."""

    key: int
    heading: str
    number: str = ""
    depth: int = 0
    kind: str = Kind.THEMED.value
    theme: str = ""
    lead: str = ""
    restricted: bool = False
    withheld: bool = False
    withheld_reason: str = ""
    notes: str = ""
    decisions: str = ""  # one on each line
    assurance: str = ""  # "Partly assured"
    papers: tuple[str, ...] = ()

    @property
    def numbered_heading(self) -> str:
        return f"{self.number} {self.heading}".strip()

    @property
    def decision_lines(self) -> list[str]:
        return [line for line in self.decisions.splitlines() if line.strip()]


@dataclass(frozen=True)
class Following:
    """The next meeting as these minutes confirm it."""

    title: str
    date: dt.date
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""


@dataclass(frozen=True)
class Change:
    """From what to what an amendment changed one thing, in the words of the minutes;
    blank where there was nothing, or is nothing any more.
    """

    what: str  # "Notes", "Capacity of John Campion"
    before: str
    after: str

    @property
    def is_long(self) -> bool:
        """Too long to be read at a glance, so that what differs has to be marked."""
        longest = max(self.before, self.after, key=len)
        both = bool(self.before and self.after)
        return both and (len(longest) > _AT_A_GLANCE or "\n" in longest)

    @property
    def difference(self) -> Difference:
        """Before as mine, after as theirs."""
        return compare("", self.what, self.before, self.after)


@dataclass(frozen=True)
class Amendment:
    """What was changed after the minutes were agreed.

    ``changes`` may quote what is withheld, or what was taken out because it had to be:
    it is never published. Amendments kept before changes were have none.
    """

    what: str
    why: str
    by: str
    on: dt.date
    item: int | None = None  # the key of the item, if it was one
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Record:
    """All of it. ``edited`` is said of a public version from which something is
    withheld: the reasons, in words.
    """

    title: str
    date: dt.date
    type: str = ""
    themes: tuple[str, ...] = ()
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""
    held: str = ""  # "Hybrid: in a room and online"; blank when in person
    in_public: bool = False
    marking: str = ""
    office: str = ""
    seats: tuple[Seat, ...] = ()
    items: tuple[Item, ...] = ()
    actions: tuple[ActionLine, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()
    not_reached: tuple[str, ...] = ()  # references
    # Of minutes that were agreed at this meeting: a sentence for each.
    last_minutes: tuple[str, ...] = ()
    following: Following | None = None
    agreement: str = ""  # "Agreed at the meeting of 3 May 2026, as presented"
    amendments: tuple[Amendment, ...] = ()
    edited: tuple[str, ...] = ()
    withheld_actions: int = 0

    def item(self, key: int) -> Item | None:
        return next((item for item in self.items if item.key == key), None)

    def with_item(self, changed: Item) -> "Record":
        """The same record with one of its items as it is now."""
        items = tuple(changed if one.key == changed.key else one for one in self.items)
        return replace(self, items=items)

    def words(self) -> str:
        """All its text, to search in; not what amendments took out."""
        return "\n".join(_texts(_converter.unstructure(self)))


def to_json(record: Record) -> dict[str, Any]:
    """What is kept. Reads back equal by ``from_json``."""
    return dict(_converter.unstructure(record))


def from_json(kept: dict[str, Any]) -> Record:
    """What was kept, by this version of the program or an earlier one."""
    return _converter.structure(kept, Record)


_NOT_TEXT = {"kind", "attendance", "role", "withheld_reason", "date", "start", "end"}


def _texts(value: Any, name: str = "") -> Iterable[str]:
    if isinstance(value, str) and value and name not in _NOT_TEXT:
        yield value
    elif isinstance(value, dict) and not value.get("taken_out"):
        for key, one in value.items():
            if key != "changes":
                yield from _texts(one, key)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, name)
