"""What is to be saved of one row of a tracker, and what its words say of its state."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cattrs.preconf.json import make_converter

from actions.importing.plan import CLOSED, OPEN
from meetings.reader.files.columns import SEVERAL, values_of

ON_HOLD = "on_hold"
NO_MEETING = "none"
# What may be written instead of the cells of a row.
MENDABLE = (
    "reference",
    "action",
    "owner",
    "due",
    "stands",
    "look_again_on",
    "update",
    "raised_on",
    "meeting",
)
_LONGEST_STATUS = 40  # characters; more is a comment as well

_ON_HOLD = re.compile(r"(?:on[ -]hold|paused|suspended|deferred|parked)\b", re.I)
_OPEN = re.compile(
    r"(?:re-?open(?:ed)?|open|on-?going|in progress|in hand|underway|under way|active"
    r"|live|new|started|outstanding|overdue|pending|due|delayed|at risk|wip|to do|tbc"
    r"|not (?:yet )?\w+|incomplete|part(?:ly|ially)?\b.*|on track|off track"
    r"|(?:to be )?(?:carried|carry|brought|bring) (?:over|forward)|[cb]/?fwd|[cb]/?f"
    r"|red|amber|yellow|green|[rag]$|no$|awaiting\b.*|recommend\w*\b.*|propose\w*\b.*"
    r"|to (?:be )?close\w*)\b",
    re.I,
)
_CLOSED = re.compile(
    r"(?:closed?|completed?|completion|done|discharged|achieved|finished|implemented"
    r"|delivered|resolved|signed off|actioned|cleared|yes$|withdrawn|superseded"
    r"|cancelled|replaced|no longer (?:required|needed|relevant))\b",
    re.I,
)
_NOT_REQUIRED = re.compile(r"not (?:required|needed|applicable)\b", re.I)


@dataclass(frozen=True)
class OwnerPlan:
    """An organisation and perhaps a post and a person, by their ids."""

    organisation: int
    post: str = ""
    person: int | None = None


@dataclass(frozen=True)
class DuePlan:
    """``kind`` is "none", "date" (``on``), "meeting", "theme" or "type" (``row``)."""

    kind: str = "none"
    on: dt.date | None = None
    row: int | None = None
    said: str = ""


@dataclass(frozen=True)
class LinePlan:
    """One action to be. ``first_due`` is what it was due before it was revised.

    ``errors`` keep the sheet from being saved; ``doubts`` are for a person to look at.
    ``remarks`` are what of the row is kept as words in the first entry of its timeline.
    """

    reference: str = ""
    text: str = ""
    owners: tuple[OwnerPlan, ...] = ()
    owners_said: str = ""
    owner_words: str = ""
    due: DuePlan = field(default_factory=DuePlan)
    first_due: DuePlan | None = None
    due_words: str = ""
    stands: str = OPEN
    look_again_on: dt.date | None = None
    raised_on: dt.date | None = None
    raised_words: str = ""
    meeting: int | None = None
    item: int | None = None
    raised_said: str = ""
    source: str = ""
    update: str = ""
    remarks: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def is_closed(self) -> bool:
        return self.stands == CLOSED


_converter = make_converter()


def plan_to_json(plan: LinePlan) -> dict[str, object]:
    found: dict[str, object] = _converter.unstructure(plan)
    return found


def plan_from_json(kept: Mapping[str, object]) -> LinePlan:
    return _converter.structure(kept, LinePlan)


@dataclass(frozen=True)
class Said:
    """The words of one row, by our columns; what somebody wrote stands instead."""

    words: Mapping[str, str]
    mended: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.mended.get(column, self.words.get(column, ""))


def said_by(
    cells: Sequence[str],
    *,
    meanings: Sequence[str],
    headings: Sequence[str],
    mended: Mapping[str, str],
) -> Said:
    """Several columns of updates are one text, each under its heading."""
    words = {}
    columns = values_of(cells, meanings)
    for name, places in columns.items():
        if name == SEVERAL and list(meanings).count(SEVERAL) > 1:
            parts = [f"{headings[place]}: {cells[place]}" for place in places]
        else:
            parts = [cells[place] for place in places]
        words[name] = "\n".join(parts)
    return Said(words, mended)


def stands_of(words: str) -> str:
    """``OPEN``, ``CLOSED``, ``ON_HOLD``, or "" where the words do not say."""
    words = words.strip(" .–-")
    if _ON_HOLD.match(words):
        return ON_HOLD
    if _NOT_REQUIRED.match(words):
        return CLOSED
    if _OPEN.match(words):
        return OPEN
    return CLOSED if _CLOSED.match(words) else ""


def is_more_than_a_status(words: str) -> bool:
    return len(words) > _LONGEST_STATUS or "\n" in words
