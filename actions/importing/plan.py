"""What is to be saved of old minutes: plain values that a page or a command fills in.

A row of a register is named by a choice: its id as text, ``new:Workforce`` for one to
be made, or "" for none. Parts of the plan name each other by ``key``, their number on
the checking page. Errors and doubts go by names such as ``seats-3`` and ``facts-date``.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

NEW = "new:"
OPEN, CLOSED = "open", "closed"
ANOTHER = "another"  # meeting on the same day
IN_NOTES, AS_NEW = "notes", "new"
NOT_CONFIRMED = "none"
SEAT, ORGANISATION = "seat:", "org:"


@dataclass(frozen=True)
class MeetingPlan:
    """The meeting. ``same_day`` is what another of its type on that day means: the id
    of the one to fill in, or ``ANOTHER``. ``old_actions`` is how its actions stand.
    """

    type: str = ""
    title: str = ""
    theme: str = ""
    date: dt.date | None = None
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""
    held: str = "in_person"
    same_day: str = ""
    old_actions: str = OPEN


@dataclass(frozen=True)
class SeatPlan:
    """Somebody named. ``person`` is an id, ``new``, or "" for whoever has that name."""

    key: int
    name: str = ""
    person: str = ""
    capacity: str = ""
    abbreviation: str = ""
    organisation: str = ""
    attendance: str = "present"
    role: str = ""
    listed: bool = True


@dataclass(frozen=True)
class ItemPlan:
    """An item. Where the third action was agreed its notes say ``[[action #3]]``."""

    key: int
    heading: str = ""
    number: str = ""
    depth: int = 0
    kind: str = "themed"
    theme: str = ""
    lead: str = ""
    notes: str = ""
    decisions: str = ""
    assurance: str = ""
    restricted: bool = False
    withheld_reason: str = ""


@dataclass(frozen=True)
class ActionPlan:
    """Something to be done.

    ``item`` is the key of an item. ``owners`` are ``seat:3`` or ``org:`` and a choice,
    the lead first. ``due`` is "none", "date" (``due_on``), "next" (of this type),
    "meeting:", "theme:" or "type:" and a choice. ``stands`` is ``OPEN`` or ``CLOSED``
    before this register, "" as the meeting's. Of an earlier action ``becomes`` says
    what it comes to: the id of one in the register, ``AS_NEW`` or ``IN_NOTES``.
    """

    key: int
    text: str = ""
    other_wording: str = ""
    item: str = ""
    owners: tuple[str, ...] = ()
    due: str = "none"
    due_on: dt.date | None = None
    due_words: str = ""
    older_reference: str = ""
    stands: str = ""
    earlier: bool = False
    becomes: str = AS_NEW
    update: str = ""
    closes: bool = False
    raised_on: dt.date | None = None


@dataclass(frozen=True)
class NextPlan:
    """The next meeting: the id of one, ``AS_NEW``, or ``NOT_CONFIRMED``."""

    becomes: str = NOT_CONFIRMED
    type: str = ""
    title: str = ""
    theme: str = ""
    date: dt.date | None = None
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""


@dataclass(frozen=True)
class Plan:
    meeting: MeetingPlan = field(default_factory=MeetingPlan)
    seats: tuple[SeatPlan, ...] = ()
    items: tuple[ItemPlan, ...] = ()
    actions: tuple[ActionPlan, ...] = ()
    next: NextPlan = field(default_factory=NextPlan)


@dataclass(frozen=True)
class Became:
    """What a line of the text became: a word for it, and the part of the plan."""

    line: int
    word: str
    part: str


@dataclass
class Proposal:
    """A plan with what is doubtful about it and the lines that it comes from.

    ``about`` names the fields of the part that a doubt is about, where they are known.
    """

    plan: Plan
    doubts: dict[str, list[str]] = field(default_factory=dict)
    about: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    became: list[Became] = field(default_factory=list)

    def doubt(self, part: str, sentence: str, *fields: str) -> None:
        said = sentence.rstrip(".")
        if said and said not in self.doubts.get(part, []):
            self.doubts.setdefault(part, []).append(said)
            self.about[part, said] = fields

    def comes_from(self, line: int, word: str, part: str) -> None:
        if line:
            self.lines.setdefault(part, line)
            self.became.append(Became(line, word, part))


def new_choice(words: str) -> str:
    return f"{NEW}{' '.join(words.split())}"


def new_names(choices: Iterator[str]) -> list[str]:
    """The names that choices would make rows of, each once."""
    found = (choice[len(NEW) :] for choice in choices if choice.startswith(NEW))
    return list(dict.fromkeys(found))
