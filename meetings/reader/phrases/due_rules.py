"""The phrases that say when something is due: one rule each, tried in order.

A rule is a pattern and a function from what it matched, and the day it was said on, to
what that means. It answers None when the words speak of something else ("complaints
resolved in 3 months"), and raises ``Unclear`` when they speak of a due that could mean
two days or none. An earlier rule keeps its words from a later one.

What was decided where usage differs:

- *Years.* A day without a year is the next such day, the day itself included. One with
  a year means what it prints, even if that has passed. Days come before months.
- *Weeks.* "By Friday" is the coming Friday; said on a Friday it is unclear. "By next
  Friday" is understood only where the coming Friday is that of next week as well. The
  end of a week, Monday to Sunday, is its last working day.
- *Months.* "By June" is unclear: its first day or its last? "Within the month" too.
  "In the next month" is a month from that day. Months are counted by the calendar: a
  month from 31 January is the last day of February.
- *Quarters and years.* Q1 to Q4 are those of the financial year, April to March, and
  "Q3 2025" is that of 2025/26; "Q4 2025" is unclear, as many mean January to March 2025
  by it. "The end of the year" is 31 December, of the financial year 31 March; "year
  end" is unclear.
- *Before.* "Before 30 June" is 29 June; "before the end of June" is 30 June.
- *Working days* are those of England and Wales; the day it was said on does not count.
"""

import datetime as dt
import re

from dateutil.relativedelta import relativedelta

from assurance.calendar import add_working_days
from meetings.reader.phrases import due_days as days
from meetings.reader.phrases.due_phrases import (
    DueSense,
    Meaning,
    Read,
    Rule,
    Unclear,
    comes_before,
    follows,
    on_day,
    rule,
    says_when_it_was_done,
    unclear,
)

