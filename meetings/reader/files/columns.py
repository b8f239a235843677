"""What the columns of a tracker are: where its headings stand, and what they mean."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meetings.reader.files.sheets import SheetRow
from meetings.reader.phrases.due_days import MONTHS
from meetings.reader.text.printed import days_in
from meetings.reader.text.tables import column_called

# Ours, as the page calls them, in the order they are offered.
COLUMNS = {
    "reference": "Reference",
    "action": "Action",
    "owner": "Owner",
    "due": "Due",
    "new_due": "New or revised due",
    "status": "Status",
    "update": "Update or comment",
    "raised_on": "Date raised, or of the meeting",
    "item": "Meeting or item",
    "closed_on": "Date closed",
}
# The only one that several columns of a file may be.
SEVERAL = "update"

_LOOKED_AT = 40  # rows at the top, for the headings
# What a heading says by itself, beside what those of a table in minutes say.
_FINER = {
    "closed_on": r"(?:date )?(?:closed|discharged|completed|signed off)(?: on| date)?"
    r"|(?:date of )?closure(?: date)?|date (?:of )?(?:completion|closed|completed)"
    r"|actual completion(?: date)?",
    "raised_on": r"(?:date )?(?:raised|opened|logged|created|agreed|set)(?: on| date)?"
    r"|date|meeting date|date of (?:the )?meeting|date (?:first )?(?:raised|set|added)",
    "new_due": r"(?:new|revised|extended|amended|updated|current)"
    r"(?: due| target| completion)?(?: date| deadline)?",
    "due": r"(?:original |initial |first |agreed )?(?:due|target|completion)"
    r"(?: completion)?(?: dates?| by)?|deadlines?|timescales?|complete by|required by",
    "update": r"(?:(?:latest|current|last|progress) )?(?:progress|updates?|comments?"
    r"|notes?|outcomes?|responses?|commentary|position|narrative|remarks?)"
    r"(?: (?:notes?|updates?|to date|report))?|action taken|what was done",
    "status": r"(?:current |overall |action )?(?:status|state"
    r"|b?rag(?: (?:rating|status))?|open or closed|closed\?|complete\??)",
    "reference": r"(?:action |tracker |unique )?(?:no\.?|nr\.?|ref(?:erence)?\.?|number"
    r"|id|#)(?: (?:no\.?|number))?|s\.?no\.?",
    "action": r"(?:agreed |outstanding )?actions?(?: (?:item|title|detail|details|text"
    r"|to take|needed))?|tasks?|descriptions?(?: of (?:the )?action)?"
    r"|what (?:is )?(?:needed|required|to be done)|recommendations?",
    "owner": r"(?:action |lead |responsible )?(?:owners?|officers?|persons?)"
    r"(?: responsible)?|who(?: is responsible)?|by whom|allocated to|owned by"
    r"|accountable(?: officer| lead)?|lead (?:person|agency|organisation|force)",
}
_SAYS = {
    name: re.compile(words + r"[\s:.?]*", re.IGNORECASE)
    for name, words in _FINER.items()
}
# What a word of a longer heading suggests, the surest first.
_SUGGESTS = [
    ("closed_on", re.compile(r"\bdate\b.*\b(?:closed|complete|completed)\b", re.I)),
    ("new_due", re.compile(r"\b(?:revised|extended)\b", re.I)),
    ("due", re.compile(r"\b(?:due|deadline|target|by when|timescale)\b", re.I)),
    ("raised_on", re.compile(r"\b(?:raised|date of|meeting date)\b", re.I)),
    ("owner", re.compile(r"\b(?:owners?|lead|whom|responsib\w+|assigned)\b", re.I)),
    ("update", re.compile(r"\b(?:progress|updates?|comments?|commentary)\b", re.I)),
    ("status", re.compile(r"\b(?:status|b?rag)\b", re.I)),
    ("reference", re.compile(r"\b(?:ref|reference|number)\b", re.I)),
    ("item", re.compile(r"\b(?:meeting|item|board|source|forum)\b", re.I)),
    ("action", re.compile(r"\bactions?\b", re.I)),
]
_MONTH_ALONE = re.compile(
    r"(?:[a-z .,:–-]*\b)?(?P<month>january|february|march|april|may|june|july|august"
    r"|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov"
    r"|dec)\b\.?,?\s+(?P<year>(?:19|20)\d\d)\W*(?:meeting|actions?)?\W*",
    re.IGNORECASE,
)
_DASHED = re.compile(r"\b(\d{1,2})-([A-Za-z]{3,9})-((?:19|20)?\d\d)\b")


@dataclass(frozen=True)
class Headings:
    """The row with the headings, as the spreadsheet numbers it, and what they say.

    ``meanings`` has for each column of the file one of ``COLUMNS`` or "".
    """

    row: int
    names: tuple[str, ...]
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """The day of a meeting; ``first_of_month`` where only its month is printed."""

    day: dt.date
    first_of_month: bool = False


def find_headings(rows: Sequence[SheetRow]) -> Headings | None:
    """The row near the top whose cells are most like headings of a tracker."""
    best, most = None, 1
    for row in rows[:_LOOKED_AT]:
        said = {_said_by(cell) for cell in row.cells} - {""}
        count = len(said) + ("action" in said)
        if count > most:
            best, most = row, count
    return headings_of(best) if best else None


def headings_of(row: SheetRow) -> Headings:
    return Headings(row.number, row.cells, _guessed(row.cells))


def heading_key(name: str) -> str:
    """A heading as it is remembered: "Action  Owner:" and "action owner" are one."""
    return " ".join(re.findall(r"[\w#]+", name.casefold()))


def _guessed(names: Sequence[str]) -> tuple[str, ...]:
    """Each of our columns once, the plainest heading first; updates may be several."""
    meanings = [""] * len(names)
    for guess in (_said_by, _suggested_by):
        for place, name in enumerate(names):
            meaning = guess(name)
            if meanings[place] or not meaning:
                continue
            if meaning == SEVERAL or meaning not in meanings:
                meanings[place] = meaning
    return tuple(meanings)


def _said_by(heading: str) -> str:
    words = _bare(heading)
    for name, pattern in _SAYS.items():
        if pattern.fullmatch(words):
            return name
    known = column_called(words)
    return {"from": "item"}.get(known, known)


def _suggested_by(heading: str) -> str:
    """By a part of it, else by a word in it."""
    words = _bare(heading)
    for part in re.split(r"\s*(?:[/&,]|\band\b|\bor\b| - )\s*", words):
        if said := _said_by(part):
            return said
    for name, pattern in _SUGGESTS:
        if pattern.search(words):
            return name
    return ""


def _bare(heading: str) -> str:
    """Without what is in brackets, on one line."""
    return " ".join(re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", heading).split())


def values_of(cells: Sequence[str], meanings: Sequence[str]) -> dict[str, list[int]]:
    """For each of our columns the places in the row that have something to say."""
    found: dict[str, list[int]] = {}
    for place, meaning in enumerate(meanings):
        if meaning and place < len(cells) and cells[place]:
            found.setdefault(meaning, []).append(place)
    return found


def is_group(cells: Sequence[str], meanings: Sequence[str]) -> bool:
    """Whether a row heads those beneath: one cell, and that is no action's, or says
    when a meeting was.
    """
    filled = [place for place, cell in enumerate(cells) if cell]
    if len(set(cells) - {""}) != 1:
        return False
    place = filled[0]
    is_action = place < len(meanings) and meanings[place] == "action"
    return not is_action or (
        len(cells[place]) <= 80 and held_on(cells[place]) is not None
    )


def is_headings_again(cells: Sequence[str], names: Sequence[str]) -> bool:
    return tuple(cells) == tuple(names)


def held_on(words: str) -> Held | None:
    """When a meeting was that is named so: "Meeting of 4 July 2012", "May 2012"."""
    for day in days_in(undashed(words)):
        if day.date:
            return Held(day.date)
    if match := _MONTH_ALONE.fullmatch(words.strip()):
        month = MONTHS.index(match["month"][:3].lower()) + 1
        return Held(dt.date(int(match["year"]), month, 1), first_of_month=True)
    return None


def iso_day(words: str) -> dt.date | None:
    """The day of a cell that holds nothing else, as ``sheets`` writes it."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", words, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(words)
    except ValueError:
        return None


def undashed(words: str) -> str:
    """ "30-Sep-12", as Excel writes days into CSV, is "30 Sep 2012"."""

    def spaced(match: re.Match[str]) -> str:
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        return f"{match[1]} {match[2]} {year}"

    return _DASHED.sub(spaced, words)


def remembered(
    names: Sequence[str], known: Mapping[str, str]
) -> tuple[str, ...] | None:
    """The meanings of exactly these headings, as somebody matched them before."""
    keys = keys_of(names)
    if not known or set(known) != set(keys):
        return None
    return tuple(known[key] if known[key] in COLUMNS else "" for key in keys)


def keys_of(names: Sequence[str]) -> list[str]:
    """A key for each heading; the second of one name is told from the first."""
    keys: list[str] = []
    for name in names:
        key, count = heading_key(name), 1
        while (numbered := f"{key}#{count}") in keys:
            count += 1
        keys.append(numbered)
    return keys
