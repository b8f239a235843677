"""What was read, set beside the registers: what to save of it, and what is doubtful."""

import datetime as dt
import re
from dataclasses import dataclass, replace

from dateutil.relativedelta import relativedelta

from actions.importing.known import Known, bare, name_of
from actions.importing.plan import (
    AS_NEW,
    CLOSED,
    IN_NOTES,
    NEW,
    OPEN,
    ORGANISATION,
    SEAT,
    ActionPlan,
    ItemPlan,
    MeetingPlan,
    NextPlan,
    Plan,
    Proposal,
    SeatPlan,
)
from actions.spoken import called, owner_doubt
from assurance.calendar import day_in_words
from meetings.models import Attendee, Kind, Meeting, Person
from meetings.posts import post_of
from meetings.reader.minutes import (
    Clock,
    Day,
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    Words,
)
from meetings.reader.phrases.due import DueSense, read_due
from meetings.reader.phrases.names import NamedOrganisation, NamedPerson
from meetings.reader.phrases.owners import read_names

_LONGEST_DUE_WORDS = 150
_ONLINE = re.compile(r"\b(?:zoom|(?:ms |microsoft )?teams|skype|online|virtual)", re.I)
# What an item's heading says it is for; the first that fits.
_KINDS = (
    (
        Kind.LAST_MINUTES,
        r"\bminutes\b.*\b(?:last|previous)|\b(?:last|previous)\b.*\bmi",
    ),
    (
        Kind.SUMMARY,
        r"\bsummary of (?:the )?actions?\b|\bactions? (?:summary|arising)\b",
    ),
    (Kind.ACTION_TRACKER, r"\baction (?:tracker|log|list)\b|\boutstanding matters\b"),
    (Kind.NEXT_MEETING, r"\b(?:next|future) meetings?\b"),
    (Kind.INSPECTION, r"\bHMICFRS\b|\binspection programme\b|\bimprovement board\b"),
    (Kind.AOB, r"^\W*A\.?O\.?B\b|\bany other business\b"),
)
# Words of a title that do not tell what a meeting was about.
_SAYS_NOTHING = {
    *("a", "at", "draft", "final", "for", "held", "in", "meeting", "minutes", "note"),
    *("notes", "of", "on", "public", "record", "st", "nd", "rd", "th", "the"),
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december", "monday", "tuesday"),
    *("wednesday", "thursday", "friday", "saturday", "sunday"),
}
_RAISED = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")


def propose(
    read: ReadMinutes, *, today: dt.date, known: Known | None = None
) -> Proposal:
    """What these minutes come to. Whatever is doubtful has a sentence that says why."""
    return _Proposer(read, known or Known(), today).propose()


def count_doubts(read: ReadMinutes, *, today: dt.date) -> int:
    """How many things a person has to check before this is saved."""
    proposal = propose(read, today=today)
    return sum(map(len, proposal.doubts.values())) + bool(read.warnings)


def kind_of(heading: str) -> str:
    for kind, pattern in _KINDS:
        if re.search(pattern, heading, re.IGNORECASE):
            return str(kind)
    return str(Kind.THEMED)


