"""What the top of minutes says of the meeting: title, date, times, venue, chair."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from meetings.reader.minutes import Day, Facts, ReadAttendee, Words
from meetings.reader.text.attendance import begins_list
from meetings.reader.text.people import has_post, is_name, person_in
from meetings.reader.text.printed import PrintedDay, PrintedTimes, days_in, times_in
from meetings.reader.text.rows import Row
from meetings.reader.text.when import Told, date_of, times_of

_LABELS = {
    "date": (
        r"date(?: and time| of (?:the )?meeting|/time)?|held(?: on)?|when|meeting date"
    ),
    "time": (
        r"time|start(?: time)?|timings?"
        r"|(?:meeting )?(?:commenced|started|opened)(?: at)?"
    ),
    "end": (
        r"finish|end(?: time)?|close|(?:meeting )?(?:finished|closed|ended)(?: at)?"
    ),
    "venue": r"venue|location|place|held at|where|meeting place|room",
    "chair": r"chair(?:ed by|person|man|woman)?|co-?chairs?|in the chair|presiding",
    "minutes": (
        r"minutes(?: taken)?(?: by)?|minute[- ]?taker|note[- ]?taker|notes(?: taken)?"
        r"(?: by)?|secretariat|scribe|secretary"
    ),
    "title": r"(?:meeting )?title|meeting|name of meeting|subject",
    "theme": r"theme|topic",
}
_LABEL = re.compile(
    r"(?:[\w ]{3,20}\s/\s)?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")\s*(?::|\t|\s[–-]\s|$)\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_WITHOUT_COLON = re.compile(
    r"(?:(?P<venue>venue|location)|(?P<chair>chaired by))\s+(?P<rest>[A-Z].+)", re.I
)
_KIND = re.compile(
    r"(?:the )?(?:(?:meeting |draft |public |action |confirmed |approved )*"
    r"(?:minutes|notes|record)(?: of)?(?: the| a)?(?: meeting| proceedings)?(?: held)?"
    r"|agenda|meeting details|public summary|notes of meeting|minutes of meeting"
    r"|action notes and decision record)\W*",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:room|headquarters|hq|hall|house|cent(?:re|er)|building|suite|chamber|teams"
    r"|zoom|office|offices|parlour|station|library|college|school|church|hotel"
    r"|conference call|telephone|online|skype|webex|google meet|virtual\w*|guildhall"
    r"|campus|court|boardroom|theatre|premises)\b",
    re.IGNORECASE,
)
_GATHERING = re.compile(
    r"\b(?:meeting|board|panel|forum|committee|group|conference|council)\b",
    re.IGNORECASE,
)
_HELD_AT = re.compile(
    r"\b(?:held\s+)?(?P<how>in|at|via|by)\s+"
    r"(?P<place>(?:the\s+)?(?:[A-Z]|telephone)[^.;()]{0,120}?)"
    r"(?=\s+(?:on|from|at)\s+(?:[A-Z][a-z]+day|\d|the\s+\d)|\s*,?\s+with\b|[.;(]"
    r"|,\s*\d|$)"
)
_TITLE_DATE = re.compile(
    r"[\s,–—-]*(?:\b(?:held )?(?:on )?(?:the )?)?$|^[\s,–—:-]+", re.IGNORECASE
)
_MONTH_YEAR = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october"
    r"|november|december)\s*(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_CHAIR_SAID = re.compile(
    r"\b(?:with|and)\s+(?P<name>[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){1,3})\s+in the chair",
)


def facts_of(
    rows: Sequence[Row],
    head: Sequence[Row],
    people: Sequence[ReadAttendee],
    listed: set[int],
) -> Facts:
    """The facts of the rows before the first item; ``listed`` are those of people.

    The end may be said at the very end, and the year of a date anywhere.
    """
    told = _labelled([row for row in head if row.place not in listed], head)
    date = date_of(rows, head, told)
    start, end = times_of(rows, head, told, date)
    title = _title(head, told, listed)
    return Facts(
        title=title,
        type=_type(title),
        theme=_first(told, "theme"),
        date=date,
        start=start,
        end=end,
        venue=_venue(head, told, listed, date),
        chairs=_chairs(head, told, people),
        minute_taker=_minute_taker(head, told, people),
    )


def _labelled(head: Sequence[Row], all_rows: Sequence[Row]) -> dict[str, list[Told]]:
    """Each label with what it says, several of them in a row as well; a label alone
    on its line speaks of the next.
    """
    told: dict[str, list[Told]] = {}
    for row in head:
        for part in _label_parts(row):
            match = _LABEL.fullmatch(part) or _WITHOUT_COLON.fullmatch(part)
            if match is None:
                continue
            name = next(n for n in _LABELS if _has(match, n))
            value = match["rest"].strip(" -–—|")
            if not value and part == row.words.strip(" :"):
                below = row.place + 1
                if below >= len(all_rows) or all_rows[below].apart:
                    continue
                value = all_rows[below].words
            if name in ("time", "end") and re.fullmatch(r"\d{4}", value):
                value += "hrs"
            if value and not (name == "minutes" and re.match(r"of\b", value, re.I)):
                told.setdefault(name, []).append(Told(value, row))
    return told


def _has(match: re.Match[str], name: str) -> bool:
    return name in match.re.groupindex and match[name] is not None


def _label_parts(row: Row) -> Iterator[str]:
    """ "Date:  5/6/24  Time: 1.30" is two; cells may be label and value in turn."""
    text = re.sub(r"\t+", "\t", "\t".join(row.cells).strip("\t*"))
    cells = text.split("\t")
    if len(cells) > 1 and all(cell.endswith(":") for cell in cells[::2]):
        yield from (
            f"{label} {value}"
            for label, value in zip(cells[::2], cells[1::2], strict=False)
        )
        return
    if len(cells) == 2:
        yield f"{cells[0].rstrip(' :')}: {cells[1]}"
        return
    parts = re.split(r"\s{2,}(?=[A-Z][\w ]{2,14}:)", text)
    yield from (part.replace("\t", " ").strip(" *") for part in parts)


def _first(told: dict[str, list[Told]], name: str) -> Words | None:
    if name not in told:
        return None
    return Words(told[name][0].value, told[name][0].row.number)


# What and where


def _title(
    head: Sequence[Row], told: dict[str, list[Told]], listed: set[int]
) -> Words | None:
    """The first line that is neither a label nor a date nor a name."""
    if "title" in told and told["title"][0].row.place < 6:
        one = told["title"][0]
        return Words(one.value, one.row.number)
    labelled = {one.row.place for many in told.values() for one in many}
    for row in head[:8]:
        text = row.words.strip("* ")
        if row.place in listed or row.place in labelled or row.bullet:
            return None
        if begins_list(row):
            return None
        if not re.search(r"[A-Za-z]{3}", text) or re.match(r"(?:from|to):", text, re.I):
            continue
        days = days_in(text)
        if _KIND.fullmatch(text) or (days and days[0].start == 0):
            continue
        if _LABEL.fullmatch(text) or len(text) > 200:
            return None
        return Words(text, row.number)
    return None


def _type(title: Words | None) -> Words | None:
    """The title without "minutes", the date and what the meeting was on."""
    if title is None:
        return None
    text = title.value
    for day in days_in(text):
        text = text[: day.start] + text[day.end :]
        break
    text = _MONTH_YEAR.sub("", text)
    text = re.sub(
        r"\b(?:minutes|notes) of (?:the |a )?(?:meeting of (?:the )?)?",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(r"\bquarter \d\b.*|\bQ[1-4]\b.*", "", text, flags=re.IGNORECASE)
    parts = [
        part.strip(" -–—:,.")
        for part in re.split(r"\s+[–—-]\s+|:", text)
        if not _KIND.fullmatch(part.strip() or "minutes")
    ]
    parts = [
        re.sub(
            r"\s*\b(?:public )?(?:minutes|notes|meeting notes)$", "", part, flags=re.I
        )
        for part in parts
    ]
    names = [part for part in parts if part]
    held = [part for part in names if _GATHERING.search(part)]
    name = next(iter(held or names), "")
    return Words(name.strip(), title.line) if len(name) > 3 else None


def _venue(
    head: Sequence[Row],
    told: dict[str, list[Told]],
    listed: set[int],
    date: Day | None,
) -> Words | None:
    for one in told.get("venue", ()):
        return Words(_via(one.value), one.row.number)
    for one in told.get("date", ()):
        if place := _place_in(one.value):
            return Words(place, one.row.number)
    line = date.line if date else 0
    near = [row for row in head if row.place not in listed and not row.bullet]
    near.sort(key=lambda row: (abs(row.number - line), row.number))
    for row in near[:8]:
        if place := _place_in(row.words):
            return Words(place, row.number)
    return None


def _via(words: str) -> str:
    return re.sub(r"^(?:via|by means of)\s+", "", words, flags=re.IGNORECASE).strip(
        " ."
    )


def _place_in(words: str) -> str:
    """The place of a line: all of it, what follows the time, or "held in ..."."""
    if not _PLACE.search(words) or (has_post(words) and "," not in words):
        return ""
    marks: list[PrintedDay | PrintedTimes] = [*days_in(words), *times_in(words)]
    if not marks and re.match(r"(?:subject|from|to|dear|ref)\b", words, re.IGNORECASE):
        return ""
    for match in _HELD_AT.finditer(words):
        if _PLACE.search(match["place"]):
            place = match["place"]
            for mark in marks:
                if match.start("place") < mark.start < match.end("place"):
                    place = words[match.start("place") : mark.start]
            place = re.sub(r"\s+(?:on|from|at)\s*$", "", place.rstrip(" ,–-"))
            place = f"by {place}" if match["how"] == "by" else place
            return _via(place.rstrip(" ,–-"))
    if marks:
        last = max(mark.end for mark in marks)
        rest = words[last:].strip(" ,.;–—-()")
        return _via(rest) if _PLACE.search(rest) and len(rest.split()) <= 12 else ""
    is_short = len(words.split()) <= 10
    return words.strip(" .") if is_short and not words.endswith(":") else ""


# Who


def _names(words: str) -> list[str]:
    """The names of a label: "Ursula Manning and Patrick Yeo", "PCC Peter Lane"."""
    found = []
    for part in re.split(r"\s+and\s+|;|\s*&\s*|,(?=\s*[A-Z]\w+\s[A-Z])", words):
        name = re.split(r"[,(]|\s+[–—-]\s+", part.strip())[0].strip(" .")
        if name:
            found.append(name)
    return found


def _chairs(
    head: Sequence[Row], told: dict[str, list[Told]], people: Sequence[ReadAttendee]
) -> tuple[Words, ...]:
    chairs = [
        Words(name, one.row.number)
        for one in told.get("chair", ())
        for name in _names(one.value)
        if _is_somebody(name)
    ]
    if not chairs:
        chairs = [Words(p.name, p.line) for p in people if p.role == "chair"]
    if not chairs:
        for row in head:
            if match := _CHAIR_SAID.search(row.words):
                return (Words(match["name"], row.number),)
    return tuple(chairs)


def _is_somebody(name: str) -> bool:
    return (
        is_name(name)
        or person_in(name) is not None
        or bool(re.fullmatch(r"[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*){0,3}", name))
    )


def _minute_taker(
    head: Sequence[Row], told: dict[str, list[Told]], people: Sequence[ReadAttendee]
) -> Words | None:
    for one in told.get("minutes", ()):
        names = _names(one.value)
        if names and _is_somebody(names[0]):
            return Words(names[0], one.row.number)
    for person in people:
        if person.role == "minute_taker":
            return Words(person.name, person.line)
    return None


def with_roles(
    people: Sequence[ReadAttendee], facts: Facts, told_taker: str = ""
) -> list[ReadAttendee]:
    """Who chaired and who took the minutes, marked in the list; whoever took them and
    is not in the list is added, as not listed.
    """
    chairs = {_plain(words.value) for words in facts.chairs}
    taker = _plain(facts.minute_taker.value) if facts.minute_taker else ""
    marked = []
    for person in people:
        name = _plain(person.name)
        role = person.role
        if any(
            chair.endswith(name) or name.endswith(chair) for chair in chairs if name
        ):
            role = "chair"
        elif taker and taker == name:
            role = "minute_taker"
        marked.append(replace(person, role=role))
    if facts.minute_taker and all(p.role != "minute_taker" for p in marked):
        known = any(_plain(p.name) == taker for p in marked)
        if not known:
            named = person_in(told_taker) if told_taker else None
            marked.append(
                ReadAttendee(
                    name=named.name if named else facts.minute_taker.value,
                    line=facts.minute_taker.line,
                    capacity=named.capacity if named else "",
                    organisation=named.organisation if named else "",
                    role="minute_taker",
                    listed=False,
                )
            )
    return marked


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
