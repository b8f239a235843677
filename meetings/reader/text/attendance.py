"""Who was there: lists, tables and sentences of those present and of apologies."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from meetings.reader.minutes import ReadAttendee
from meetings.reader.text.headings import Heading, is_sentence
from meetings.reader.text.people import (
    Person,
    has_post,
    is_name,
    is_organisation,
    people_in,
    person_in,
)
from meetings.reader.text.rows import Row

_PRESENT = (
    r"present|there|also|in attendance|attendees|attendance|attending"
    r"|also present|also attending|also in attendance|members(?: present)?"
    r"|officers(?: present)?|those present"
    r"|panel members|committee members|board members|attended|invitees|yn bresennol"
)
_APOLOGIES = (
    r"apologies(?: for absence)?(?: received)?(?: from)?|not present|absent"
    r"|unable to (?:attend|come)|sent apologies|not there|yn ymddiheuro"
)
_LABEL = re.compile(
    rf"(?:[\w ]{{3,25}}\s/\s)?(?:(?P<present>{_PRESENT})|(?P<apologies>{_APOLOGIES}))"
    r"\s*(?::|$|(?=\s[–-]\s)|\t)\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_SENT_APOLOGIES = re.compile(
    r"apolog\w+(?: for absence)?\s+(?:were|was|had been|have been|came|received)[^.]*?"
    r"\b(?:from|by)\s+(?P<names>.+)",
    re.IGNORECASE,
)
_IN_SENTENCE = re.compile(r"there were \w+ of us:\s*(?P<names>[^.]+)\.", re.IGNORECASE)
_ABOUT_ATTENDANCE = re.compile(
    r"welcome|introductions?|attendance|apologies|present|croeso", re.IGNORECASE
)
_FACT = re.compile(
    r"(?:[\w ]{3,20}\s/\s)?(?:date|time|venue|location|place|chair\w*|co-?chairs?"
    r"|minutes?|notes?|title|held|minute[- ]taker|note[- ]taker|secretariat|from|to"
    r"|subject|start|finish|ref"
    r"|joining|duration|minutes taken by|notes taken by|secretary)\b[^:]{0,25}:"
    r"|venue\s|minutes of|notes of",
    re.IGNORECASE,
)
_HEADS = {
    "name": re.compile(r"names?|attendees?", re.IGNORECASE),
    "capacity": re.compile(
        r"capacity|role|post|position|title|job title|office|designation", re.IGNORECASE
    ),
    "abbreviation": re.compile(r"initials?|abbreviation|code", re.IGNORECASE),
    "organisation": re.compile(r"organi[sz]ation|agency|force|representing|body", re.I),
    "status": re.compile(r"attendance|present|attended|status", re.IGNORECASE),
}
_NONE = re.compile(r"(?:none|nil|n/?a|no apologies.*|as above)\W*", re.IGNORECASE)


@dataclass
class _Block:
    """Where the reading of a list stands."""

    status: str = "present"
    organisation: str = ""
    named: bool = False  # whether a label said that a list of people follows
    columns: tuple[str, ...] = ()
    lost: bool = False  # whether the cells of a table stand one below the other
    group: int = 0
    labelled: bool = False


@dataclass
class Attendance:
    """Everybody found, and the rows that named them."""

    people: list[ReadAttendee] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    groups: list[int] = field(default_factory=list)


def begins_list(row: Row) -> bool:
    """Whether a row is the label of a list of people."""
    return bool(_LABEL.fullmatch(_bare(row)))


def attendance_of(rows: Sequence[Row], headings: Sequence[Heading]) -> Attendance:
    """Everybody listed before the first heading and under those about attendance."""
    found = Attendance()
    known = _codes(rows[: headings[0].place if headings else len(rows)])
    first = headings[0].place if headings else len(rows)
    _read(rows[:first], found, known, named=False)
    for heading, following in zip_longest(headings, headings[1:]):
        end = following.place if following else len(rows)
        if _ABOUT_ATTENDANCE.search(heading.text):
            is_apologies = re.match(r"apolog", heading.text, re.IGNORECASE)
            part = rows[heading.body : end]
            status = "apologies" if is_apologies and found.people else "present"
            _read(part, found, known, named=True, status=status)
    found.people[:] = _once(_doubting(found))
    return found


def _codes(rows: Sequence[Row]) -> tuple[str, ...]:
    """Codes that stand last in several rows: "WMP" of four officers."""
    last: Counter[str] = Counter()
    for row in rows:
        if match := re.search(r"(?:,|\s[–—-])\s+([A-Z]{2,6})$", row.words):
            last[match[1]] += 1
    return tuple(code for code, count in last.items() if count > 1)


def _read(
    rows: Sequence[Row],
    found: Attendance,
    known: tuple[str, ...],
    *,
    named: bool,
    status: str = "present",
) -> None:
    block = _Block(named=named, status=status)
    for place, row in enumerate(rows):
        if row.place in found.rows:
            continue
        if row.apart and found.rows:
            block.group += 1
        if _is_label(row, block, found, known):
            continue
        if _is_header(row, block):
            continue
        if block.named and not found.people and _is_lost_head(row, block):
            continue
        if match := _IN_SENTENCE.search(row.words):
            people = people_in(match["names"], known=known)
            _add(found, block, row, people)
            if (apologies := _SENT_APOLOGIES.search(row.words)) and people:
                away = people_in(apologies["names"], known=known)
                _add(found, replace(block, status="apologies"), row, away)
            continue
        if match := _SENT_APOLOGIES.match(row.words):
            block.status = "apologies"
            people = people_in(match["names"].rstrip("."), known=known)
            _add(found, block, row, [p for p in people if _is_full(p)])
            if named:
                block.status = status
            continue
        names_a_post = block.labelled and has_post(row.words.split(":")[0])
        if _FACT.match(row.words) and not block.columns and not names_a_post:
            continue
        if not block.named and (people := _told_by_a_label(row)):
            _add(found, block, row, people)
            continue
        if block.labelled and _is_body(row):
            block.organisation = row.words.rstrip(" :")
            continue
        if not block.named and row.words.endswith(":") and is_organisation(row.words):
            block.organisation, block.named = row.words.rstrip(" :"), True
            continue
        if _takes(row, rows[place + 1 : place + 3], found, block, known):
            continue
        tells = is_sentence(row.words) and not _ABOUT_ATTENDANCE.search(row.words)
        if named and tells:
            break


def _told_by_a_label(row: Row) -> list[Person]:
    """ "Board: Corin Penrose, PCC (Chair); Loveday Hicks, Business Manager"."""
    _, colon, rest = row.words.partition(": ")
    if not colon or ";" not in rest or len(row.words.split(":")[0]) > 30:
        return []
    people = people_in(rest)
    return people if len(people) > 1 and all(p.capacity for p in people) else []


def _is_label(
    row: Row, block: _Block, found: Attendance, known: tuple[str, ...]
) -> bool:
    """ "Present:", "Apologies for absence", with names behind it or below."""
    if row.columns and len(row.columns) > 2 and _header_of(row):
        return False
    match = _LABEL.fullmatch(_bare(row))
    if match is None:
        return False
    rest = match["rest"].strip(" \t–-")
    block.status = "apologies" if match["apologies"] else "present"
    block.named = block.labelled = True
    block.organisation = ""
    if rest and not _NONE.fullmatch(rest):
        if len(row.columns) > 2 or (len(row.columns) == 2 and row.cells[0] == ""):
            return False
        people = _behind_label(rest, known)
        if not people:
            return False
        _add(found, block, row, people)
    return True


def _behind_label(rest: str, known: tuple[str, ...]) -> list[Person]:
    """One person with their post in the next column, or all of a list."""
    if "\t" in rest:
        person = person_in(rest.replace("\t", " – "), known=known)
        return [person] if person else []
    return people_in(rest, known=known)


def _bare(row: Row) -> str:
    text = re.sub(r"\s{2,}", "\t", row.text.strip("* ")).strip()
    return re.sub(r"\t(?=.*\t)", "\t", text)


def _header_of(row: Row) -> tuple[str, ...]:
    """What the columns of a table of people are, if this is its head."""
    names = []
    for cell in row.columns:
        word = cell.strip(" :*")
        names.append(
            next((n for n, pattern in _HEADS.items() if pattern.fullmatch(word)), "")
        )
    known = [name for name, cell in zip(names, row.columns, strict=True) if cell]
    return tuple(names) if "name" in known and len(known) > 1 and all(known) else ()


def _is_lost_head(row: Row, block: _Block) -> bool:
    """ "Position" below "Name": the cells of the table stand one below the other."""
    if any(pattern.fullmatch(row.words.strip(" :*")) for pattern in _HEADS.values()):
        block.lost = True
        return True
    return False


def _is_body(row: Row) -> bool:
    """The name of an organisation, over those who came from it."""
    words = row.words
    return (
        not row.bullet
        and len(row.columns) == 1
        and len(words.split()) <= 8
        and is_organisation(words)
        and person_in(words) is None
    )


def _is_header(row: Row, block: _Block) -> bool:
    if _HEADS["name"].fullmatch(row.words.strip(" :*")):
        block.named = block.labelled = True
        return True
    if columns := _header_of(row):
        block.columns, block.named, block.labelled = columns, True, True
        return True
    return False


def _takes(
    row: Row,
    below: Sequence[Row],
    found: Attendance,
    block: _Block,
    known: tuple[str, ...],
) -> bool:
    """Adds whom a row names; whether it names anybody."""
    columns = [cell for cell in row.columns if cell.strip()]
    if columns and (match := _LABEL.fullmatch(columns[0])) and len(columns) > 1:
        block.status = "apologies" if match["apologies"] else "present"
        block.named = block.labelled = True
        columns = columns[1:]
    if len(columns) == 2 and not block.columns:
        both = [person_in(cell, known=known) for cell in columns]
        if all(person and has_post(person.capacity) for person in both):
            _add(found, block, row, [person for person in both if person])
            return True
    if len(columns) > 1:
        person = _in_columns(columns, block, known)
        if person and (block.named or has_post(person.capacity)):
            _add(found, block, row, [person])
            return True
        return False
    text = columns[0] if columns else ""
    if len(people := _several(text, named=block.named)) > 1:
        _add(found, block, row, people)
        return True
    person = person_in(text, known=known)
    if person is None:
        return False
    if not (
        person.abbreviation
        or has_post(person.capacity)
        or person.role
        or (block.named and (is_name(text) or bool(person.capacity)))
    ):
        return False
    if not block.named and not row.bullet and is_sentence(text):
        return False
    if block.named and is_name(text):
        if _is_lost_table(below):
            return _lost_row(row, below, found, block)
        if block.lost and below and has_post(below[0].words):
            found.rows.add(below[0].place)
            _add(found, block, row, [Person(row.words, below[0].words)])
            return True
    _add(found, block, row, [person])
    return True


def _several(text: str, *, named: bool) -> list[Person]:
    """The people of a line that names more than one, each with what they are."""
    if "," not in text and ";" not in text:
        return []
    people = people_in(text)
    if named and all(is_name(part.strip()) for part in text.split(",")):
        return people
    if len(people) > 2 or re.match(r"councillors\b|cllrs\b", text, re.IGNORECASE):
        return people if all(p.capacity or p.abbreviation for p in people) else []
    return []


def _is_lost_table(below: Sequence[Row]) -> bool:
    """A name, its post and its initials on three lines, as a table in a PDF may end."""
    return (
        len(below) == 2
        and not below[0].apart
        and not below[1].apart
        and has_post(below[0].words)
        and bool(re.fullmatch(r"[A-Z]{2,4}", below[1].words))
    )


def _lost_row(row: Row, below: Sequence[Row], found: Attendance, block: _Block) -> bool:
    person = Person(row.words, below[0].words, below[1].words)
    _add(found, block, row, [person])
    found.rows |= {below[0].place, below[1].place}
    return True


def _in_columns(
    columns: Sequence[str], block: _Block, known: tuple[str, ...]
) -> Person | None:
    heads = [head for head in block.columns if head]
    if heads and len(columns) <= len(heads):
        cells = dict(zip(heads, columns, strict=False))
        person = person_in(cells.get("name", ""), known=known)
        if person is None:
            return None
        if capacity := cells.get("capacity"):
            told = person_in(f"{person.name} – {capacity}", known=known)
            person = replace(
                told or person,
                role=person.role or (told.role if told else ""),
                abbreviation=person.abbreviation or (told.abbreviation if told else ""),
            )
        if code := cells.get("abbreviation"):
            person = replace(person, abbreviation=code)
        if body := cells.get("organisation"):
            person = replace(person, organisation=body)
        if status := cells.get("status"):
            is_away = re.match(r"apol|absent|no\b|x$", status, re.IGNORECASE)
            person = replace(person, status="apologies" if is_away else "present")
        return person
    person = person_in(" – ".join(columns[:2]), known=known)
    if person is None:
        return None
    for cell in columns[2:]:
        if re.fullmatch(r"[A-Z/&]{2,6}", cell) and not person.abbreviation:
            person = replace(person, abbreviation=cell)
        elif not person.organisation:
            person = replace(person, organisation=cell)
    return person


def _is_full(person: Person) -> bool:
    """More than the surname of somebody who is listed elsewhere."""
    return len(person.name.split()) > 1


def _add(found: Attendance, block: _Block, row: Row, people: Sequence[Person]) -> None:
    for person in people:
        found.people.append(
            person.as_attendee(
                row.number, status=block.status, organisation=block.organisation
            )
        )
        found.groups.append(-1 if block.labelled else block.group)
        found.rows.add(row.place)


def _doubting(found: Attendance) -> list[ReadAttendee]:
    """A second list without a heading may be of apologies."""
    sizes = Counter(found.groups)
    if -1 in sizes or len(sizes) < 2 or max(sizes.values()) < 2:
        return found.people
    first = min(sizes)
    return [
        person
        if group == first
        else replace(
            person,
            doubt="This list has no heading: were they present, or sent apologies?",
        )
        for person, group in zip(found.people, found.groups, strict=True)
    ]


def _once(people: Sequence[ReadAttendee]) -> list[ReadAttendee]:
    """Somebody listed twice is one; the fuller entry counts."""
    kept: dict[str, ReadAttendee] = {}
    for person in people:
        key = person.name.casefold()
        first = kept.get(key)
        if first is None:
            kept[key] = person
        else:
            kept[key] = replace(
                first,
                capacity=(
                    _post(first.capacity) or _post(person.capacity) or first.capacity
                ),
                abbreviation=first.abbreviation or person.abbreviation,
                organisation=first.organisation or person.organisation,
                role=first.role or person.role,
            )
    return list(kept.values())


def _post(capacity: str) -> str:
    """A capacity that is more than the role of the day."""
    return (
        "" if re.fullmatch(r"(?:co-?)?chair\w*", capacity, re.IGNORECASE) else capacity
    )
