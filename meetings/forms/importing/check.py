"""The checking page's form: every part of it, and whether all is decided."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.forms.utils import ErrorDict, pretty_name
from django.utils.datastructures import MultiValueDict

from actions.importing.known import Known, bare
from actions.importing.plan import (
    ANOTHER,
    AS_NEW,
    IN_NOTES,
    NEW,
    NOT_CONFIRMED,
    ORGANISATION,
    SEAT,
    ItemPlan,
    Plan,
    Proposal,
    new_names,
)
from actions.importing.propose import same_day_doubt
from actions.importing.save import why_not_filled_in
from actions.spoken import called
from assurance.calendar import day_in_words
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField
from meetings.forms.importing.parts import (
    ActionForm,
    Choices,
    FactsForm,
    ItemForm,
    NextForm,
    PartForm,
    SeatForm,
    WarningsForm,
)
from meetings.models import Meeting, Person
from meetings.reader.minutes import ReadMinutes

Part = TypeVar("Part", bound=PartForm)
_MOST_ADDED = 200
_MONTHS_AHEAD = 18  # of meetings that an action may be due at


@dataclass(frozen=True)
class Doubt:
    """One thing to check: why, in which part, from which line; ``is_decided`` when it
    was said to be right, mended or dropped.
    """

    part: str
    sentence: str
    line: int
    is_decided: bool


@dataclass(frozen=True)
class Theirs:
    """A field that somebody else left otherwise meanwhile."""

    label: str
    part: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Fact:
    line: int
    doubts: list[str]
    right: BoundField | None


class Check(GovukForm):
    """All parts together. It is valid when each is, and nothing is left to check."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: MultiValueDict[str, Any] | None = None,
        *,
        read: ReadMinutes,
        proposal: Proposal,
        known: Known,
        version: int,
        is_quiet: bool = False,
    ) -> None:
        """``is_quiet`` says nothing of what is wrong: nobody asked to save it yet."""
        super().__init__(data)
        self.is_quiet = is_quiet
        self.read, self.proposal, self.known = read, proposal, known
        self.fields["version"].initial = version
        self.sent = data
        plan = proposal.plan
        offered = _Offered(read, proposal, known, self._value)
        self.facts = FactsForm(
            data,
            prefix="facts",
            initial=asdict(plan.meeting),
            choices=offered.for_facts(),
        )
        self.same_day = [(one, why_not_filled_in(one)) for one in offered.there]
        self._ask_same_day(offered.there)
        self.seats = self._rows("seats", SeatForm, plan.seats, offered.for_seat)
        people = offered.seats(self.seats)
        self.items = self._rows("items", ItemForm, plan.items, offered.for_item(people))
        owners = offered.owners(people)
        headings = offered.headings(self.items)
        self.actions = self._rows(
            "actions", ActionForm, plan.actions, offered.for_action(owners, headings)
        )
        for item in self.items:
            if item.is_added:
                item.fields["after"].choices = [  # type: ignore[attr-defined]
                    ("", "At the end"),
                    *((key, f"After {heading}") for key, heading in headings[1:]),
                ]
        self.next = NextForm(
            data, prefix="next", initial=asdict(plan.next), choices=offered.for_next()
        )
        self.looked_at = WarningsForm(data, prefix="warnings")
        for form in self.forms():
            form.doubts = proposal.doubts.get(form.part, [])
            form.line = proposal.lines.get(form.part, 0)

    def _ask_same_day(self, there: list[Meeting]) -> None:
        """Of the day and type as they are now, which may not be as they were read."""
        self.proposal.doubts.pop("facts-same_day", None)
        if there:
            self.proposal.doubt("facts-same_day", same_day_doubt(there))

    @property
    def errors(self) -> ErrorDict:
        return ErrorDict() if self.is_quiet else super().errors

    def _value(self, name: str, initial: Any) -> str:
        """What a field was sent with, whatever part it is in."""
        if self.sent is None:
            return str(initial)
        return str(self.sent.get(name, ""))

    def _rows(
        self, name: str, kind: type[Part], plans: Sequence[Any], choices: Any
    ) -> list[Part]:
        """A form for each that was read and each that was added, and one more."""
        first = plans[0].key if plans else int(name == "actions")
        read = {plan.key: plan for plan in plans}
        added = self._added(name)
        keys = [*read, *range(first + len(read), first + len(read) + added + 1)]
        rows = []
        for key in keys:
            initial = asdict(read[key]) if key in read else {}
            if "depth" in initial:
                initial["depth"] = str(initial["depth"])  # as it is sent
            rows.append(
                kind(
                    self.sent,
                    prefix=f"{name}-{key}",
                    initial=initial,
                    choices=choices(initial),
                    is_added=key not in read,
                )
            )
        return rows

    def _added(self, name: str) -> int:
        try:
            return min(max(int(self._value(f"added-{name}", 0)), 0), _MOST_ADDED)
        except ValueError:
            return 0

    @cached_property
    def added(self) -> dict[str, int]:
        """How many rows were added to each list; a row that is written in brings
        another one, when the page is shown again.
        """
        lists: dict[str, Sequence[PartForm]] = {
            "seats": self.seats,
            "items": self.items,
            "actions": self.actions,
        }
        return {
            name: self._added(name) + (not rows[-1].is_blank)
            for name, rows in lists.items()
        }

    # The row to be shown open: the one just asked for.
    opens = ""

    def added_counts(self) -> list[tuple[str, int]]:
        return list(self.added.items())

    def forms(self) -> Iterator[PartForm]:
        yield self.facts
        yield from self.seats
        yield from self.items
        yield from self.actions
        yield self.next
        yield self.looked_at

    @property
    def fact_rows(self) -> list[tuple[BoundField, "Fact"]]:
        """The facts of the heading, each with its line and its doubts."""
        names = ("type", "title", "theme", "date", "start", "end", "venue")
        rows = [(self.facts[name], self._fact(name)) for name in names]
        return [*rows, (self.facts["held"], Fact(0, [], None))]

    def _fact(self, name: str) -> "Fact":
        part = f"facts-{name}"
        return Fact(
            self.proposal.lines.get(part, 0),
            self.proposal.doubts.get(part, []),
            self.facts[f"right_{name}"],
        )

    # What is left to check

    @cached_property
    def doubts(self) -> list[Doubt]:
        """All of them, decided or not, in the order of the minutes."""
        found: list[Doubt] = []
        for part, sentences in self.proposal.doubts.items():
            line = self.proposal.lines.get(part, 0)
            found += [
                Doubt(part, said, line, self._is_decided(part, said))
                for said in sentences
            ]
        if self.read.warnings:
            count = len(self.read.warnings)
            said = (
                "Look at the place of the text that may be damaged"
                if count == 1
                else f"Look at the {count} places of the text that may be damaged"
            )
            found.append(Doubt("warnings", said, 0, self.looked_at.is_right))
        order = {form.part: place for place, form in enumerate(self.forms())}
        return sorted(found, key=lambda doubt: order.get(doubt.part, 0))

    @property
    def open_doubts(self) -> list[Doubt]:
        return [doubt for doubt in self.doubts if not doubt.is_decided]

    def _is_decided(self, part: str, sentence: str) -> bool:
        """Said to be right, left out, or mended in a field that the doubt is about."""
        if part.startswith("facts-"):
            name = part.removeprefix("facts-")
            if name == "same_day":
                return bool(self.facts["same_day"].value())
            return bool(self.facts[f"right_{name}"].value()) or (
                self.facts.is_bound and self.facts.was_mended(name)
            )
        form = next(form for form in self.forms() if form.part == part)
        about = self.proposal.about[part, sentence]
        return (
            form.is_right
            or form.is_dropped
            or (form.is_bound and form.was_mended(*about))
        )

    # Whether it can be saved

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        used = [form for form in self.forms() if form.is_used]
        wrong = [form for form in used if not form.is_valid()]
        if wrong or self.open_doubts:
            self.add_error(None, "Nothing is saved yet: decide on what is named here")
        return cleaned

    def plan(self) -> Plan:
        """What is to be saved, once all is valid."""
        items = [(form, form.plan(_key(form))) for form in self.items if form.is_used]
        return Plan(
            self.facts.plan(),
            tuple(form.plan(_key(form)) for form in self.seats if form.is_used),
            tuple(_in_place(items)),
            tuple(
                replace(plan, item=plan.item if plan.item in _keys(items) else "")
                for plan in (
                    form.plan(_key(form)) for form in self.actions if form.is_used
                )
            ),
            self.next.plan(),
        )

    def take_refusal(self, refusal: ValidationError) -> None:
        """Put what saving refused beside its fields; the rest is said on top."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        forms_by_part = {form.part: form for form in self.forms()}
        for name, errors in refusal.error_dict.items():
            form, field = self._where(name, forms_by_part)
            if form is None:
                self.add_error(None, errors)
            else:
                form.add_error(field, errors)
        self.add_error(None, "Nothing is saved yet: decide on what is named here")

    def _where(
        self, name: str, by_part: dict[str, PartForm]
    ) -> tuple[PartForm | None, str | None]:
        """ "actions-2-owners" is a field of the part "actions-2"."""
        part = name
        while part not in by_part and "-" in part:
            part = part.rpartition("-")[0]
        form = by_part.get(part)
        if form is None:
            return None, None
        rest = name.removeprefix(part).strip("-").split("-")
        field = {"owners": "owner_0"}.get(rest[0], rest[0])
        return form, field if field in form.fields else None

    def problems(self) -> list[tuple[str, str]]:
        """Each with where it is on the page: for the summary of errors."""
        if not self.errors:
            return []
        found = []
        for form in self.forms():
            if not form.is_used:
                continue
            for name, errors in form.errors.items():
                where = form.part
                if name in form.fields:
                    bound = form[name]
                    where = bound.auto_id
                    if isinstance(bound.field.widget, forms.RadioSelect):
                        where = f"{where}_0"
                found += [(where, str(error)) for error in errors]
        found += [
            (doubt.part, f"Check: {doubt.sentence}") for doubt in self.open_doubts
        ]
        return found or [("main-content", str(e)) for e in self.non_field_errors()]

    # What somebody else did meanwhile

    def compare(self, theirs: MultiValueDict[str, Any]) -> list[Theirs]:
        """The fields that they left otherwise than these are."""
        found = []
        for form in self.forms():
            for bound in form:
                name = form.add_prefix(bound.name)
                mine, other = self._value(name, ""), str(theirs.get(name, ""))
                if mine.replace("\r\n", "\n") != other.replace("\r\n", "\n"):
                    label = str(bound.field.label or pretty_name(bound.name))
                    found.append(
                        Theirs(
                            label, form.part, _said(bound, other), _said(bound, mine)
                        )
                    )
        return found

    def as_opened(self, version: int) -> None:
        """From here on it is a check of this version: saving it again replaces it."""
        sent = self.data.copy()  # type: ignore[attr-defined]
        sent["version"] = str(version)
        self.data = sent


def _said(bound: BoundField, value: str) -> str:
    """A value sent as the page shows it."""
    choices = getattr(bound.field, "choices", None)
    if isinstance(bound.field, forms.BooleanField):
        return "Yes" if value else "No"
    return str(dict(choices).get(value, value)) if choices else value


def _key(form: PartForm) -> int:
    return int(form.part.rpartition("-")[2])


def _keys(items: list[tuple[ItemForm, ItemPlan]]) -> set[str]:
    return {str(plan.key) for _, plan in items}


def _in_place(items: list[tuple[ItemForm, ItemPlan]]) -> list[ItemPlan]:
    """Items that were added behind those that they are to follow."""
    placed = [plan for form, plan in items if not form.is_added]
    for form, plan in items:
        if not form.is_added:
            continue
        after = form.cleaned_data.get("after", "")
        keys = [str(one.key) for one in placed]
        placed.insert(keys.index(after) + 1 if after in keys else len(placed), plan)
    return placed


class _Offered:
    """What may be chosen on the page."""

    def __init__(
        self, read: ReadMinutes, proposal: Proposal, known: Known, value: Any
    ) -> None:
        self.read, self.plan, self.known, self.value = read, proposal.plan, known, value
        self.types = [(str(row.pk), row.name) for row in known.types]
        self.themes = [(str(row.pk), row.name) for row in known.themes]
        self.bodies = [(str(row.pk), row.abbreviation) for row in known.organisations]
        new = new_names(seat.organisation for seat in self.plan.seats)
        self.bodies += [(f"{NEW}{name}", f"New: {name}") for name in new]
        meeting = self.plan.meeting
        if meeting.type.startswith(NEW):
            self.types.append((meeting.type, f"New: {meeting.type[len(NEW) :]}"))
        if meeting.theme.startswith(NEW):
            self.themes.append((meeting.theme, f"New: {meeting.theme[len(NEW) :]}"))

    @cached_property
    def date(self) -> dt.date | None:
        """The day of the meeting as it is typed now; as read, if it is no day."""
        read = self.plan.meeting.date
        try:
            return DayField().clean(self.value("facts-date", read or ""))
        except ValidationError:
            return read

    def for_facts(self) -> dict[str, Choices]:
        type_ = self.value("facts-type", self.plan.meeting.type)
        self.there = self.known.on_day(self.date, type_)
        same_day = [
            (str(one.pk), f"The same meeting: fill in {one}")
            for one in self.there
            if not why_not_filled_in(one)
        ]
        return {
            "type": [("", "Choose a type"), *self.types],
            "theme": [("", "No theme"), *self.themes],
            "same_day": [*same_day, (ANOTHER, "Another meeting on the same day")],
        }

    def for_seat(self, initial: dict[str, Any]) -> dict[str, Choices]:
        alike = self.known.alike(initial.get("name", ""))
        person = [(str(one.pk), self._as_last(one)) for one in alike]
        by_name = "Whoever has this name, or somebody new"
        new = [(AS_NEW, "Somebody new of this name")] if alike else []
        return {
            "person": [*person, ("", by_name), *new],
            "organisation": [("", "Not said"), *self.bodies],
        }

    def _as_last(self, person: Person) -> str:
        last = self.known.last_seats.get(person.pk)
        if last is None:
            return person.name
        body = last.organisation.abbreviation if last.organisation else ""
        was = ", ".join(filter(None, [last.capacity, body]))
        return f"{person.name} ({was})" if was else person.name

    def seats(self, seats: list[SeatForm]) -> Choices:
        """Everybody on the list, as minutes call them."""
        found = []
        for form in seats:
            if form.is_blank:
                continue
            key = f"{SEAT}{_key(form)}"
            name, short = form["name"].value(), form["abbreviation"].value()
            found.append((key, f"{short}, {name}" if short else str(name)))
        return found

    def for_item(self, people: Choices) -> Any:
        choices = {
            "theme": [("", "No theme"), *self.themes],
            "lead": [("", "Nobody"), *people],
        }
        return lambda initial: choices

    def headings(self, items: list[ItemForm]) -> Choices:
        found: Choices = [("", "No item")]
        for form in items:
            if not form.is_blank:
                said = f"{form['number'].value() or ''} {form['heading'].value()}"
                found.append((str(_key(form)), said.strip()[:80]))
        return found

    def owners(self, people: Choices) -> Choices:
        bodies = [(f"{ORGANISATION}{key}", name) for key, name in self.bodies]
        return [("", "Nobody"), *bodies, *people]

    def for_action(self, owners: Choices, headings: Choices) -> Any:
        dues = self._dues()

        def choices(initial: dict[str, Any]) -> dict[str, Choices]:
            return {
                "owners": owners,
                "item": headings,
                "due": dues,
                "becomes": self._becomes(initial),
            }

        return choices

    def _dues(self) -> Choices:
        found: Choices = [
            ("none", "No due date"),
            ("date", "On a date"),
            ("next", "At the next meeting of this type"),
        ]
        found += [(f"theme:{key}", f"At the next on {n}") for key, n in self.themes]
        found += [(f"type:{key}", f"At the next {n}") for key, n in self.types]
        for name in dict.fromkeys(one.due_name for one in self.read.actions):
            if name and not any(called(name, self.known.themes, self.known.types)):
                title = name[:1].upper() + name[1:]
                new = f"theme:{NEW}{title}"
                found.append((new, f"At the next on {title}, a new theme"))
        return found + [
            (f"meeting:{one.pk}", f"At the meeting of {day_in_words(one.date)}: {one}")
            for one in self._soon()
        ]

    def _soon(self) -> list[Meeting]:
        if self.date is None or self.date > DayField.LATEST:
            return []
        until = self.date + relativedelta(months=_MONTHS_AHEAD)
        return [m for m in self.known.later_than(self.date) if m.date <= until]

    def _becomes(self, initial: dict[str, Any]) -> Choices:
        if not initial.get("earlier"):
            return [(AS_NEW, "A new action")]
        found: Choices = [
            (IN_NOTES, "Leave it in the notes"),
            (AS_NEW, "Bring it in as an action of its own"),
        ]
        likely = initial["becomes"]
        words = set(bare(initial["text"]).split())
        for action in self.known.raised_by(self.date):
            is_alike = len(words & set(bare(action.text).split())) >= 5
            if str(action.pk) == likely or is_alike:
                said = f"An update of {action.reference}: {action.text[:80]}"
                found.append((str(action.pk), said))
        return found

    def for_next(self) -> dict[str, Choices]:
        there = [
            (str(one.pk), f"{day_in_words(one.date)}: {one}") for one in self._soon()
        ]
        return {
            "becomes": [
                (NOT_CONFIRMED, "Not confirmed in these minutes"),
                (AS_NEW, "A new meeting, to be planned"),
                *there,
            ],
            "type": [("", "As this meeting"), *self.types],
            "theme": [("", "No theme"), *self.themes],
        }