@dataclass
class _Proposer:
    read: ReadMinutes
    known: Known
    today: dt.date

    def propose(self) -> Proposal:
        self.out = Proposal(Plan())
        meeting = self._meeting()
        seats = self._seats()
        items = tuple(self._item(key, item, seats) for key, item in self._items())
        actions = tuple(
            self._action(key, action, meeting, seats)
            for key, action in enumerate(self.read.actions, 1)
        )
        self.out.plan = Plan(meeting, seats, items, actions, self._next(meeting))
        return self.out

    # The meeting

    def _fact(self, name: str, fact: Words | Day | Clock | None, word: str) -> None:
        if fact is not None:
            self.out.comes_from(fact.line, word, f"facts-{name}")
            self.out.doubt(f"facts-{name}", fact.doubt)

    def _meeting(self) -> MeetingPlan:
        facts, out = self.read.facts, self.out
        for name, fact in {
            "title": facts.title,
            "type": facts.type,
            "theme": facts.theme,
            "date": facts.date,
            "start": facts.start,
            "end": facts.end,
            "venue": facts.venue,
        }.items():
            self._fact(name, fact, name.capitalize())
        type_ = self.known.type(facts.type.value) if facts.type else ""
        theme = self.known.theme(facts.theme.value) if facts.theme else ""
        if not type_:
            out.doubt("facts-type", "The text names no type of meeting")
        self._new("facts-type", type_, "type of meeting", "type")
        self._new("facts-theme", theme, "theme", "theme")
        date = facts.date.value if facts.date else None
        if date is None:
            out.doubt("facts-date", "The text gives no date that can be read")
        elif date > self.today:
            out.doubt("facts-date", "This day is still to come")
        is_old = date is not None and date < self.today - relativedelta(years=1)
        venue = facts.venue.value if facts.venue else ""
        if others := self.known.on_day(date, type_):
            out.doubt("facts-same_day", same_day_doubt(others))
        return MeetingPlan(
            type=type_,
            title=self._title(theme),
            theme=theme,
            date=date,
            start=facts.start.value if facts.start else None,
            end=facts.end.value if facts.end else None,
            venue=venue,
            held=_held(venue),
            old_actions=CLOSED if is_old else OPEN,
        )

    def _title(self, theme: str) -> str:
        """What it is about: its theme, else its title where that says more than its
        type.
        """
        facts = self.read.facts
        if theme:
            return name_of(theme, self.known.themes)
        title = facts.title.value if facts.title else ""
        words = set(re.findall(r"[a-z]+", title.casefold()))
        known = facts.type.value.casefold() if facts.type else ""
        return title if words - _SAYS_NOTHING - set(known.split()) else ""

    def _new(self, part: str, choice: str, what: str, field: str) -> None:
        if choice.startswith(NEW):
            said = f"No {what} is called “{choice[len(NEW) :]}” yet: it will be new"
            self.out.doubt(part, said, field)

    # People

    def _seats(self) -> tuple[SeatPlan, ...]:
        rows = [self._seat(key, row) for key, row in enumerate(self.read.attendees)]
        facts = self.read.facts
        for chair in facts.chairs:
            self._named_as(rows, chair, "chair", "Chair")
        if facts.minute_taker:
            self._named_as(rows, facts.minute_taker, "minute_taker", "Minute-taker")
        return tuple(rows)

    def _named_as(
        self, rows: list[SeatPlan], words: Words, role: str, word: str
    ) -> None:
        """Whoever the heading names has that role; who is not listed is added."""
        found = read_names(words.value, people=_people(rows), organisations=[])
        keys = {str(owner.who.key) for owner in found.owners}
        keys |= {
            f"{SEAT}{row.key}" for row in rows if bare(row.name) == bare(words.value)
        }
        if not keys:
            row = SeatPlan(len(rows), name=words.value, role=role, listed=False)
            rows.append(row)
            said = f"{words.value} is named as {word.lower()} and not in the list"
            about = ("name", "person", "role", "listed")
            self.out.doubt(f"seats-{row.key}", words.doubt or said, *about)
            keys = {f"{SEAT}{row.key}"}
        elif words.doubt:
            self.out.doubt("seats-" + min(keys)[len(SEAT) :], words.doubt, "role")
        for place, row in enumerate(rows):
            if f"{SEAT}{row.key}" in keys:
                self.out.comes_from(words.line, word, f"seats-{row.key}")
                rows[place] = replace(row, role=row.role or role)

    def _seat(self, key: int, row: ReadAttendee) -> SeatPlan:
        part = f"seats-{key}"
        self.out.comes_from(row.line, _SEAT_WORDS.get(row.status, "Attendee"), part)
        self.out.doubt(part, row.doubt, "attendance")
        alike = self.known.alike(row.name)
        person = str(alike[0].pk) if len(alike) == 1 else ""
        exact = any(bare(one.name) == bare(row.name) for one in alike)
        self.out.doubt(part, self._who(row, alike), "name", "person")
        organisation = self.known.organisation(row.organisation)
        self._new(part, organisation, "organisation", "organisation")
        if exact and person:
            said = self._another_post(int(person), row.capacity, organisation)
            self.out.doubt(part, said, "name", "person", "organisation")
        if not row.organisation and person:
            organisation = self._same_post(int(person), row.capacity)
        return SeatPlan(
            key,
            name=row.name,
            person=person,
            capacity=row.capacity,
            abbreviation=row.abbreviation,
            organisation=organisation,
            attendance=_ATTENDANCE.get(row.status, Attendee.Attendance.PRESENT),
            role=row.role,
            listed=row.listed,
        )

    def _who(self, row: ReadAttendee, alike: list[Person]) -> str:
        """Why it is doubtful who that is; "" if there is one of that name, or none."""
        exact = [one for one in alike if bare(one.name) == bare(row.name)]
        if len(exact) > 1:
            return f"Several people are called {row.name}"
        if alike and not exact:
            return f"{row.name} may be {' or '.join(one.name for one in alike)}"
        return ""

    def _another_post(self, person: int, capacity: str, organisation: str) -> str:
        """Why somebody of the same name may be somebody else: they were last named
        elsewhere, or in another post where no organisation is printed.
        """
        last = self.known.last_seats.get(person)
        if last is None:
            return ""
        if organisation and last.organisation_id:
            is_other = organisation != str(last.organisation_id)
        else:
            is_other = bool(capacity and last.post) and (
                bare(post_of(capacity)) != bare(last.post)
            )
        was = f"{last}, {last.organisation}" if last.organisation else str(last)
        if not is_other:
            return ""
        return f"Somebody of this name was last {was}: is it the same person?"

    def _same_post(self, person: int, capacity: str) -> str:
        """Where somebody was last, if they had the same post there."""
        last = self.known.last_seats.get(person)
        if last is None or last.organisation_id is None:
            return ""
        same = not capacity or bare(post_of(capacity)) == bare(last.post)
        return str(last.organisation_id) if same else ""

    # The agenda

    def _items(self) -> list[tuple[int, ReadItem]]:
        return list(enumerate(self.read.items))

    def _item(self, key: int, item: ReadItem, seats: tuple[SeatPlan, ...]) -> ItemPlan:
        part = f"items-{key}"
        self.out.comes_from(item.line, "Heading", part)
        self.out.doubt(part, item.doubt)
        for decision in item.decisions:
            self.out.comes_from(decision.line, "Decision", part)
            self.out.doubt(part, decision.doubt, "decisions")
        lead = ""
        if item.lead:
            found = read_names(item.lead, people=_people(seats), organisations=[])
            if found.owners:
                lead = str(found.owners[0].who.key)
            else:
                said = f"“{item.lead}” leads it, and is nobody on the list"
                self.out.doubt(part, said, "lead")
        if item.restricted:
            said = f"“{item.heading}” was closed: choose why it is withheld"
            self.out.doubt(part, said, "restricted", "withheld_reason")
        return ItemPlan(
            key,
            heading=item.heading,
            number=item.number,
            depth=item.depth,
            kind=kind_of(item.heading),
            lead=lead,
            notes=item.notes,
            decisions="\n".join(decision.value for decision in item.decisions),
            assurance=item.assurance,
            restricted=item.restricted,
        )

    # Actions

    def _action(
        self,
        key: int,
        action: ReadAction,
        meeting: MeetingPlan,
        seats: tuple[SeatPlan, ...],
    ) -> ActionPlan:
        part = f"actions-{key}"
        word = "Earlier action" if action.earlier else "Action"
        self.out.comes_from(action.line, word, part)
        self.out.comes_from(action.alternative_line, "Second wording", part)
        self.out.doubt(part, action.doubt)
        plan = ActionPlan(
            key,
            text=action.text,
            other_wording=action.alternative_text,
            item="" if action.item is None else str(action.item),
            older_reference=action.reference,
            earlier=action.earlier,
            update=action.update,
        )
        if action.earlier:
            known = self.known.action(action.reference, action.text, on=meeting.date)
            if known is not None and bare(action.text) != bare(known.text):
                said = f"It is taken for {known.reference}: “{known.text[:120]}”"
                self.out.doubt(part, said, "becomes")
            if known is not None and action.is_closed and known.is_unresolved:
                said = f"The text says that {known.reference} is done; it will close"
                self.out.doubt(part, said, "becomes", "closes")
            plan = replace(
                plan,
                becomes=str(known.pk) if known else IN_NOTES,
                closes=action.is_closed,
                raised_on=_raised_on(action.reference),
            )
        due, due_on = self._due(part, action, meeting)
        return replace(
            plan,
            owners=self._owners(part, action, seats),
            due=due,
            due_on=due_on,
            due_words=action.due_text[:_LONGEST_DUE_WORDS],
        )

    def _owners(
        self, part: str, action: ReadAction, seats: tuple[SeatPlan, ...]
    ) -> tuple[str, ...]:
        if not action.owner:
            return ()
        bodies = [
            NamedOrganisation(
                f"{ORGANISATION}{row.pk}", row.name, tuple(row.all_short_names())
            )
            for row in self.known.organisations
        ]
        new = {s.organisation for s in seats if s.organisation.startswith(NEW)}
        bodies += [
            NamedOrganisation(f"{ORGANISATION}{choice}", choice[len(NEW) :])
            for choice in sorted(new)
        ]
        found = read_names(action.owner, people=_people(seats), organisations=bodies)
        for doubt in found.doubts:
            self.out.doubt(part, owner_doubt(doubt), "owners")
        if not found.owners and not found.doubts:
            said = f"“{action.owner}” is nobody at this meeting and no organisation"
            self.out.doubt(part, said, "owners")
        keys = [str(owner.who.key) for owner in found.owners]
        for key in keys:
            seat = next((s for s in seats if f"{SEAT}{s.key}" == key), None)
            if seat is not None and not seat.organisation:
                said = f"Choose the organisation of {seat.name}, who owns an action"
                self.out.doubt(f"seats-{seat.key}", said, "organisation")
        return tuple(keys)

    def _due(
        self, part: str, action: ReadAction, meeting: MeetingPlan
    ) -> tuple[str, dt.date | None]:
        due, why = "", ""
        match action.due_kind:
            case None | DueSense.NO_DATE:
                return "none", None
            case DueSense.UNCLEAR:
                why = "It may mean more than one thing"
            case DueSense.DATE:
                if action.due_on is None:
                    why = "It gives no day"
                elif meeting.date and action.due_on < meeting.date:
                    why = f"It is before the meeting, {day_in_words(meeting.date)}"
                else:
                    return "date", action.due_on
            case DueSense.NEXT_MEETING:
                due = "next"
            case DueSense.NAMED_MEETING:
                due, why = self._named_due(action.due_name, meeting)
            case DueSense.MONTHS_MEETING:
                due, why = self._months_due(action, meeting)
        if not due:
            said = f"No due date is set from “{action.due_text}”. {why}"
            self.out.doubt(part, said, "due", "due_on")
        return due or "none", None

    def _named_due(self, name: str, meeting: MeetingPlan) -> tuple[str, str]:
        this = name_of(meeting.type, self.known.types)
        if bare(name) and bare(name) == bare(this):
            return "next", ""
        themes, types = called(name, self.known.themes, self.known.types)
        if len(themes) + len(types) == 1:
            return (f"theme:{themes[0].pk}" if themes else f"type:{types[0].pk}"), ""
        if themes or types:
            either = " or ".join(f"“{row}”" for row in (*themes, *types))
            return "", f"It may be {either}"
        return "", f"No theme or type of meeting is called “{name}”"

    def _months_due(self, action: ReadAction, meeting: MeetingPlan) -> tuple[str, str]:
        if meeting.date is None:
            return "", "The day of this meeting is not known"
        reading = read_due(action.due_text, meeting.date)
        month = reading.month if reading else None
        if month is None:
            return "", "The month is not understood"
        there = [
            one
            for one in self.known.later_than(meeting.date)
            if (one.date.year, one.date.month) == (month.year, month.month)
        ]
        if len(there) == 1:
            return f"meeting:{there[0].pk}", ""
        if there:
            return "", f"There is more than one meeting in {month:%B %Y}"
        return "", f"No meeting is planned in {month:%B %Y}"

    # The next meeting

    def _next(self, meeting: MeetingPlan) -> NextPlan:
        read = self.read.next_meeting
        if read is None:
            return NextPlan()
        self.out.comes_from(read.line, "Next meeting", "next")
        self.out.doubt("next", read.doubt, "becomes", "date")
        if read.date is None:
            return NextPlan(
                type=meeting.type,
                title=read.type,
                start=read.start,
                end=read.end,
                venue=read.venue,
            )
        themes, types = called(read.type, self.known.themes, self.known.types)
        type_ = str(types[0].pk) if len(types) == 1 else meeting.type
        theme = str(themes[0].pk) if len(themes) == 1 else ""
        there = self.known.on_day(read.date, type_)
        if len(there) > 1:
            said = "There are several meetings of this type that day"
            self.out.doubt("next", said, "becomes")
        is_type = any(bare(row.name) == bare(read.type) for row in types)
        return NextPlan(
            becomes=str(there[0].pk) if len(there) == 1 else AS_NEW,
            type=type_,
            title="" if is_type else read.type,
            theme=theme,
            date=read.date,
            start=read.start,
            end=read.end,
            venue=read.venue,
        )


