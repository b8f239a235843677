"""Rows of a tracker set beside the registers: what each becomes, and what is doubtful.

Nothing is guessed. What a row does not say, or says so that it may mean two things,
stays unset, with a sentence that says so.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from actions.importing.known import Known, bare
from actions.importing.line import (
    NO_MEETING,
    ON_HOLD,
    DuePlan,
    LinePlan,
    OwnerPlan,
    Said,
    is_more_than_a_status,
    said_by,
    stands_of,
)
from actions.importing.plan import CLOSED, OPEN
from actions.importing.register import Register
from actions.spoken import LONGEST_TEXT, called
from assurance.calendar import day_in_words
from meetings.models import AgendaItem, Meeting, MeetingType
from meetings.posts import post_of
from meetings.reader.files.columns import (
    held_on,
    is_group,
    is_headings_again,
    iso_day,
    undashed,
)
from meetings.reader.phrases.due import DueReading, DueSense, read_due
from meetings.reader.phrases.names import NamedOrganisation, NamedPerson
from meetings.reader.phrases.owners import Doubt, OwnersReading, read_names
from meetings.reader.text.printed import days_in

LONGEST_REFERENCE = 50
LONGEST_DUE_WORDS = 150
LONGEST_SOURCE = 200
_LONG_AGO = dt.timedelta(days=183)
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 1, 1)


@dataclass(frozen=True)
class SheetFacts:
    """What counts for every row of a sheet."""

    name: str
    headings_row: int
    headings: Sequence[str]
    meanings: Sequence[str]
    raised_on: dt.date | None = None
    closed: bool = False


class Row(NamedTuple):
    """A row as it is to be understood."""

    number: int
    cells: Sequence[str]
    mended: Mapping[str, str]


@dataclass(frozen=True)
class Understood:
    """What became of a row: a plan, if it is of an action.

    ``there`` is the id of the action that the register has of it; ``repeats`` the
    number of the row above that says the same.
    """

    plan: LinePlan | None = None
    there: int | None = None
    repeats: int | None = None


class Reading:
    """Understands the rows of one sheet, from the top down."""

    def __init__(self, facts: SheetFacts, *, today: dt.date) -> None:
        self.facts, self.today = facts, today
        self.known = Known()
        self._types: dict[str, list[MeetingType]] = {}
        self._read_names: dict[str, OwnersReading] = {}
        self._dues: dict[tuple[str, dt.date], DueReading | None] = {}

    def understand_all(self, rows: Iterable[Row]) -> dict[int, Understood]:
        """Each row below the headings, by its number."""
        register = Register()
        group, found = "", dict[int, Understood]()
        seen: dict[tuple[str, str], int] = {}
        for row in rows:
            if row.number <= self.facts.headings_row or is_headings_again(
                row.cells, self.facts.headings
            ):
                continue
            if is_group(row.cells, self.facts.meanings) and not row.mended:
                group = next(cell for cell in row.cells if cell)
                continue
            plan = self._plan(row, group)
            there, doubt = register.find(plan)
            if doubt:
                plan = _with_doubt(plan, doubt)
            key = (plan.reference.casefold(), bare(plan.text))
            repeats = seen.setdefault(key, row.number) if plan.text else row.number
            found[row.number] = Understood(
                plan,
                there.pk if there else None,
                repeats if repeats != row.number else None,
            )
        return found

    def _plan(self, row: Row, group: str) -> LinePlan:
        said = said_by(
            row.cells,
            meanings=self.facts.meanings,
            headings=self.facts.headings,
            mended=row.mended,
        )
        return _Line(self, said, group).plan()

    # What every row asks

    @cached_property
    def people(self) -> list[NamedPerson]:
        """Whoever was at a meeting, as they were last named there."""
        return [
            NamedPerson(
                seat.pk,
                self._names[seat.person_id],
                seat.abbreviation,
                seat.capacity,
                seat.organisation_id,
            )
            for seat in self.known.last_seats.values()
        ]

    @cached_property
    def _names(self) -> dict[int, str]:
        rows = [row for rows in self.known.people.values() for row in rows]
        return {row.pk: row.name for row in rows}

    @cached_property
    def seats(self) -> dict[int, tuple[int | None, str, int]]:
        """Organisation, post and person of each seat."""
        return {
            seat.pk: (seat.organisation_id, post_of(seat.capacity), seat.person_id)
            for seat in self.known.last_seats.values()
        }

    @cached_property
    def bodies(self) -> list[NamedOrganisation]:
        return [
            NamedOrganisation(row.pk, row.name, tuple(row.all_short_names()))
            for row in self.known.organisations
        ]

    def body(self, pk: int) -> str:
        return next(r.abbreviation for r in self.known.organisations if r.pk == pk)

    def held_on(self, day: dt.date) -> list[Meeting]:
        return self._by_day.get(day, [])

    @cached_property
    def _by_day(self) -> dict[dt.date, list[Meeting]]:
        found: dict[dt.date, list[Meeting]] = {}
        for meeting in self.known.meetings:
            if meeting.date <= self.today:
                found.setdefault(meeting.date, []).append(meeting)
        return found

    def held_in_month(self, first: dt.date) -> list[Meeting]:
        month = (first.year, first.month)
        return [
            meeting
            for day, meetings in self._by_day.items()
            if (day.year, day.month) == month
            for meeting in meetings
        ]

    @cached_property
    def items(self) -> dict[tuple[int, str], list[int]]:
        """Items of agendas by meeting and heading."""
        found: dict[tuple[int, str], list[int]] = {}
        rows = AgendaItem.objects.filter(meeting__date__lte=self.today)
        for pk, meeting, heading in rows.values_list("pk", "meeting_id", "heading"):
            found.setdefault((meeting, bare(heading)), []).append(pk)
        return found

    # Trackers say the same on many rows: what was understood once is kept.

    def types(self, words: str) -> list[MeetingType]:
        if words not in self._types:
            self._types[words] = called(words, [], self.known.types)[1]
        return self._types[words]

    def names(self, words: str) -> OwnersReading:
        if words not in self._read_names:
            self._read_names[words] = read_names(
                words, people=self.people, organisations=self.bodies
            )
        return self._read_names[words]

    def due(self, words: str, raised_on: dt.date) -> DueReading | None:
        key = (words, raised_on)
        if key not in self._dues:
            self._dues[key] = _read_due(words, raised_on)
        return self._dues[key]


@dataclass
class _Line:
    """One row, understood."""

    reading: Reading
    said: Said
    group: str
    errors: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    # Meetings of that day, whether actions may still be added to them or not.
    there: list[Meeting] = field(default_factory=list)

    def plan(self) -> LinePlan:
        text = self._text()
        reference = self._reference()
        raised_on, in_month = self._raised_on()
        meeting = self._meeting(raised_on, in_month)
        if meeting is not None:
            raised_on = meeting.date
        elif in_month and raised_on:
            self.doubts.append(
                f"“{self._raised_words}” names no day: {day_in_words(raised_on)} is "
                "taken"
            )
        stands, look_again_on = self._stands()
        owners, owners_said = self._owners()
        due, first_due, due_words = self._dues(raised_on, meeting, stands)
        item = self._item(meeting)
        return LinePlan(
            reference=reference,
            text=text,
            owners=owners,
            owners_said=owners_said,
            owner_words=self.said["owner"],
            due=due,
            first_due=first_due,
            due_words=due_words,
            stands=stands,
            look_again_on=look_again_on,
            raised_on=raised_on,
            raised_words=self._raised_words,
            meeting=meeting.pk if meeting else None,
            item=item,
            raised_said=self._raised_said(meeting, raised_on),
            source=self._source() if meeting is None else "",
            update=self._update(),
            remarks=tuple(self.remarks),
            errors=tuple(self.errors),
            doubts=tuple(self.doubts),
        )

    def _text(self) -> str:
        text = self.said["action"].strip()
        if not text:
            self.errors.append("The action is empty. Write what is to be done")
        elif len(text) > LONGEST_TEXT:
            self.errors.append(
                f"The action has {len(text):,} characters; the most is "
                f"{LONGEST_TEXT:,}. Shorten it"
            )
        return text

    def _reference(self) -> str:
        reference = " ".join(self.said["reference"].split())
        if len(reference) > LONGEST_REFERENCE:
            self.errors.append(
                f"The reference has {len(reference)} characters; the most is "
                f"{LONGEST_REFERENCE}. Shorten it"
            )
        return reference

    # Where and when it was raised

    @property
    def _raised_words(self) -> str:
        return self.said["raised_on"] or self.said["item"] or self.group

    def _raised_on(self) -> tuple[dt.date | None, bool]:
        """The day, and whether only its month is known."""
        for words in (self.said["raised_on"], self.said["item"], self.group):
            if held := held_on(words):
                if EARLIEST <= held.day < LATEST:
                    return held.day, held.first_of_month
                said = day_in_words(held.day)
                self.errors.append(
                    f"{said} cannot be the day it was raised. Put it right"
                )
                return None, False
        if words := self.said["raised_on"]:
            self.doubts.append(f"“{words}” is no day that can be read")
        if day := self.reading.facts.raised_on:
            return day, False
        self.errors.append(
            "Nothing says when it was raised. Write the day here, or once for all rows "
            "with the columns"
        )
        return None, False

    def _meeting(self, day: dt.date | None, in_month: bool) -> Meeting | None:
        """The one of that day, or that month, that actions may still be added to."""
        if day is None:
            return None
        there = (
            self.reading.held_in_month(day) if in_month else self.reading.held_on(day)
        )
        self.there = there
        if self.said["meeting"] == NO_MEETING:
            return None
        if chosen := self.said["meeting"]:
            return next((one for one in there if str(one.pk) == chosen), None)
        named = self.reading.types(self.said["item"]) if self.said["item"] else []
        of_type = [one for one in there if one.type in named] or there
        self.there = of_type
        can_be = [one for one in of_type if one.is_editable]
        if len(can_be) > 1:
            when = f"{day:%B %Y}" if in_month else day_in_words(day)
            self.doubts.append(
                f"There is more than one meeting of {when}: choose one, or leave it as "
                "from the spreadsheet"
            )
        return can_be[0] if len(can_be) == len(of_type) == 1 else None

    def _item(self, meeting: Meeting | None) -> int | None:
        words = self.said["item"]
        if not words or meeting is None:
            return None
        found = self.reading.items.get((meeting.pk, bare(words)), [])
        if len(found) == 1:
            return found[0]
        if meeting.type not in self.reading.types(words):
            self.remarks.append(f"Meeting or item there: “{words}”.")
        return None

    def _raised_said(self, meeting: Meeting | None, day: dt.date | None) -> str:
        if meeting is not None:
            return f"{meeting}, {day_in_words(meeting.date)}"
        if day is None:
            return ""
        said = f"The spreadsheet, {day_in_words(day)}"
        if self.there and not any(one.is_editable for one in self.there):
            said += ", as the minutes of that meeting are agreed"
        return said

    def _source(self) -> str:
        words = [self.reading.facts.name, self.said["item"] or self.group]
        said = ": ".join(" ".join(part.split()) for part in words if part)
        return said if len(said) <= LONGEST_SOURCE else f"{said[:199]}…"

    # How it stands

    def _stands(self) -> tuple[str, dt.date | None]:
        words, closed_on = self.said["status"].strip(), self.said["closed_on"].strip()
        if chosen := self.said["stands"]:
            until = held_on(self.said["look_again_on"])
            if chosen == ON_HOLD and until is None:
                self.errors.append("Enter the day until which it is on hold")
            return chosen, until.day if until and chosen == ON_HOLD else None
        stands = stands_of(words)
        if words and not is_more_than_a_status(words):
            self.remarks.append(f"Status there: “{words}”.")
        if closed_on:
            self.remarks.append(f"Closed there: “{_shown(closed_on)}”.")
        if stands == ON_HOLD:
            self.doubts.append(
                "It is on hold there. It comes in as open, unless you say until when "
                "it is held"
            )
            return OPEN, None
        if not stands and closed_on and (not words or held_on(closed_on)):
            stands = CLOSED
        if words and not stands:
            self.doubts.append(f"“{_short(words)}” says no status: it comes in as open")
            return OPEN, None
        if not stands:
            return (CLOSED if self.reading.facts.closed else OPEN), None
        return stands, None

    def _update(self) -> str:
        words, status = self.said["update"].strip(), self.said["status"].strip()
        if is_more_than_a_status(status) and "update" not in self.said.mended:
            return "\n".join(part for part in (status, words) if part)
        return words

    # Who

    def _owners(self) -> tuple[tuple[OwnerPlan, ...], str]:
        words = " / ".join(self.said["owner"].splitlines()).strip()
        if not words or bare(words) in ("tbc", "tbd", "none", "nobody", "n a"):
            return (), ""
        read = self.reading.names(words)
        owners: list[OwnerPlan] = []
        said: list[str] = []
        for found in read.owners:
            key = found.who.key
            assert isinstance(key, int)
            if isinstance(found.who, NamedOrganisation):
                owners.append(OwnerPlan(key))
                said.append(self.reading.body(key))
                continue
            organisation, post, person = self.reading.seats[key]
            if organisation is None:
                self.doubts.append(
                    f"{found.who.name} has no organisation at any meeting, so cannot "
                    "be an owner yet"
                )
                continue
            owners.append(OwnerPlan(organisation, post, person))
            body = self.reading.body(organisation)
            said.append(", ".join(filter(None, (body, post, found.who.name))))
        for doubt in read.doubts:
            if holder := self._post_of(doubt):
                owners.append(holder)
                body = self.reading.body(holder.organisation)
                said.append(f"{body}, {holder.post}")
            else:
                self.doubts.append(_owner_doubt(doubt))
        if len(owners) < len(read.owners) + len(read.doubts):
            self.remarks.append(f"Owner there: “{words}”.")
        return tuple(dict.fromkeys(owners)), "; ".join(dict.fromkeys(said))

    def _post_of(self, doubt: Doubt) -> OwnerPlan | None:
        """Words that fit several who held one post name that post, whoever has it."""
        seats = [
            self.reading.seats[who.key]
            for who in doubt.may_be
            if isinstance(who, NamedPerson) and isinstance(who.key, int)
        ]
        posts = {(organisation, post) for organisation, post, _ in seats}
        if len(seats) < 2 or len(seats) < len(doubt.may_be) or len(posts) != 1:
            return None
        organisation, post = posts.pop()
        return OwnerPlan(organisation, post) if organisation and post else None

    # When

    def _dues(
        self, raised_on: dt.date | None, meeting: Meeting | None, stands: str
    ) -> tuple[DuePlan, DuePlan | None, str]:
        """Its due now, what that was before, and the words to keep."""
        first, revised = self.said.words.get("due", ""), self.said.words.get("new_due")
        words = self.said.mended.get("due", revised or first)
        due = self._due(words, raised_on, meeting, stands)
        if not (revised and first) or words == first:
            return due, None, _words_kept(words, due)
        was = self._due(first, raised_on, meeting, CLOSED)
        self.remarks.append(f"Due there at first: “{_shown(first)}”.")
        if was.kind == "none" or due.kind == "none" or was == due:
            return due, None, _words_kept(words, due)
        return due, was, _words_kept(words, due)

    def _due(
        self,
        words: str,
        raised_on: dt.date | None,
        meeting: Meeting | None,
        stands: str,
    ) -> DuePlan:
        """Of an action that is closed nothing is left to be doubtful about."""
        if not words or raised_on is None:
            return DuePlan()
        due, why = self._due_of(words, raised_on, meeting)
        if why and stands != CLOSED:
            self.doubts.append(f"No due date is set from “{_shown(words)}”: {why}")
        return due

    def _due_of(
        self, words: str, raised_on: dt.date, meeting: Meeting | None
    ) -> tuple[DuePlan, str]:
        reading = self.reading.due(words, raised_on)
        if reading is None:
            return DuePlan(), "it is not understood"
        match reading.sense:
            case DueSense.NO_DATE:
                return DuePlan(said=f"No date: “{words}”"), ""
            case DueSense.DATE:
                assert reading.on is not None
                if reading.on < raised_on:
                    raised = day_in_words(raised_on)
                    return DuePlan(), f"it is before the day it was raised, {raised}"
                return DuePlan("date", reading.on, None, day_in_words(reading.on)), ""
            case DueSense.NEXT_MEETING:
                return self._next_meeting(meeting, raised_on)
            case DueSense.NAMED_MEETING:
                return self._named(reading.name, raised_on)
            case DueSense.MONTHS_MEETING:
                return self._in_month(reading, raised_on)
        return DuePlan(), _lower(reading.why)

    def _next_meeting(
        self, meeting: Meeting | None, raised_on: dt.date
    ) -> tuple[DuePlan, str]:
        held = [meeting] if meeting else self.there
        types = list(dict.fromkeys(one.type for one in held))
        types = types or self.reading.types(self.said["item"])
        if not types and len(self.reading.known.types) == 1:
            types = self.reading.known.types
        if len(types) != 1:
            return DuePlan(), "it does not say of which type"
        return self._next_of(types[0], raised_on)

    def _next_of(self, type_: MeetingType, raised_on: dt.date) -> tuple[DuePlan, str]:
        """Of an old action the next meeting was held at that time, not years later."""
        if raised_on < self.reading.today - _LONG_AGO:
            later = self.reading.known.later_than(raised_on)
            until = raised_on + _LONG_AGO
            if not any(one.type == type_ and one.date <= until for one in later):
                return DuePlan(), f"no {type_} soon after it is in the register"
        return DuePlan("type", None, type_.pk, f"At the next {type_}"), ""

    def _named(self, name: str, raised_on: dt.date) -> tuple[DuePlan, str]:
        known = self.reading.known
        themes, types = called(name, known.themes, known.types)
        if len(themes) + len(types) != 1:
            return DuePlan(), f"it is not clear which meeting “{name}” is"
        if themes:
            said = f"At the next meeting on {themes[0]}"
            return DuePlan("theme", None, themes[0].pk, said), ""
        return self._next_of(types[0], raised_on)

    def _in_month(self, reading: DueReading, raised_on: dt.date) -> tuple[DuePlan, str]:
        month = reading.month
        assert month is not None
        there = [
            one
            for one in self.reading.known.later_than(raised_on)
            if (one.date.year, one.date.month) == (month.year, month.month)
        ]
        if len(there) != 1:
            many = "more than one meeting is" if there else "no meeting is"
            return DuePlan(), f"{many} in {month:%B %Y}"
        said = f"At the meeting of {day_in_words(there[0].date)}"
        return DuePlan("meeting", None, there[0].pk, said), ""


def _read_due(words: str, raised_on: dt.date) -> DueReading | None:
    """The due of a cell, which needs no "by" before it."""
    plain = " ".join(undashed(words).split())
    unclear = None
    for phrase in (plain, f"by {plain}", f"at the {plain}", f"at {plain}"):
        if len(days_in(plain)) == 1 and phrase == plain:
            continue  # a day alone; what stands around it is said with "by" before it
        reading = read_due(phrase, raised_on)
        if reading and reading.is_understood:
            return reading
        unclear = unclear or reading
    return unclear


def _with_doubt(plan: LinePlan, doubt: str) -> LinePlan:
    return replace(plan, doubts=(*plan.doubts, doubt))


def _owner_doubt(doubt: Doubt) -> str:
    names = [who.name for who in doubt.may_be]
    if not names:
        return f"“{doubt.words}” is nobody at any meeting here and no organisation"
    if len(names) == 1:
        return f"“{doubt.words}” alone does not say that {names[0]} is meant"
    return f"“{doubt.words}” may be {' or '.join(dict.fromkeys(names))}"


def _shown(words: str) -> str:
    """A day as people write it, else the words."""
    day = iso_day(words)
    return day_in_words(day) if day else _short(words)


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 80 else f"{words[:79]}…"


def _words_kept(words: str, due: DuePlan) -> str:
    """As much as the register keeps; a plain day says nothing beside the due itself."""
    if due.kind == "date" and iso_day(words):
        return ""
    day = iso_day(words)
    return (day_in_words(day) if day else " ".join(words.split()))[:LONGEST_DUE_WORDS]


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
