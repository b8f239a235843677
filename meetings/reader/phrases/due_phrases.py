"""How the phrases of a due are written down, and what stands around them."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from meetings.reader.phrases import due_days as days


class DueSense(StrEnum):
    DATE = "date"
    NEXT_MEETING = "next_meeting"
    NAMED_MEETING = "named_meeting"
    MONTHS_MEETING = "months_meeting"
    NO_DATE = "no_date"
    UNCLEAR = "unclear"


class Unclear(Exception):
    """These words speak of a due, and what they mean cannot be said; says why."""


@dataclass(frozen=True)
class Meaning:
    """What the words of one rule mean; the fields are those of ``DueReading``."""

    sense: DueSense
    on: dt.date | None = None
    year_printed: bool = False
    name: str = ""
    month: dt.date | None = None
    topic: str = ""
    topic_end: int = 0
    before: bool = False
    why: str = ""


Read = Callable[[re.Match[str], dt.date], Meaning | None]


@dataclass(frozen=True)
class Rule:
    """A kind of phrase. The group ``words`` of the pattern is what is kept."""

    pattern: re.Pattern[str]
    read: Read


# Pieces of patterns. In a pattern a blank stands for blanks, and each word in capitals
# for one of these. How much white space there may be is limited, so that no text is
# slow to read.
_BLANKS = r"[\s\u00a0\u2009\u202f]"
_DATE_LEADS = (
    "by no later than|by the latest|no later than|not later than|on or before"
    "|due by|due on|due before|due|by|before|prior to"
)
_PIECES = {
    "GAP": _BLANKS + "{0,4}",
    "LEAD": rf"(?P<lead>{_DATE_LEADS})",
    "LEADON": rf"(?P<lead>{_DATE_LEADS}|on)",
    "LEADEND": rf"(?P<lead>{_DATE_LEADS}|at|until)",
    # A phrase that stands by itself: "(end of June)".
    "ALONE": r"(?:^|[(\[:;,–—]|(?<=\s)-)GAP",
    "MONTH": (
        r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
        r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
        r"(?![a-z0-9])"
    ),
    "YEAR": r"(?P<year>(?:19|20)[0-9]{2}|['’][0-9]{2})(?![0-9])",
    "DAY": r"(?P<day>[0-9]{1,2})(?:GAP(?:st|nd|rd|th))?(?![0-9a-z])",
    "WEEKDAY": (
        r"(?P<weekday>mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?"
        r"|thu(?:rs?|rsday)?|fri(?:day)?|saturday|sunday)(?![a-z0-9'’])"
    ),
    "TIME": (
        r"(?:(?:(?:the )?close of (?:play|business)|cop|cob|eod"
        r"|(?:the )?end of (?:the )?(?:day|play|business)|(?:12 )?noon|midday"
        r"|[0-9]{1,2}(?:[:.][0-9]{2})?GAP(?:am|pm)|[0-9]{1,2}:[0-9]{2}(?:GAPhrs?)?)"
        r"(?: on|,)? )?"
    ),
    "NUMBER": (
        r"(?P<number>[0-9]{1,3}|" + "|".join(sorted(days.NUMBERS, reverse=True)) + ")"
    ),
    "ANYNUMBER": (
        r"(?:[0-9]{1,3}|" + "|".join(sorted(days.NUMBERS, reverse=True)) + ")"
    ),
    "UNIT": (
        r"(?P<unit>(?:working|business) day|day|week|fortnight|month|year)"
        r"(?:s?['’]?s? time|s)?(?![a-z0-9'’])"
    ),
    "NOW": r"(?: (?:from|of) (?:now|today|this meeting|the meeting))?",
    "UNITS": r"(?:working days?|days?|weeks?|months?|years?)\b",
    "NOUN": (
        r"(?P<noun>meeting|board|panel|forum|committee|session|group|conference)"
        r"(?![a-z0-9'’-])"
    ),
    "PREP": (
        r"(?P<prep>at|by|for|to|into|in|before|prior to|ahead of|in advance of"
        r"|in time for|due at|due by|until)"
    ),
    "NAME": r"(?P<name>(?:[^\s.;:!?()]{1,30} ){0,6}?)",
}
_PIECE = re.compile("|".join(sorted(_PIECES, key=len, reverse=True)))


def rule(pattern: str, read: Read) -> Rule:
    """A rule, with the pieces named in capitals put in and words kept whole."""
    if "(?P<words>" not in pattern:
        pattern = rf"(?<![\w/])(?P<words>{pattern})(?![\w])"
    for _ in range(2):  # pieces may name pieces
        pattern = _PIECE.sub(lambda match: _PIECES[match[0]], pattern)
    pattern = pattern.replace(" ", _BLANKS + "{1,4}")
    return Rule(re.compile(pattern, re.ASCII | re.IGNORECASE), read)


# What stands around the words


def follows(match: re.Match[str], pattern: str) -> bool:
    rest = match.string[match.end("words") : match.end("words") + 60]
    return re.match(rf"(?:{pattern})", rest, re.ASCII | re.IGNORECASE) is not None


_PARTICIPLE = (
    r"(?:[a-z]+(?<![e])ed|agreed|guaranteed|held|taken|made|dealt with|dealt|sent|seen"
    r"|left|done|given|met|put|shown|written|paid|found|kept|told)"
)
_NO_PARTICIPLE = re.compile(r"(?:embed|shed|red|hundred)$", re.IGNORECASE)
_ENDS_IN_PARTICIPLE = re.compile(
    rf"(?P<be>\b(?:be|get) (?:[a-z]+ly )?(?:[a-z]+,? (?:and |or )?){{0,3}})?"
    rf"\b(?P<participle>{_PARTICIPLE}) $",
    re.ASCII | re.IGNORECASE,
)


def says_when_it_was_done(match: re.Match[str]) -> bool:
    """ "complaints resolved within 28 days", "the meeting held on 30 June".

    "To be resolved within 28 days" is a due.
    """
    before = match.string[max(0, match.start("words") - 80) : match.start("words")]
    found = _ENDS_IN_PARTICIPLE.search(" ".join(before.split()) + " ")
    return bool(
        found and not found["be"] and not _NO_PARTICIPLE.search(found["participle"])
    )


def comes_before(match: re.Match[str]) -> bool:
    lead = match.groupdict().get("lead") or match.groupdict().get("prep") or ""
    words = " ".join(lead.lower().split())
    return words != "on or before" and words.endswith(
        ("before", "prior to", "ahead of", "in advance of")
    )


def on_day(
    match: re.Match[str], day: dt.date, said_on: dt.date, *, year_printed: bool = False
) -> Meaning:
    """That day, or the day before it when the words say "before"."""
    if comes_before(match):
        day -= dt.timedelta(days=1)
    return Meaning(DueSense.DATE, on=day, year_printed=year_printed)


def unclear(why: str) -> Read:
    def read(match: re.Match[str], said_on: dt.date) -> Meaning | None:
        raise Unclear(why)

    return read
