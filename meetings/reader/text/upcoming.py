"""When and where the next meeting is, as minutes say at their end."""

import re
from collections.abc import Sequence
from dataclasses import replace

from meetings.reader.minutes import Day, ReadNext
from meetings.reader.text.headings import Heading
from meetings.reader.text.printed import PrintedDay, days_in, times_in
from meetings.reader.text.rows import Row

_HEADING = re.compile(
    r"(?!items|actions|agenda|business)(?:.*\b)?(?:next (?:meeting|forum|board|panel"
    r"|session)|cyfarfod nesaf|future meetings?|next$)",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"(?:(?:date|time|details|confirmation)[\w ,/&]{0,40}\b)?(?:the )?"
    r"next (?:\w+ )?(?:meeting|forum|board|panel|session)\b"
    r"(?P<mark>\s*:|\s+[–—-]\s|\s+(?:is|will)\b)?",
    re.IGNORECASE,
)
_WILL_MEET = re.compile(
    r"(?:^|(?<=[.;]\s))(?:(?:the\s+)?(?P<type>[\w&’' ]{2,50}?)\s+will"
    r"\s+(?:next\s+)?meet"
    r"|the next (?P<named>[\w&’', ]{2,60}?) (?:is|will be|takes place))\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"next (?P<type>[\w&’' ]{2,50}?)\s*:\s", re.IGNORECASE)
_NEXT_TIME = re.compile(r"\bnext time\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:in|at)\s+(?P<place>(?:the\s+)?[A-Z][^.;]*?)(?=\s+(?:on|from|at)\s+\d|[.;]|$)"
)
_OPEN = re.compile(r"\b(?:tbc|tba|to be (?:confirmed|arranged|agreed|advised))\b", re.I)
_TYPE_IN_SENTENCE = re.compile(
    r"next meeting of the (?P<type>[A-Z][\w&’' ]+?) (?:is|will|takes)\b"
)
_TABLE_HEAD = re.compile(
    r"(?:(?:meeting|date|time|venue|place|location|type|and)\W*)+", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:date|time|venue|location|type|theme|day)(?:\s*/\s*(?:date|time|venue|type))*\s*:",
    re.IGNORECASE,
)


def next_meeting_of(
    rows: Sequence[Row], headings: Sequence[Heading], held: Day | None
) -> ReadNext | None:
    """What the text says of the next meeting; the last place that says it counts."""
    for heading in reversed(headings):
        if not _HEADING.match(heading.text):
            continue
        later = [h.place for h in headings if h.place > heading.place]
        end = min(later, default=len(rows))
        behind = _behind_colon(heading.text)
        texts = [behind] if behind else []
        texts += [heading.rest] if heading.rest else []
        texts += [row.words for row in rows[heading.body : end]]
        body = rows[heading.body : end] or rows[heading.place : heading.body]
        line = body[0].number if not behind else rows[heading.place].number
        if found := _read(texts, line, held):
            return found
    for row in reversed(rows):
        if not re.search(r"\bnext\b|\bwill meet\b", row.words, re.IGNORECASE):
            continue
        match = (
            _NAMED.match(row.words)
            or _INLINE.search(row.words)
            or _NEXT_TIME.search(row.words)
            or _WILL_MEET.search(row.words)
        )
        if match is None or (
            match.start() and match.re is _INLINE and not _ends(row, match)
        ):
            continue
        if found := _read([row.words[match.start() :]], row.number, held):
            return found
    return None


def _ends(row: Row, match: re.Match[str]) -> bool:
    """A sentence of its own: "The next meeting is on Thursday 16 January 2025"."""
    before = row.words[: match.start()].rstrip()
    return before.endswith((".", ";")) and bool(match["mark"])


def _behind_colon(heading: str) -> str:
    _, colon, behind = heading.partition(":")
    return behind.strip() if colon and days_in(behind) else ""


def _read(texts: Sequence[str], line: int, held: Day | None) -> ReadNext | None:
    found = ReadNext(line)
    for offset, text in enumerate(texts[:8]):
        days = days_in(text)
        if days:
            return _with_day(found, text, days[0], texts[offset + 1 :], held)
        words = text.strip(" .:")
        if _OPEN.search(text) or not words:
            continue
        if _TABLE_HEAD.fullmatch(words):
            continue
        is_name = len(words.split()) <= 8 and not re.search(r"[;,?]|\. ", words)
        if not found.type and is_name and not _LABEL.match(text):
            found = replace(found, type=words)
    return None


def _with_day(
    found: ReadNext,
    text: str,
    day: PrintedDay,
    following: Sequence[str],
    held: Day | None,
) -> ReadNext:
    date = day.date
    doubt = ""
    if date is None and held is not None:
        same, later = day.in_year(held.value.year), day.in_year(held.value.year + 1)
        date = same if same and same > held.value else later
        agrees = day.weekday is not None and date and date.weekday() == day.weekday
        doubt = "" if agrees else "The year is not printed."
    if date is not None and held is not None and date <= held.value:
        doubt = "It is not after the meeting itself."
    times = times_in(text)
    before, after = text[: day.start], text[day.end :]
    if times and times[0].start >= day.end:
        after = text[times[0].end :]
    if not times:
        for more in following[:2]:
            if found_times := times_in(more):
                times = found_times
                after = more[times[0].end :]
                break
    told = _NAMED.match(text) or _TYPE_IN_SENTENCE.search(text)
    if told and _is_called(told["type"]):
        found = replace(found, type=told["type"].strip())
    elif (met := _WILL_MEET.search(text)) and _is_called(met["type"] or met["named"]):
        found = replace(found, type=met["type"] or met["named"])
    elif not found.type:
        found = replace(found, type=_type_before(before))
    venue = _venue(text, after, following)
    return replace(
        found,
        date=date,
        start=times[0].begin if times else None,
        end=times[0].until if times else None,
        venue=venue,
        doubt=doubt,
    )


def _is_called(words: str) -> bool:
    """A name of its own, not "the board" or "the meeting"."""
    return len(words.split()) > 1 and words[0].isupper()


def _type_before(before: str) -> str:
    """ "A&A Q4 Performance – 30 May 2025": what stands before the dash."""
    before = _INLINE.sub("", before)
    match = re.fullmatch(
        r"\W*(?P<type>[A-Z][\w&’'/ ]{2,60}?)\s*[–—:,-]\s*(?:on\s)?", before
    )
    if match is None or _LABEL.match(before):
        return ""
    return match["type"].strip()


def _venue(text: str, after: str, following: Sequence[str]) -> str:
    if match := _PLACE.search(after):
        return _open(match["place"])
    rest = after.strip(" ,.;–—-")
    if rest and rest[0].isupper() and len(rest.split()) <= 12:
        return _open(re.sub(r"^via\s+", "", rest, flags=re.IGNORECASE))
    if rest.lower().startswith("via "):
        return rest[4:]
    for more in following[:3]:
        if match := re.match(r"(?:venue|location)\s*:?\s*(?P<place>.+)", more, re.I):
            return _open(match["place"])
    return ""


def _open(place: str) -> str:
    return "" if _OPEN.search(place) else place.strip(" .,")
