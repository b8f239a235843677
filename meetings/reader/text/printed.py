"""Days and times as minutes print them: "Tuesday 4th August, 10am", "14:00-16:00"."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b\.?,?\s{0,3}(?:the\s+)?"
)
_YEAR = (
    r"(?P<year>(?:19|20)\d\d|['’]\d\d"
    r"|\d\d(?=$|[,;)]|\.(?:\s|$)|\s+(?:at|from|in)\b))"
)
_DAYS = [
    # 4 August 2020, Tuesday 4th August, the 3rd of May 2022, 13th August2019
    re.compile(
        rf"(?:\b{_WEEKDAY})?(?<![\d/.])(?P<day>[0-3]?\d)\s?(?:st|nd|rd|th)?"
        rf"(?:\s+day)?\s{{0,3}}(?:of\s+)?\b{_MONTH}(?![a-z])"
        rf"(?:[,\s]{{0,4}}{_YEAR}(?!\d))?",
        re.IGNORECASE,
    ),
    # March 12 2024, March 12th, 2024
    re.compile(
        rf"(?:\b{_WEEKDAY})?\b{_MONTH}\s{{1,3}}(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
        rf"(?![\d:.])[,\s]{{1,4}}{_YEAR}(?!\d)",
        re.IGNORECASE,
    ),
    # 2024-03-12
    re.compile(
        r"(?P<weekday>\b)(?<![\d/.-])(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)"
        r"-(?P<day>[0-3]\d)(?![\d-])"
    ),
    # 12/03/2024, 12.3.24, 12-03-2024
    re.compile(
        rf"(?:\b{_WEEKDAY})?(?<![\d/.£-])(?P<day>[0-3]?\d)(?P<sep>[/.-])"
        r"(?P<month>[01]?\d)(?P=sep)(?P<year>(?:19|20)\d\d|\d\d)(?![\d/-]|\.\d)",
        re.IGNORECASE,
    ),
]
_MISREAD = re.compile(
    r"(?<=\d)[lIO](?=\d|\b)|(?<![A-Za-z])[lI](?=\d|[lI]?\s(?:January|February|March|April"
    r"|May|June|July|August|September|October|November|December)\b)"
    r"|(?<=\b[lI])[lI](?=\s(?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b)"
)
_HOUR = (
    r"(?<![\d:.,/£-])(?P<{0}h>[012]?\d)(?:[:.](?P<{0}m>[0-5]\d)|(?P<{0}m2>[0-5]\d)"
    r"(?=\s?h|\s?[-–]\s?[0-2]\d[0-5]\d\s?h))?"
    r"\s?(?P<{0}half>a\.?m\b\.?|p\.?m\b\.?|noon\b|midday\b|h(?:ou)?rs?\b|h\b)?"
)
_TIMES = re.compile(
    _HOUR.format("a").replace("(?<![\\d:.,/£-])", "(?<![\\d:.,/£])(?<!\\d-)")
    + r"(?:\s{0,3}(?:-|–|—|to|until|till)\s{0,3}"
    + r"(?:(?P<noon>noon|midday)\b|"
    + _HOUR.format("b").replace("(?<![\\d:.,/£-])", "")
    + r"))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PrintedDay:
    """A day as printed; ``year`` is None where it is not; ``weekday`` 0 is Monday."""

    day: int
    month: int
    year: int | None
    weekday: int | None
    start: int
    end: int

    def in_year(self, year: int) -> dt.date | None:
        """That day of a year, if there is one."""
        try:
            return dt.date(year, self.month, self.day)
        except ValueError:
            return None

    @property
    def date(self) -> dt.date | None:
        return None if self.year is None else self.in_year(self.year)


@dataclass(frozen=True)
class PrintedTimes:
    """When something starts and, if that is printed, ends."""

    begin: dt.time
    until: dt.time | None
    start: int
    end: int


def days_in(text: str) -> list[PrintedDay]:
    """Each day a text prints, in its order."""
    text = with_figures(text)
    found: list[PrintedDay] = []
    taken = bytearray(len(text))
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            if day := _day_of(match):
                found.append(day)
                taken[match.start() : match.end()] = b"1" * len(match[0])
    return sorted(found, key=lambda day: day.start)


def has_misread_figures(text: str) -> bool:
    """Whether a letter stands where a figure must: "l9 November 20l5"."""
    return with_figures(text) != text


def with_figures(text: str) -> str:
    """With figures for letters that a scanner took for them; of the same length."""
    return _MISREAD.sub(lambda match: "0" if match[0] in "oO" else "1", text)


def _day_of(match: re.Match[str]) -> PrintedDay | None:
    month_words = match["month"].lower().rstrip(".")
    if month_words.isdecimal():
        month = int(month_words)
    else:
        month = next(
            number
            for number, name in enumerate(_MONTHS, 1)
            if name.startswith(month_words[:3])
        )
    year_words = match["year"]
    year = None
    if year_words:
        year = int(year_words.lstrip("'’"))
        if year < 100:
            year += 2000 if year < 70 else 1900
    try:
        dt.date(year or 2000, month, int(match["day"]))
    except ValueError:
        return None
    weekday = None
    if match["weekday"]:
        weekday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(
            match["weekday"][:3].lower()
        )
    return PrintedDay(
        int(match["day"]), month, year, weekday, match.start(), match.end()
    )


def times_in(text: str) -> list[PrintedTimes]:
    """Each time of the day a text prints; a bare "10" is none."""
    text = with_figures(text)
    taken = bytearray(len(text))
    for day in days_in(text):
        taken[day.start : day.end] = b"1" * (day.end - day.start)
    return [times for times in _times(text) if not any(taken[times.start : times.end])]


def _times(text: str) -> Iterator[PrintedTimes]:
    for match in _TIMES.finditer(text):
        halves = (match["ahalf"] or "", match["bhalf"] or "")
        has_end = match["bh"] is not None or match["noon"] is not None
        if not _says_time(match, "a") and not (has_end and _says_time(match, "b")):
            continue
        until = None
        if match["noon"]:
            until = dt.time(12)
        elif has_end and (_says_time(match, "b") or _says_time(match, "a")):
            until = _clock(match, "b", halves[1])
        begin = _clock(match, "a", halves[0], until=until, borrowed=halves[1])
        if begin is None:
            continue
        end = match.end() if until else match.end("ahalf")
        if end < 0:
            end = max(match.end("ah"), match.end("am"), match.end("am2"))
        yield PrintedTimes(begin, until, match.start(), end)
    for match in re.finditer(r"\b(?:12\s+)?(noon|midday)\b", text, re.IGNORECASE):
        if match.start() == 0 or not re.search(
            r"(?:-|–|to)\s*$", text[: match.start()]
        ):
            yield PrintedTimes(dt.time(12), None, match.start(), match.end())


def _says_time(match: re.Match[str], which: str) -> bool:
    return bool(match[f"{which}half"] or match[f"{which}m"])


def _clock(
    match: re.Match[str],
    which: str,
    half: str,
    *,
    until: dt.time | None = None,
    borrowed: str = "",
) -> dt.time | None:
    hour = int(match[f"{which}h"])
    minute = int(match[f"{which}m"] or match[f"{which}m2"] or 0)
    letter = half[:1].lower() or (borrowed[:1].lower() if borrowed else "")
    if letter in ("n", "m"):
        hour = 12
    elif letter == "p" and hour < 12:
        # "10 - 1pm" begins in the morning.
        if half or until is None or hour + 12 < until.hour + until.minute / 60:
            hour += 12
    elif letter == "a" and hour == 12:
        hour = 0
    if hour > 23:
        return None
    return dt.time(hour, minute)