_MONTH_NAME = (
    r"january|february|march|april|may|june|july|august|september|october|november"
    r"|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)

# Amounts of time: "in a month", "within 10 working days"


def _amount(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    if follows(match, rf"\s+(?:to|ending|since)\s+(?:[0-9]|(?:{_MONTH_NAME})\b)"):
        return None
    if re.search(
        r"\b(?:once|twice|times|last|past)\s+$",
        match.string[: match.start("words")][-20:],
    ):
        return None
    if follows(match, r"\s+(?:of|from|after|following|before|prior|either)\b"):
        raise Unclear("It counts from another day")
    if follows(
        match, r"\s+or\b|\s+and\s+(?:an?|one|two|three|half|[0-9])\b|\s*[-–/]\s*[0-9]"
    ):
        raise Unclear("It is not one number of days, weeks or months")
    if says_when_it_was_done(match):
        raise Unclear("It may say how long something took")
    count = days.number(match["number"])
    if not count:
        return None
    unit = " ".join(match["unit"].lower().split())
    if unit.endswith(" day"):
        day = add_working_days(said_on, count)
    elif unit == "month":
        day = _plus(said_on, relativedelta(months=count))
    elif unit == "year":
        day = _plus(said_on, relativedelta(years=count))
    else:
        length = {"day": 1, "week": 7, "fortnight": 14}[unit]
        day = said_on + dt.timedelta(days=count * length)
    return Meaning(DueSense.DATE, on=day)


def _plus(day: dt.date, delta: relativedelta) -> dt.date:
    try:
        return day + delta
    except ValueError as error:
        raise OverflowError from error


def _within_the_next(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """ "within the next month": one of the unit from that day."""
    unit = match["unit"].lower()
    step = {"week": "weeks", "month": "months", "year": "years"}[unit]
    if says_when_it_was_done(match):
        raise Unclear("It may say how long something took")
    day = _plus(said_on, relativedelta(**{step: 1}))  # type: ignore[arg-type]
    return Meaning(DueSense.DATE, on=day)


_AMOUNTS = [
    rule(
        r"(?:in|within|by) (?:the )?(?:next |coming )?(?:about |around |approximately "
        r"|roughly |circa |some )?(?:an? )?(?:few|couple|several|matter|coming|number)"
        r"(?: of)?(?: few| couple| several)?(?: of)? UNITS(?:['’]s?)?(?: time)?",
        unclear("It is no number of days, weeks or months"),
    ),
    rule(
        r"(?:in|within) (?:the )?(?:next )?ANYNUMBERGAP(?:-|–|—|to|or)GAPANYNUMBER "
        r"UNITS(?:['’])?(?: time)?",
        unclear("It is not one number of days, weeks or months"),
    ),
    rule(
        r"(?:in|within) (?:about|around|approximately|roughly|circa|some) NUMBER UNIT",
        unclear("It is not exact"),
    ),
    rule(
        r"within (?:the|this|that) (?:week|month|quarter|year)",
        unclear("It may mean the calendar's or one from that day"),
    ),
    rule(r"(?:with)?in (?:the )?(?:next |coming )?NUMBER UNITNOW", _amount),
    rule(
        r"(?:with)?in the (?:next|coming) (?P<unit>week|month|year)(?!['’])",
        _within_the_next,
    ),
    rule(r"NUMBER UNIT from (?:now|today|this meeting)", _amount),
]


# Meetings: "at next workforce meeting", "at the November meeting"

_NOT_IN_A_NAME = re.compile(
    r"\b(?:but|few|couple|several|one|two|three|four|the|a|an|to|at|by|is|are|be|will"
    r"|that|which|when|week|weeks|month|months|year|years|quarter|days?|steps?|ones?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|before|after|next|with|from)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\s{1,4}(?:on|about)\s{1,4}(?:the\s{1,4})?"
    r"(?P<topic>[^\s.;:,!?()]{1,30}(?:\s{1,4}[^\s.;:!?()]{1,30}){0,5})(?=\s*(?:[.;)]|$))"
)


def _next_meeting(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """The next meeting, or the next of what is named before or behind the noun."""
    name = " ".join(match["name"].split()).strip("'’ ")
    if _NOT_IN_A_NAME.search(name):
        return None
    groups = match.groupdict()
    if month := re.fullmatch(_MONTH_NAME, name, re.IGNORECASE):
        first = days.next_month_called(days.month_number(month[0]), said_on)
        return Meaning(DueSense.MONTHS_MEETING, month=first, before=comes_before(match))
    if groups.get("body"):
        name = " ".join(groups["body"].split())
    elif match["noun"].lower() != "meeting":
        name = f"{name} {match['noun']}".strip()
    if name:
        return Meaning(DueSense.NAMED_MEETING, name=name, before=comes_before(match))
    topic = _TOPIC.match(match.string, match.end("words"))
    return Meaning(
        DueSense.NEXT_MEETING,
        before=comes_before(match),
        topic=" ".join(topic["topic"].split()) if topic else "",
        topic_end=topic.end() if topic else 0,
    )


def _named_by_capitals(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """ "at the next HTA": a code of capitals, where a meeting is meant."""
    name = match["code"]
    if not name.isupper():
        return None
    return Meaning(DueSense.NAMED_MEETING, name=name, before=comes_before(match))


def _months_meeting(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """The year is that of the next such month, this one counting as well."""
    groups = match.groupdict()
    month = days.month_number(match["month"])
    first = (
        dt.date(_year(match["year"]), month, 1)
        if groups.get("year")
        else days.next_month_called(month, said_on)
    )
    name = " ".join((groups.get("name") or "").split())
    if _NOT_IN_A_NAME.search(name):
        return None
    noun = (groups.get("noun") or "meeting").lower()
    if name and noun != "meeting":
        name = f"{name} {match['noun']}"
    return Meaning(
        DueSense.MONTHS_MEETING, month=first, name=name, before=comes_before(match)
    )


def _next_months_meeting(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    first = _plus(said_on, relativedelta(months=1, day=1))
    name = " ".join(match["name"].split())
    return Meaning(
        DueSense.MONTHS_MEETING, month=first, name=name, before=comes_before(match)
    )


_MEETINGS = [
    rule(r"PREP (?:the )?next month['’]s NAMENOUN", _next_months_meeting),
    rule(
        r"PREP (?:the )?next week['’]s NAMENOUN",
        unclear("It names a week, and no meeting is known by it"),
    ),
    rule(
        r"PREP (?:the |our )?(?:next )?MONTH(?:['’]s)?(?: YEAR)? NAMENOUN",
        _months_meeting,
    ),
    rule(r"PREP (?:the |our )?(?:next )?NOUN in MONTH(?: YEAR)?", _months_meeting),
    rule(
        r"PREP (?:the |our |its |their )?(?:next|following) NAMENOUN"
        r"(?: of (?:the |our )?(?P<body>(?:[^\s.;:,!?()]{1,30} ){0,5}?"
        r"(?:board|panel|forum|committee|group)(?![a-z0-9'’])))?",
        _next_meeting,
    ),
    rule(r"ALONE(?P<words>(?:the )?next NAMENOUN)(?=GAP(?:[.;,)\]]|$))", _next_meeting),
    rule(
        r"PREP (?:the |our )?next (?P<code>[A-Z][A-Z&/]{1,7})(?=GAP(?:[.;,)]|$))",
        _named_by_capitals,
    ),
]


# Days: "by 30 June", "on 30/06/2025", "by the 30th"


def _year(printed: str) -> int:
    digits = printed.strip("'’")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _date(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    groups = match.groupdict()
    lead = (groups.get("lead") or "").lower()
    if lead == "on" and says_when_it_was_done(match):
        return None
    if follows(match, r"\s+(?:figures|data|numbers|minutes)\b"):
        return None
    name = match["month"]
    month = int(name) if name.isdecimal() else days.month_number(name)
    day, printed = int(match["day"]), groups.get("year")
    if follows(match, r"\s*(?:[-–—/]|or\b|to\b|and\b)\s*(?:the\s+)?[0-9]"):
        raise Unclear("It names more than one day")
    if not printed and follows(match, r"\s+[0-9]|[./%][0-9]|%"):
        raise Unclear("The number behind it may be its year")
    try:
        if printed:
            on = dt.date(_year(printed), month, day)
        else:
            on = days.next_day_called(day, month, said_on)
    except ValueError as error:
        raise Unclear("There is no such day") from error
    weekday = groups.get("weekday")
    if weekday and days.weekday_number(weekday) != on.weekday():
        raise Unclear(f"{on.day} {on:%B %Y} is a {on:%A}")
    if comes_before(match) and not printed and on == said_on:
        raise Unclear("That day has come")
    return on_day(match, on, said_on, year_printed=bool(printed))


# "by 3/4" is as well a fraction.
_FRACTIONS = {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5)}


def _numeric_without_year(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    if (int(match["day"]), int(match["month"])) in _FRACTIONS:
        raise Unclear("It may be a fraction")
    return _date(match, said_on)


def _day_of_month(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """ "by the 30th": in this month or else in the next, if that has such a day."""
    groups = match.groupdict()
    lead = (match["lead"] or "").lower()
    if lead == "on" and says_when_it_was_done(match):
        return None
    first = said_on.replace(day=1)
    which = (groups.get("which") or "").lower()
    if which == "next" or (not which and int(match["day"]) < said_on.day):
        first = _plus(first, relativedelta(months=1))
    try:
        on = first.replace(day=int(match["day"]))
    except ValueError as error:
        raise Unclear("That month has no such day") from error
    return on_day(match, on, said_on)


_ANDYEAR = r"(?:\.?,? YEAR)?"
_DAYS = [
    rule(
        r"LEADON TIME(?:WEEKDAY,? )?(?:the )?DAY (?:of )?MONTH" + _ANDYEAR,
        _date,
    ),
    rule(r"LEADON TIME(?:WEEKDAY,? )?MONTH DAY" + _ANDYEAR, _date),
    rule(
        r"LEADON TIME(?:WEEKDAY,? )?(?P<year>(?:19|20)[0-9]{2})-(?P<month>[0-9]{2})-"
        r"(?P<day>[0-9]{2})",
        _date,
    ),
    rule(
        r"LEADON TIME(?:WEEKDAY,? )?(?P<day>[0-9]{1,2})GAP(?P<sep>[/.-])GAP"
        r"(?P<month>[0-9]{1,2})GAP(?P=sep)GAP(?P<year>(?:19|20)[0-9]{2}|[0-9]{2})"
        r"(?![/.-]?[0-9])",
        _date,
    ),
    rule(
        r"LEADON TIME(?:WEEKDAY,? )?(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})"
        r"(?![/.-]?[0-9%])",
        _numeric_without_year,
    ),
    rule(
        r"LEADON TIME(?:WEEKDAY,? )?(?:the )?(?P<day>[0-9]{1,2})GAP(?:st|nd|rd|th)"
        r" of (?P<which>this|next|the) month",
        _day_of_month,
    ),
    rule(
        r"LEADON TIME(?:the )(?P<day>[0-9]{1,2})GAP(?:st|nd|rd|th)"
        r"(?=GAP(?:[.;,)]|$|(?:and|at|with) ))",
        _day_of_month,
    ),
]


# Weekdays, today and tomorrow


def _weekday(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    if match["lead"].lower() == "on" and says_when_it_was_done(match):
        return None
    if follows(match, r"\s+(?:mornings|afternoons|evenings|nights)\b"):
        return None
    said_before = match.string[: match.start("words")][-20:]
    if follows(match, r"\s+(?:week|fortnight)\b") or re.search(
        r"\b(?:weeks?|fortnight)\s+$", said_before, re.IGNORECASE
    ):
        raise Unclear("It may mean a week after that day")
    if follows(match, r",?\s+(?:the\s+)?[0-9]"):
        raise Unclear("The date behind it is not one it can read")
    if follows(match, r"\s+or\b|\s*/"):
        raise Unclear("It names more than one day")
    weekday = days.weekday_number(match["weekday"])
    coming = days.coming_weekday(weekday, said_on)
    monday = said_on - dt.timedelta(days=said_on.weekday())
    which = " ".join((match["which"] or "").lower().split())
    if match["week"]:
        coming = monday + dt.timedelta(days=7 + weekday)
    elif which == "next":
        # So near that it may be called "this Tuesday" too.
        if coming - monday < dt.timedelta(days=7) or coming - said_on < days.NEAR:
            raise Unclear("It may mean that of this week or of next week")
    elif which == "this":
        on = monday + dt.timedelta(days=weekday)
        if on < said_on:
            raise Unclear("That day has passed")
        return on_day(match, on, said_on)
    elif weekday == said_on.weekday():
        raise Unclear(f"It was said on a {said_on:%A}")
    return on_day(match, coming, said_on)


def _today(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    return on_day(match, said_on, said_on)


def _tomorrow(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    return on_day(match, said_on + dt.timedelta(days=1), said_on)


def _tomorrow_alone(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """ "ring them tomorrow", but not "leaders of tomorrow"."""
    before = match.string[: match.start("words")].lower().split()
    return None if before[-1:] in (["of"], ["for"]) else _tomorrow(match, said_on)


_WEEKDAYS = [
    rule(
        r"LEADON TIME(?:(?:the )?(?P<which>this coming|this|next|coming) )?WEEKDAY"
        r"(?P<week> (?:of )?next week(?!['’]))?",
        _weekday,
    ),
    rule(
        r"(?P<lead>TIME)(?P<day>cop|cob|eod|(?:close of (?:play|business))) "
        r"(?P<which>this coming|this|next|coming )?WEEKDAY(?P<week> next week)?",
        _weekday,
    ),
    rule(r"LEAD TIMEtomorrow", _tomorrow),
    rule(r"(?:cop|cob|eod|close of (?:play|business)) tomorrow", _tomorrow),
    rule(r"tomorrow(?=GAP(?:[.;,)]|$))", _tomorrow_alone),
    rule(r"(?P<lead>by|before) TIME(?:(?:the )?end of )?(?:today|tonight)", _today),
    rule(r"(?:cop|cob|eod|close of (?:play|business)) today", _today),
    rule(
        r"by (?:the )?(?:end of (?:the |this )?(?:day|play|business)|cop|cob|eod"
        r"|close of (?:play|business))(?! on| [0-9])",
        _today,
    ),
]


# Ends: "by the end of June", "by end of Q2"


def _end_of_month_named(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    if follows(match, r"\s*(?:/|or\b(?! (?:sooner|earlier|before))| half.term)"):
        raise Unclear("It names more than that month")
    month = days.month_number(match["month"])
    if match["year"]:
        first = dt.date(_year(match["year"]), month, 1)
    else:
        first = days.next_month_called(month, said_on)
    return Meaning(
        DueSense.DATE,
        on=days.last_of_month(first),
        year_printed=bool(match["year"]),
    )


def _end_of_period(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    """The end of the week, month, quarter or year that it was said in, or the next."""
    is_next = (match["which"] or "").lower() == "next"
    kind, period = (match["kind"] or "").lower(), match["period"].lower()
    step = {
        "week": relativedelta(weeks=1),
        "month": relativedelta(months=1),
        "quarter": relativedelta(months=3),
        "year": relativedelta(years=1),
    }[period]
    # From the first of a month no step leaves a month out.
    start = said_on if period == "week" else said_on.replace(day=1)
    day = _plus(start, step) if is_next else start
    if period == "week":
        end = days.last_working_day_of_week(day)
        if end is None:
            raise Unclear("That week has no working day")
    elif period == "month":
        end = days.last_of_month(day)
    elif period == "quarter":
        end = days.end_of_quarter(day)
    elif kind in ("financial", "fiscal"):
        end = days.end_of_financial_year(day)
    else:
        end = day.replace(month=12, day=31)
    return Meaning(DueSense.DATE, on=end)


def _end_of_quarter(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    ordinal = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}
    said = match["quarter"].lower()
    quarter = ordinal.get(said) or int(said[0])
    if match["span"]:
        first = _first_of_span(match["span"])
        end = days.end_of_financial_quarter(quarter, first)
        return Meaning(DueSense.DATE, on=end, year_printed=True)
    if match["year"]:
        if quarter == 4:
            raise Unclear("It may mean a quarter of the financial year or of the year")
        end = days.end_of_financial_quarter(quarter, _year(match["year"]))
        return Meaning(DueSense.DATE, on=end, year_printed=True)
    return Meaning(DueSense.DATE, on=days.next_financial_quarter(quarter, said_on))


def _first_of_span(printed: str) -> int:
    """2025 from "2025/26" or "25/26"; refused when the years do not follow."""
    first, last = re.split(r"\D+", printed)
    year = _year(first)
    if (year + 1) % 100 != int(last) % 100:
        raise Unclear("These years do not follow each other")
    return year


def _end_of_year(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    if match["span"]:
        year = _first_of_span(match["span"]) + 1
        return Meaning(DueSense.DATE, on=dt.date(year, 3, 31), year_printed=True)
    if match["financial"]:
        raise Unclear("It may mean the financial year that begins or ends in it")
    year = _year(match["year"])
    return Meaning(DueSense.DATE, on=dt.date(year, 12, 31), year_printed=True)


_SPAN = r"(?P<span>(?:20)?[0-9]{2}[/–-](?:20)?[0-9]{2})(?![/.–-]?[0-9])"
_END = r"(?:the )?(?:very )?end(?: of(?: the)? | |-|-of-)"
_QUARTER = (
    r"(?:(?:qtr|quarter|q)GAP(?P<quarter>[1-4])(?![0-9])"
    r"(?:,? (?:of )?(?:fyGAP)?(?:SPAN|YEAR))?)"
)
_QUARTER_IN_WORDS = (
    r"(?:(?P<quarter>first|second|third|fourth|last|final|[1-4](?:st|nd|rd|th)) "
    r"quarter(?:,? (?:of )?(?:SPAN|YEAR))?)"
)
_PERIOD = (
    r"(?:(?:the |this |(?P<which>next) )?(?:current )?"
    r"(?:(?P<kind>calendar|financial|fiscal|working) )?"
    r"(?P<period>week|month|quarter|year))(?!['’])"
)


def _ends(period: str, read: Read) -> list[Rule]:
    """The phrase behind "by", and by itself: "(end of June)"."""
    period = period.replace("SPAN", _SPAN)
    return [
        rule(rf"LEADEND TIME{_END}{period}", read),
        rule(rf"ALONE(?P<words>{_END}{period})(?=GAP(?:[.;,)\]]|$))", read),
    ]


_ENDS = [
    *_ends(r"MONTH(?:\.?,? YEAR)?(?! meeting)", _end_of_month_named),
    *_ends(_QUARTER, _end_of_quarter),
    *_ends(_QUARTER_IN_WORDS, _end_of_quarter),
    *_ends(r"(?:(?:fy|(?P<financial>financial year))GAP)?(?:SPAN|YEAR)", _end_of_year),
    *_ends(_PERIOD, _end_of_period),
    rule(
        r"LEADEND (?:the )?(?P<which>)(?P<kind>)(?P<period>month|quarter)(?: |-)end",
        _end_of_period,
    ),
    rule(
        r"LEADEND (?:the )?last day of MONTH(?:,? YEAR)?",
        _end_of_month_named,
    ),
]


# What speaks of a due and names no day

_UNCLEAR = [
    rule(
        r"(?:LEAD )?(?:the )?(?:w/[cbe]|week (?:commencing|beginning|ending))"
        r"(?: (?:the )?DAY MONTH)?",
        unclear("It names a week, and no day"),
    ),
    rule(
        r"LEAD (?:the )?year(?: |-)end",
        unclear("It may mean the end of December or of March"),
    ),
    rule(
        r"LEAD (?:(?:early|mid|late)(?: |-)|the (?:start|beginning|middle) of )?MONTH"
        r"(?: YEAR)?",
        unclear("It names a month, and no day"),
    ),
    rule(
        rf"LEAD (?:the )?{_QUARTER}".replace("SPAN", _SPAN),
        unclear("It may mean the beginning of that quarter or its end"),
    ),
    rule(
        rf"LEAD (?:the )?(?:(?:fy|financial year)GAP)?{_SPAN}",
        unclear("It may mean the beginning of that year or its end"),
    ),
    rule(
        r"LEAD (?:the )?(?:next|this) (?:week|month|quarter|year)(?!['’])",
        unclear("It may mean its beginning or its end"),
    ),
    rule(
        r"LEAD (?:the )?(?:spring|summer|autumn|winter|christmas|easter|new year"
        r"|weekend)(?! (?:meeting|board))",
        unclear("It names no day"),
    ),
]


# Said not to have a date


def _no_date(match: re.Match[str], said_on: dt.date) -> Meaning | None:
    return Meaning(DueSense.NO_DATE)


_NO_DATES = [
    rule(
        r"asap|as soon as (?:possible|practicable|practical|reasonably practicable)"
        r"|at (?:the|your|their) earliest (?:opportunity|convenience)"
        r"|with immediate effect|on an ongoing basis",
        _no_date,
    ),
    # Words that say so at the end only: "details of ongoing work" is no due.
    rule(
        r"(?:(?:due )?(?:ongoing|on-going|immediately|urgently|in due course|no date"
        r"|no due date))(?=GAP(?:[.;,)\]]|$))",
        _no_date,
    ),
]

RULES: list[Rule] = [
    *_AMOUNTS,
    *_MEETINGS,
    *_DAYS,
    *_ENDS,
    *_WEEKDAYS,
    *_UNCLEAR,
    *_NO_DATES,
]