_SEAT_WORDS = {"apologies": "Apologies", "absent": "Absent", "part": "There for a part"}
_ATTENDANCE = {
    "present": Attendee.Attendance.PRESENT,
    "apologies": Attendee.Attendance.APOLOGIES,
    "part": Attendee.Attendance.PART,
    "absent": Attendee.Attendance.ABSENT,
}


def _people(seats: "list[SeatPlan] | tuple[SeatPlan, ...]") -> list[NamedPerson]:
    return [
        NamedPerson(
            f"{SEAT}{seat.key}",
            seat.name,
            seat.abbreviation,
            seat.capacity,
            f"{ORGANISATION}{seat.organisation}" if seat.organisation else None,
        )
        for seat in seats
    ]


def _held(venue: str) -> str:
    online = _ONLINE.search(venue)
    if not online:
        return str(Meeting.Held.IN_PERSON)
    room = re.sub(r"\W|\b(?:via|by|on|and|call|meeting)\b", "", _ONLINE.sub("", venue))
    return str(Meeting.Held.HYBRID if room else Meeting.Held.ONLINE)


def same_day_doubt(others: list[Meeting]) -> str:
    if len(others) == 1:
        return f"There is a meeting of this type on that day already: {others[0]}"
    return f"There are {len(others)} meetings of this type on that day already"


def _raised_on(reference: str) -> dt.date | None:
    """The day that an older reference ends with: "03/20/04/2022"."""
    found = _RAISED.search(reference)
    if found is None:
        return None
    day, month, year = map(int, found.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
