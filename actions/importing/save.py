"""Old minutes as they were checked, written down: all of them or nothing."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from actions.importing.plan import (
    ANOTHER,
    AS_NEW,
    CLOSED,
    IN_NOTES,
    NEW,
    NOT_CONFIRMED,
    ORGANISATION,
    SEAT,
    ActionPlan,
    ItemPlan,
    NextPlan,
    Plan,
    SeatPlan,
)
from actions.models import Action, Decision, Due, How, Owner
from actions.operations import raise_action
from assurance.calendar import day_in_words
from assurance.lengths import refuse_too_long
from assurance.models import Organisation, User
from meetings.models import (
    AgendaItem,
    Attendee,
    Meeting,
    MeetingType,
    Person,
    ReadIn,
    Theme,
)
from meetings.operations import confirm_next_meeting, start_agenda
from meetings.taking_in import hold_to_check

Row = TypeVar("Row", bound=Model)

_ACTION_MARK = re.compile(r"\s*\[\[\s*action\s+#(\d+)\s*\]\]\s*", re.IGNORECASE)
_CLOSED_BEFORE = (
    "Closed before this register: read in from the minutes of {day}, and not followed "
    "here since."
)


@transaction.atomic
def save_read_in(
    read_in: ReadIn, plan: Plan, *, by: User, version: int, today: dt.date
) -> Meeting:
    """The meeting that a checked file becomes. It becomes one once: whoever comes
    later is told so.

    Raises ``ValidationError`` by names of parts (``actions-2-owners``), and then
    nothing is saved.
    """
    held = hold_to_check(read_in, version=version)
    meeting = _Writer(plan, by, today).write()
    held.become(meeting)
    return meeting


def why_not_filled_in(meeting: Meeting) -> str:
    """Why minutes that are read in cannot be those of this meeting; "" if they can.

    A meeting that is planned or in progress, and of which nothing was written down,
    is filled in. Everything else stays as somebody wrote it.
    """
    if not meeting.is_live:
        return meeting.how_it_stands
    if Action.objects.filter(meeting=meeting).exists():
        return "Actions were raised at it"
    for item in meeting.agenda_items.prefetch_related("papers"):
        if item.has_notes or item.assurance:
            return f"“{item.heading}” has notes"
        if item.asked_of_force or item.lines_of_enquiry or item.papers.all():
            return f"“{item.heading}” was prepared"
    return ""


def neutral(text: str) -> str:
    """Words of an old document that do not act as marks here: "[[" is "[ [" now."""
    return re.sub(r"\[(?=\[)", "[ ", text)


@contextmanager
def named(part: str) -> Iterator[None]:
    """Says of a refusal which part of the plan it is about."""
    try:
        yield
    except ValidationError as refusal:
        if hasattr(refusal, "error_dict"):
            raise ValidationError(
                {
                    f"{part}-{name}": errors
                    for name, errors in refusal.error_dict.items()
                }
            ) from refusal
        raise ValidationError({part: refusal.messages}) from refusal


@dataclass
class _Writer:
    plan: Plan
    by: User
    today: dt.date
    seats: dict[str, Attendee] = field(default_factory=dict)
    items: dict[str, AgendaItem] = field(default_factory=dict)
    # What stands in the notes for each action: its reference, or words.
    marks: dict[int, str] = field(default_factory=dict)

    def write(self) -> Meeting:
        self.meeting = self._meeting()
        for order, seat in enumerate(self.plan.seats):
            self._attend(order, seat)
        self._write_agenda()
        for action in self.plan.actions:
            with named(f"actions-{action.key}"):
                self._write_action(action)
        self._write_notes()
        self._write_next(self.plan.next)
        self.meeting.refresh_from_db()
        return self.meeting

    # Registers

    def _chosen(self, model: type[Row], choice: str, **defaults: Any) -> Row | None:
        """The row of a choice; a new one is made, unless one has that name by now."""
        if not choice:
            return None
        rows = model._default_manager.all()
        if not choice.startswith(NEW):
            row = rows.filter(pk=choice).first() if choice.isdecimal() else None
            if row is not None:
                return row
            raise ValidationError("What was chosen is no longer there. Choose again")
        called = rows.filter(name__iexact=choice[len(NEW) :].strip())
        if row := called.first():
            return row
        try:
            with transaction.atomic():
                return _saved(model(name=choice[len(NEW) :].strip(), **defaults))
        except IntegrityError:  # somebody made it at the same moment
            return called.first()

    def _organisation(self, choice: str) -> Organisation | None:
        """A new one is a partner; who administers organisations may say better."""
        partner = Organisation.Kind.PARTNER
        return self._chosen(Organisation, choice, kind=partner)

    # The meeting

    def _meeting(self) -> Meeting:
        told = self.plan.meeting
        with named("facts-type"):
            type_ = self._chosen(MeetingType, told.type)
            if type_ is None:
                raise ValidationError("Choose the type of the meeting")
        with named("facts-date"):
            if told.date is None:
                raise ValidationError("Enter the date of the meeting")
        with named("facts-same_day"):
            meeting = self._same_day(type_) or Meeting(type=type_, date=told.date)
        meeting.title = neutral(told.title)
        meeting.start, meeting.end = told.start, told.end
        meeting.venue, meeting.held = neutral(told.venue), told.held
        meeting.state = Meeting.State.DRAFT
        meeting.version += 1 if meeting.pk else 0
        with named("facts"):
            _saved(meeting)
        with named("facts-theme"):
            if theme := self._chosen(Theme, told.theme):
                meeting.themes.add(theme)
        return meeting

    def _same_day(self, type_: MeetingType) -> Meeting | None:
        """The meeting to fill in, emptied; None to make another."""
        told = self.plan.meeting
        # Whoever else saves a meeting of this type waits, and then finds this one.
        MeetingType.objects.select_for_update(no_key=True).get(pk=type_.pk)
        there = Meeting.objects.not_cancelled().filter(type=type_, date=told.date)
        found = {str(meeting.pk): meeting for meeting in there.locked()}
        if not found or told.same_day == ANOTHER:
            return None
        meeting = found.get(told.same_day)
        if meeting is None:
            raise ValidationError(
                "There is a meeting of this type on that day already. Choose whether "
                "it is the same meeting or another"
            )
        if why := why_not_filled_in(meeting):
            raise ValidationError(
                f"{why}, so nothing is added to it. Choose another meeting, or drop "
                "this file"
            )
        # In this order: an item that goes empties a field of who came in at it.
        meeting.attendees.all().delete()
        meeting.agenda_items.all().delete()
        return meeting

    # People

    def _attend(self, order: int, told: SeatPlan) -> None:
        with named(f"seats-{told.key}"):
            person = self._person(told)
            if any(seat.person_id == person.pk for seat in self.seats.values()):
                raise ValidationError(
                    {"name": f"{person} is on the list twice: drop one of the rows"}
                )
            with named("organisation"):
                organisation = self._organisation(told.organisation)
            self.seats[f"{SEAT}{told.key}"] = _saved(
                Attendee(
                    meeting=self.meeting,
                    person=person,
                    capacity=neutral(told.capacity),
                    abbreviation=told.abbreviation,
                    organisation=organisation,
                    attendance=told.attendance,
                    role=told.role,
                    listed=told.listed,
                    order=order,
                )
            )

    def _person(self, told: SeatPlan) -> Person:
        name = " ".join(told.name.split())
        people = Person.objects.all()
        if told.person == AS_NEW:
            return _saved(Person(name=name))
        if told.person:
            if person := people.filter(pk=told.person).first():
                return person
            raise ValidationError({"person": "This person is no longer there"})
        known = list(people.filter(name__iexact=name)[:2])
        if len(known) > 1:
            raise ValidationError(
                {"person": f"Several people are called {name}. Choose who it is"}
            )
        return known[0] if known else _saved(Person(name=name))

    # The agenda

    def _write_agenda(self) -> None:
        """The items without their notes, which name actions that are still to come."""
        above: list[AgendaItem] = []
        for order, told in enumerate(self.plan.items):
            depth = min(told.depth, len(above), AgendaItem.MAX_DEPTH - 1)
            with named(f"items-{told.key}"):
                item = self._item(told, order, above[depth - 1] if depth else None)
            above = [*above[:depth], item]
            self.items[str(told.key)] = item

    def _item(
        self, told: ItemPlan, order: int, parent: AgendaItem | None
    ) -> AgendaItem:
        fixed, none = AgendaItem.Numbering.FIXED, AgendaItem.Numbering.NONE
        withheld, why = told.restricted, told.withheld_reason
        restricted = told.restricted
        if parent is not None and parent.restricted:
            restricted, withheld = True, True
            why = why or parent.withheld_reason
        if restricted and not why:
            raise ValidationError({"withheld_reason": "Choose why it is withheld"})
        refuse_too_long(decisions=told.decisions)
        with named("theme"):
            theme = self._chosen(Theme, told.theme)
        lead = self.seats.get(told.lead)
        return _saved(
            AgendaItem(
                meeting=self.meeting,
                parent=parent,
                order=order,
                numbering=fixed if told.number else none,
                fixed_number=told.number,
                heading=neutral(told.heading),
                kind=told.kind,
                theme=theme,
                lead=lead.person if lead else None,
                decisions=neutral(told.decisions),
                assurance=told.assurance,
                restricted=restricted,
                withheld=withheld,
                withheld_reason=why if withheld else "",
            )
        )

    def _write_notes(self) -> None:
        for told in self.plan.items:
            if notes := self._notes(told):
                with named(f"items-{told.key}"):
                    refuse_too_long(notes=notes)
                item = self.items[str(told.key)]
                item.notes = notes
                item.save(update_fields=["notes"])

    def _notes(self, told: ItemPlan) -> str:
        """Its notes, each action of this item marked once by its reference."""
        here = {
            action.key for action in self.plan.actions if action.item == str(told.key)
        }
        lines = []
        for line in told.notes.splitlines():
            if match := _ACTION_MARK.fullmatch(line):
                key = int(match[1])
                if key in here and key in self.marks:
                    here.discard(key)
                    lines.append(self.marks[key])
                continue
            lines.append(neutral(line))
        # An earlier action that is left in the notes is said there in words.
        lines += [
            f"\n{self.marks[action.key]}"
            for action in self.plan.actions
            if action.key in here
            and action.earlier
            and action.key in self.marks
            and not _says(told.notes, action.text)
        ]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    # Actions

    def _write_action(self, told: ActionPlan) -> None:
        if told.earlier and told.becomes != AS_NEW:
            if told.becomes != IN_NOTES:
                self._update(told)
            self.marks[told.key] = _in_words(told)
            return
        where: dict[str, Any] = {
            "meeting": self.meeting,
            "item": self.items.get(told.item),
        }
        if told.earlier:
            if told.raised_on is None:
                raise ValidationError(
                    {"raised_on": "Enter the date this earlier action was raised"}
                )
            where = {
                "source_kind": Action.Source.OTHER,
                "source": f"Before the meeting of {self._day}",
                "source_on": told.raised_on,
            }
            self.marks[told.key] = _in_words(told)
        action = self._raise(told, where)
        if not told.earlier:
            self.marks[told.key] = f"[[action {action.reference}]]"
        else:
            self._say(action, told)
        stands = told.stands or self.plan.meeting.old_actions
        if action.is_unresolved and stands == CLOSED:
            action.close(
                by=self.by,
                decision=Decision(self.by.name, self.today, How.BEFORE),
                text=_CLOSED_BEFORE.format(day=self._day),
            )

    def _raise(self, told: ActionPlan, where: Mapping[str, Any]) -> Action:
        text = neutral(told.text.strip())
        if not text:
            raise ValidationError({"text": "Write what is to be done, or drop it"})
        return raise_action(
            by=self.by,
            text=text,
            due=self._due(told),
            owners=self._owners(told),
            other_wording=neutral(told.other_wording),
            due_words=neutral(told.due_words),
            older_reference=neutral(told.older_reference),
            **where,
        )

    @property
    def _day(self) -> str:
        return day_in_words(self.meeting.date)

    def _update(self, told: ActionPlan) -> None:
        """Said of an action of the register at this meeting. One that is resolved by
        now keeps it as a note.
        """
        action = Action.objects.filter(pk=told.becomes).first()
        if action is None:
            raise ValidationError({"becomes": "This action is no longer there"})
        if action.raised_on > self.meeting.date:
            raised = day_in_words(action.raised_on)
            raise ValidationError(
                {
                    "becomes": f"{action.reference} was raised on {raised}, after this "
                    "meeting. Choose another, or leave it in the notes"
                }
            )
        self._say(action, told)

    def _say(self, action: Action, told: ActionPlan) -> None:
        """What was said of an earlier action, and that it was done, in its timeline.

        These are words of draft minutes, perhaps of an item that is withheld: a note
        of the office holds them. Its owner is told no more than that it is closed.
        """
        if told.update or told.becomes != AS_NEW:
            text = neutral(told.update) or f"Looked at on {self._day}."
            action.add_note(text, by=self.by, meeting=self.meeting)
        if told.closes and action.is_unresolved:
            decided = Decision(self._chair(), self.meeting.date, How.MEETING)
            text = f"Done, by the minutes of {self._day}."
            action.close(by=self.by, decision=decided, text=text, meeting=self.meeting)

    def _chair(self) -> str:
        for seat in self.seats.values():
            if seat.role == Attendee.Role.CHAIR:
                return str(seat)[:150]
        return "Those at the meeting"

    def _owners(self, told: ActionPlan) -> list[Owner]:
        return [self._owner(key) for key in dict.fromkeys(told.owners) if key]

    def _owner(self, key: str) -> Owner:
        with named("owners"):
            if key.startswith(ORGANISATION):
                organisation = self._organisation(key[len(ORGANISATION) :])
                if organisation is not None:
                    return Owner(organisation=organisation)
            seat = self.seats.get(key)
            if seat is None:
                raise ValidationError(
                    "Choose the owner again: who was chosen is not on the list"
                )
            if seat.organisation is None:
                raise ValidationError(
                    f"{seat.person} has no organisation in the attendance, so cannot "
                    "own an action yet. Choose one there"
                )
            return Owner(
                organisation=seat.organisation, post=seat.post, person=seat.person
            )

    def _due(self, told: ActionPlan) -> Due:
        kind, _, choice = told.due.partition(":")
        with named("due"):
            match kind:
                case "date":
                    if told.due_on is None:
                        raise ValidationError("Enter the date it is due")
                    return Due.on_date(told.due_on)
                case "next":
                    return Due.at_next_of(self.meeting.type)
                case "theme":
                    if theme := self._chosen(Theme, choice):
                        return Due.at_next_on(theme)
                case "type":
                    if type_ := self._chosen(MeetingType, choice):
                        return Due.at_next_of(type_)
                case "meeting" if not choice.startswith(NEW):
                    if meeting := self._chosen(Meeting, choice):
                        return Due.at_meeting(meeting)
        return Due()

    # The next meeting

    def _write_next(self, told: NextPlan) -> None:
        if told.becomes == NOT_CONFIRMED:
            return
        with named("next"):
            confirm_next_meeting(self.meeting, self._following(told))

    def _following(self, told: NextPlan) -> Meeting:
        if told.becomes != AS_NEW:
            with named("becomes"):
                following = self._chosen(Meeting, told.becomes)
            assert following is not None
            return following
        if told.date is None:
            raise ValidationError({"date": "Enter the date of the next meeting"})
        with named("type"):
            type_ = self._chosen(MeetingType, told.type) or self.meeting.type
        following = _saved(
            Meeting(
                type=type_,
                title=neutral(told.title),
                date=told.date,
                start=told.start,
                end=told.end,
                venue=neutral(told.venue),
            )
        )
        with named("theme"):
            if theme := self._chosen(Theme, told.theme):
                following.themes.add(theme)
        if following.date >= self.today:
            start_agenda(following)
        return following


def _says(notes: str, text: str) -> bool:
    return " ".join(text.split()) in " ".join(notes.split())


def _in_words(told: ActionPlan) -> str:
    """How the notes say an earlier action: its reference, its text, what was said."""
    words = [told.older_reference, told.text, told.update]
    return neutral(" – ".join(" ".join(part.split()) for part in words if part))


def _saved(row: Row) -> Row:
    """The row, written once its own fields are in order, each refusal by field."""
    refers = [f.name for f in row._meta.concrete_fields if f.is_relation]
    row.clean_fields(exclude=refers)
    row.validate_constraints()
    row.save()
    return row
