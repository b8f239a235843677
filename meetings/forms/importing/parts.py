"""The parts of the checking page: facts, people, agenda, actions, next meeting.

Each is a small form of its own. Its fields are named after those of the plan that it
fills (``actions.importing.plan``); ``right`` says that what is doubtful is right as it
stands, ``drop`` that it is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from actions.importing.plan import (
    AS_NEW,
    CLOSED,
    NEW,
    OPEN,
    ORGANISATION,
    ActionPlan,
    ItemPlan,
    MeetingPlan,
    NextPlan,
    SeatPlan,
)
from assurance.forms.base import PlainForm
from assurance.forms.fields import ClockField, DayField
from meetings.forms.base import one_kind_of_line_end
from meetings.models import AgendaItem, Attendee, Kind, Meeting, WithheldReason

Choices = list[tuple[str, str]]

_CLASSES = {
    forms.Textarea: "govuk-textarea",
    forms.Select: "govuk-select",
    forms.TextInput: "govuk-input",
    forms.CheckboxInput: "app-tick",
}
_STANDS: Choices = [
    (OPEN, "Open: it is followed in the tracker"),
    (CLOSED, "Closed before this register: kept, and not followed"),
]


class Choice(forms.ChoiceField):
    """A row of a register, or a new one by the name in the minutes: ``new`` is what
    the choice of a new one begins with.
    """

    def __init__(self, *, new: str = NEW, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.new = new

    def new_name(self, value: Any) -> str:
        """The name of the row to be made; "" for a choice of any other kind."""
        chosen = str(value or "")
        if not chosen.startswith(self.new) or not chosen.isprintable():
            return ""
        return chosen[len(self.new) :].strip()

    def valid_value(self, value: Any) -> bool:
        return bool(self.new_name(value)) or super().valid_value(value)


class Prose(forms.CharField):
    """A text of several lines, which browsers send with other ends of lines."""

    widget = forms.Textarea({"rows": 2})

    def to_python(self, value: Any) -> str:
        return one_kind_of_line_end(super().to_python(value) or "").strip("\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        was, now = self.to_python(initial), self.to_python(data)
        return [*map(str.rstrip, was.splitlines())] != [
            *map(str.rstrip, now.splitlines())
        ]


class PartForm(PlainForm):
    """One part. ``is_added`` is one that the text does not have."""

    WRITTEN: tuple[str, ...] = ()  # in an added row that is not blank

    right = forms.BooleanField(required=False, label="It is right as it stands")

    def __init__(
        self,
        data: Any = None,
        *,
        prefix: str,
        initial: dict[str, Any] | None = None,
        choices: dict[str, Choices] | None = None,
        is_added: bool = False,
    ) -> None:
        super().__init__(
            data,
            prefix=prefix,
            initial=initial or {},
            use_required_attribute=False,
        )
        self.is_added = is_added
        self.doubts: list[str] = []
        self.line = 0
        for name, offered in (choices or {}).items():
            self._offer(name, offered)
        for name in self.not_shown():
            del self.fields[name]
        self._dress(self.fields)

    def _dress(self, fields: Mapping[str, forms.Field]) -> None:
        for field in fields.values():
            for widget, name in _CLASSES.items():
                if isinstance(field.widget, widget):
                    field.widget.attrs["class"] = name

    def not_shown(self) -> Sequence[str]:
        """Fields that this part does not have: what is not sent was not mended."""
        return ()

    def _offer(self, name: str, offered: Choices) -> None:
        """These, and the one chosen that is to be made."""
        field, chosen = self.fields[name], str(self[name].value() or "")
        new = field.new_name(chosen) if isinstance(field, Choice) else ""
        if new and chosen not in dict(offered):
            offered = [*offered, (chosen, f"New: {new}")]
        self.fields[name].choices = offered  # type: ignore[attr-defined]

    @property
    def part(self) -> str:
        return str(self.prefix)

    @property
    def is_dropped(self) -> bool:
        return "drop" in self.fields and bool(self["drop"].value())

    @property
    def is_blank(self) -> bool:
        """An added row in which nobody wrote anything."""
        return self.is_added and not any(self[name].value() for name in self.WRITTEN)

    @property
    def is_used(self) -> bool:
        return not self.is_dropped and not self.is_blank

    @property
    def is_right(self) -> bool:
        return bool(self["right"].value())

    def was_mended(self, *names: str) -> bool:
        """Whether any of these fields is not as it was read."""
        return not set(names).isdisjoint(self.changed_data)

    def values(self, *names: str) -> dict[str, Any]:
        """What those of them say that are shown."""
        return {name: self.cleaned_data[name] for name in names if name in self.fields}


class FactsForm(PartForm):
    """What the heading says. Each of its facts may be doubtful."""

    type = Choice(label="Type of meeting")
    title = forms.CharField(required=False, max_length=200, label="What it was about")
    theme = Choice(required=False)
    date = DayField()
    start = ClockField(required=False)
    end = ClockField(required=False)
    venue = forms.CharField(required=False, max_length=200)
    held = forms.ChoiceField(choices=Meeting.Held.choices, label="How it was held")
    same_day = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        label="Is this one of the meetings of that day?",
    )
    old_actions = forms.ChoiceField(
        choices=_STANDS, widget=forms.RadioSelect, label="Its actions come in as"
    )

    PARTS = ("type", "title", "theme", "date", "start", "end", "venue")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.PARTS:
            self.fields[f"right_{name}"] = forms.BooleanField(
                required=False, label="It is right as it stands"
            )
        self._dress(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if end and not self.errors and (start is None or end <= start):
            self.add_error("end", "Enter an end that is after the start, or no end")
        return cleaned

    def plan(self) -> MeetingPlan:
        names = (*self.PARTS, "held", "same_day", "old_actions")
        return MeetingPlan(**self.values(*names))


class SeatForm(PartForm):
    WRITTEN = ("name", "capacity", "abbreviation")

    name = forms.CharField(
        max_length=150, widget=forms.TextInput({"list": "known-people"})
    )
    person = forms.ChoiceField(required=False, label="Who it is")
    capacity = forms.CharField(required=False, max_length=150)
    abbreviation = forms.CharField(required=False, max_length=20, label="Short")
    organisation = Choice(required=False)
    attendance = forms.ChoiceField(
        choices=[c for c in Attendee.Attendance.choices if c[0] != "invited"],
        label="Status",
        initial=Attendee.Attendance.PRESENT,
    )
    role = forms.ChoiceField(
        required=False, choices=[("", "No role"), *Attendee.Role.choices[1:]]
    )
    listed = forms.BooleanField(required=False, label="In the list", initial=True)
    drop = forms.BooleanField(required=False, label="Drop")

    def not_shown(self) -> Sequence[str]:
        person: Any = self.fields["person"]
        return () if len(person.choices) > 1 else ("person",)

    def clean(self) -> dict[str, Any]:
        """Another name is somebody else, unless somebody was chosen as well."""
        cleaned = super().clean() or self.cleaned_data
        if "name" in self.changed_data and "person" not in self.changed_data:
            cleaned["person"] = ""
        return cleaned

    def plan(self, key: int) -> SeatPlan:
        names = ("name", "person", "capacity", "abbreviation", "organisation")
        more = ("attendance", "role", "listed")
        return SeatPlan(key, **self.values(*names, *more))


class ItemForm(PartForm):
    WRITTEN = ("number", "heading", "notes", "decisions")

    number = forms.CharField(required=False, max_length=20)
    heading = forms.CharField(max_length=300)
    depth = forms.TypedChoiceField(
        coerce=int,
        choices=[(n, f"Level {n + 1}") for n in range(AgendaItem.MAX_DEPTH)],
        label="Level",
        initial=0,
    )
    kind = forms.ChoiceField(
        choices=Kind.choices, label="What it is for", initial=Kind.THEMED
    )
    theme = Choice(required=False)
    lead = forms.ChoiceField(required=False, label="Led by")
    notes = Prose(required=False, widget=forms.Textarea({"rows": 8}), strip=False)
    decisions = Prose(required=False)
    assurance = forms.ChoiceField(
        required=False, choices=AgendaItem.Assurance.choices, label="Assurance given"
    )
    restricted = forms.BooleanField(required=False, label="For the office only")
    withheld_reason = forms.ChoiceField(
        required=False,
        choices=[("", "Not withheld"), *WithheldReason.choices],
        label="Why it is withheld",
    )
    after = forms.ChoiceField(required=False, label="Its place")
    drop = forms.BooleanField(required=False, label="Drop")

    def not_shown(self) -> Sequence[str]:
        return () if self.is_added else ("after",)

    @property
    def note_lines(self) -> int:
        return len(str(self["notes"].value() or "").splitlines())

    @property
    def indent(self) -> str:
        return str(self["depth"].value() or 0)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("restricted") and not cleaned.get("withheld_reason"):
            heading = cleaned.get("heading", "the item")
            self.add_error("withheld_reason", f"Choose why “{heading}” is withheld")
        return cleaned

    def plan(self, key: int) -> ItemPlan:
        names = ("number", "heading", "depth", "kind", "theme", "lead", "notes")
        more = ("decisions", "assurance", "restricted", "withheld_reason")
        return ItemPlan(key, **self.values(*names, *more))


class ActionForm(PartForm):
    """One action; ``owner_0`` leads. There is always room for another owner."""

    WRITTEN = ("text", "due_words", "owner_0")

    text = Prose(
        label="What is to be done",
        max_length=5000,
        error_messages={"required": "Write what is to be done, or drop it"},
    )
    other_wording = Prose(required=False, label="Second wording", max_length=5000)
    keep_other = forms.BooleanField(
        required=False, initial=True, label="Keep the second wording"
    )
    item = forms.ChoiceField(required=False, label="Agreed at")
    due = Choice(label="Due", initial="none", new=f"theme:{NEW}")
    due_on = DayField(required=False, label="Date")
    due_words = forms.CharField(required=False, max_length=150, label="Due, as minuted")
    older_reference = forms.CharField(
        required=False, max_length=50, label="Older reference"
    )
    stands = forms.ChoiceField(
        required=False,
        choices=[
            ("", "As chosen for the meeting"),
            (OPEN, "Open"),
            (CLOSED, "Closed before this register"),
        ],
        label="It comes in as",
    )
    becomes = forms.ChoiceField(required=False, label="In the register")
    update = Prose(required=False, label="What was said of it")
    closes = forms.BooleanField(
        required=False, label="Close it: the minutes say it is done"
    )
    raised_on = DayField(required=False, label="Date raised")
    drop = forms.BooleanField(required=False, label="Drop")

    MOST_OWNERS = 12

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        initial = dict(kwargs.pop("initial", None) or {})
        self.earlier = bool(initial.get("earlier"))
        owners = list(initial.pop("owners", ()))
        prefix = kwargs["prefix"]
        if data is not None:
            names = (f"{prefix}-owner_{n}" for n in range(self.MOST_OWNERS))
            sent = [data.get(name, "") for name in names]
            count = max((n + 1 for n, key in enumerate(sent) if key), default=0)
        else:
            count = 0
        self.count = min(max(count, len(owners)) + 1, self.MOST_OWNERS)
        choices = dict(kwargs.pop("choices", None) or {})
        offered = choices.pop("owners", [])
        self.base_fields = dict(self.base_fields)
        for number in range(self.count):
            name = f"owner_{number}"
            self.base_fields[name] = Choice(
                required=False,
                label="Another owner" if number else "Owner",
                new=f"{ORGANISATION}{NEW}",
            )
            choices[name] = offered
            initial[name] = owners[number] if number < len(owners) else ""
        super().__init__(data, initial=initial, choices=choices, **kwargs)

    def not_shown(self) -> Sequence[str]:
        earlier = () if self.earlier else ("becomes", "update", "closes", "raised_on")
        if self.initial.get("other_wording"):
            return earlier
        return (*earlier, "other_wording", "keep_other")

    def was_mended(self, *names: str) -> bool:
        if "owners" in names:
            names = (*names, *(f"owner_{number}" for number in range(self.count)))
        return super().was_mended(*names)

    @property
    def number(self) -> str:
        """What its mark in the notes names it by."""
        return self.part.rpartition("-")[2]

    @property
    def owners(self) -> list[forms.BoundField]:
        return [self[f"owner_{number}"] for number in range(self.count)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("due") == "date":
            self._ask("due_on", "Enter the date it is due")
        if cleaned.get("becomes") == AS_NEW and self.earlier:
            self._ask("raised_on", "Enter the date this earlier action was raised")
        return cleaned

    def _ask(self, name: str, sentence: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, sentence)

    def plan(self, key: int) -> ActionPlan:
        names = ("text", "item", "due", "due_words", "older_reference", "stands")
        more = ("update", "closes", "raised_on")
        said = self.cleaned_data
        owners = (said[f"owner_{number}"] for number in range(self.count))
        return ActionPlan(
            key,
            other_wording=said["other_wording"] if said.get("keep_other") else "",
            due_on=said["due_on"] if said["due"] == "date" else None,
            owners=tuple(owner for owner in owners if owner),
            earlier=self.earlier,
            becomes=said.get("becomes") or AS_NEW,
            **self.values(*names, *more),
        )


class NextForm(PartForm):
    becomes = forms.ChoiceField(label="The next meeting")
    type = Choice(required=False)
    title = forms.CharField(required=False, max_length=200, label="About")
    theme = Choice(required=False)
    date = DayField(required=False)
    start = ClockField(required=False)
    end = ClockField(required=False)
    venue = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("becomes") == AS_NEW:
            if not cleaned.get("date") and "date" not in self.errors:
                self.add_error("date", "Enter the date of the next meeting")
            start, end = cleaned.get("start"), cleaned.get("end")
            if end and not self.errors and (start is None or end <= start):
                self.add_error("end", "Enter an end that is after the start")
        return cleaned

    def plan(self) -> NextPlan:
        names = ("becomes", "type", "title", "theme", "date", "start", "end", "venue")
        return NextPlan(**self.values(*names))


class WarningsForm(PartForm):
    """That the places of the text the reader points out were looked at."""

    right = forms.BooleanField(
        required=False, label="I have looked at these places of the text"
    )
