"""When a meeting was held: its day, with a year that may not be printed, and times."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from meetings.reader.minutes import Clock, Day
from meetings.reader.text.printed import (
    PrintedDay,
    days_in,
    has_misread_figures,
    times_in,
)
from meetings.reader.text.rows import Row

_OF_ANOTHER = re.compile(
    r"\b(?:birth|born|issued|printed|dated|approved|circulated|prepared|signed|as at"
    r"|draft|amended|last|previous|actions? from|next|following|since|until"
    r"|published|compiled|updated?|version|due|deadline|reach)\b",
    re.IGNORECASE,
)
_CLOSED_AT = re.compile(
    r"\b(?:meeting|chair|session|call|panel|committee)\b.{0,30}?"
    r"\b(?:closed|ended|finished|concluded|rose)\b[^.]{0,40}?\bat\s",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:\s*/\s*(\d\d))?(?!\d)")
_REF_YEAR = re.compile(r"\d{1,2}/\d{1,2}/\d{1,2}/((?:19|20)\d\d)\b")
_DATED_REF = re.compile(r"ref\w*\W+\d+/(\d{1,2})/(\d{1,2})/(20\d\d)", re.IGNORECASE)
_OF_A_LETTER = re.compile(r"(?:from|sent|to|cc):\s", re.IGNORECASE)
_LONGEST_HEAD = 60  # rows
_MEETING = re.compile(
    r"\b(?:meeting|minutes?|notes?|board|panel|forum|committee|group|agenda|session)\b",
    re.IGNORECASE,
)
_HELD = re.compile(r"(?:^|\b)(?:meeting\s+)?(?:to be )?held\b", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """What stands behind a label, with its row."""

    value: str
    row: Row


def date_of(
    rows: Sequence[Row], head: Sequence[Row], told: dict[str, list[Told]]
) -> Day | None:
    """The day of the meeting: behind its label, else the first of the top, else that
    of a reference.
    """
    for name in ("date", "time"):
        for one in told.get(name, ()):
            for day in days_in(one.value):
                return _with_year(day, one.row, rows, head)
    for row in head:
        if _OF_A_LETTER.match(row.words):
            continue
        for day in days_in(row.words):
            if not _is_of_another(row.words, day):
                found = _with_year(day, row, rows, head)
                if found and not found.doubt and not _is_the_day(row.words, day):
                    said = "The text does not say that this is the day of the meeting."
                    return replace(found, doubt=said)
                return found
    for row in rows:
        match = _DATED_REF.match(row.text)
        parts = [int(part) for part in reversed(match.groups())] if match else []
        if parts and (value := _day(*parts)):
            return Day(value, row.number, "The date is taken from a reference.")
    return None


def _is_the_day(words: str, day: PrintedDay) -> bool:
    """Whether a line is about when the meeting was."""
    return day.start == 0 or bool(_HELD.search(words) or _MEETING.search(words))


def _is_of_another(words: str, day: PrintedDay) -> bool:
    """Whether the words around a date say that it is not that of this meeting."""
    before, after = words[: day.start], words[day.end :]
    if re.match(r"\W{0,3}(?:was |were )?(?:approved|agreed|signed|confirmed)\b", after):
        return True
    if re.search(r"(?:last|previous|next)\b", before[-40:], re.IGNORECASE):
        return True
    return bool(_OF_ANOTHER.search(before[-40:]) and not _HELD.search(before[-60:]))


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _with_year(
    day: PrintedDay, row: Row, rows: Sequence[Row], head: Sequence[Row]
) -> Day | None:
    """The date; a year that is not printed comes from the title, a reference or, if
    the weekday agrees with one alone, from anywhere in the text.
    """
    names = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
    if day.date is not None:
        doubt = ""
        if day.weekday is not None and day.date.weekday() != day.weekday:
            doubt = (
                f"The text says {names[day.weekday]}, but that day was a "
                f"{names[day.date.weekday()]}."
            )
        if has_misread_figures(row.words[max(0, day.start) : day.end]):
            doubt = (
                doubt or "A letter in it is read as a figure, as scanners mix them up."
            )
        return Day(day.date, row.number, doubt)
    for years, source in _years(day, rows, head):
        fitting = [
            value
            for year in years
            if (value := day.in_year(year))
            and (day.weekday is None or value.weekday() == day.weekday)
        ]
        if len(fitting) == 1:
            agrees = day.weekday is not None
            doubt = "" if agrees else f"The year is not printed; {source} says it."
            return Day(fitting[0], row.number, doubt)
    return None


def _years(
    day: PrintedDay, rows: Sequence[Row], head: Sequence[Row]
) -> Iterator[tuple[list[int], str]]:
    """Years that may be meant, the surest source first."""
    refs = dict.fromkeys(
        int(match[1]) for row in rows for match in _REF_YEAR.finditer(row.words)
    )
    title = _years_in(head[:6])
    yield title, "the title"
    yield list(refs), "the references"
    yield _years_in(head), "the heading"
    yield _years_in(rows), "another date in the text"


def _years_in(rows: Sequence[Row]) -> list[int]:
    years: dict[int, None] = {}
    for row in rows:
        for match in _YEAR.finditer(row.words):
            years[int(match[1])] = None
            if match[2]:
                years[int(match[1][:2] + match[2])] = None
        for day in days_in(row.words):
            if day.year:
                years[day.year] = None
    return list(years)


def times_of(
    rows: Sequence[Row],
    head: Sequence[Row],
    told: dict[str, list[Told]],
    date: Day | None,
) -> tuple[Clock | None, Clock | None]:
    """When it began and ended; the end may be said at the very end."""
    start: Clock | None = None
    end: Clock | None = None
    for name in ("time", "date"):
        for one in told.get(name, ()):
            for times in times_in(one.value):
                start = start or Clock(times.begin, one.row.number)
                if times.until:
                    end = end or Clock(times.until, one.row.number)
    for one in told.get("end", ()):
        for times in times_in(one.value):
            end = end or Clock(times.begin, one.row.number)
    if start is None:
        near = [row for row in head if date and abs(row.number - date.line) <= 4]
        near.sort(key=lambda row: abs(row.number - (date.line if date else 0)))
        for row in [*near, *head]:
            if _OF_A_LETTER.match(row.words):
                continue
            if found := times_in(row.words):
                start = Clock(found[0].begin, row.number)
                break
    if start is not None and end is None:
        for row in head[:_LONGEST_HEAD]:
            for times in times_in(row.words):
                if times.begin == start.value and times.until:
                    return start, Clock(times.until, row.number)
    if end is None:
        for row in reversed(rows):
            match = _CLOSED_AT.search(row.words)
            found = times_in(row.words[match.end() - 3 :]) if match else []
            if found:
                return start, Clock(found[0].begin, row.number)
    return start, end
