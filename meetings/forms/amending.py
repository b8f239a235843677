"""Forms that amend agreed minutes. They are filled from the last version of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import pretty_name

from actions.amending import OF_ACTION, OF_ITEM, OF_MEETING
from actions.seating import OF_SEAT
from assurance.differences import Difference, compare
from assurance.forms.base import GovukForm, in_words
from assurance.forms.fields import ClockField
from assurance.models import Organisation
from meetings.forms.base import look, one_kind_of_line_end
from meetings.models import AgendaItem, Attendee
from meetings.models.agenda import WithheldReason
from meetings.record import ActionLine, Item, Owner, Record, Seat

_BY_NAME, _BY_POST = "name", "post"
_TAKEN_OUT = "taken_out"
_OF_OWNER = ("organisation", "post", "person")
# Empty places for people who were left out, and for more owners.
_MORE_SEATS, _MORE_OWNERS = 2, 2
_ASSURANCE = {str(label): value for value, label in AgendaItem.Assurance.choices}


class _AmendForm(GovukForm):
    """``made_from`` is the number of the version that was opened."""

    made_from = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label="Why is it amended?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Printed in the minutes, so do not quote what is withheld",
        error_messages={"required": "Enter why the minutes are amended"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differences: list[Difference] = []
        self.theirs: dict[str, str] = {}
        self.theirs_by = ""
        self.order_fields([name for name in self.fields if name != "why"])

    def clean_why(self) -> str:
        return one_kind_of_line_end(self.cleaned_data["why"])

    def show_theirs(self, values: dict[str, Any], *, number: int, by: str) -> None:
        """What somebody else's amendment says; sending again is made from that one."""
        for name, theirs in values.items():
            if name not in self.cleaned_data:
                continue  # they added it, and it stays
            mine, said = in_words(self.cleaned_data[name]), in_words(theirs)
            if mine != said:
                label = str(self.fields[name].label or pretty_name(name))
                self.differences.append(compare(name, label, mine, said))
                self.theirs[label] = said
        self.theirs_by = by
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("made_from")] = str(number)
        self.data = sent


class AmendItemForm(_AmendForm):
    heading = forms.CharField(max_length=300)
    lead = forms.CharField(
        required=False, max_length=150, help_text="Who led it, as the minutes name them"
    )
    notes = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 14})
    )
    decisions = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Printed under DECISION, one line for each",
    )
    assurance = forms.ChoiceField(
        label="Assurance given", required=False, choices=AgendaItem.Assurance.choices
    )
    withheld = forms.BooleanField(
        label="Withhold from publication",
        required=False,
        help_text="Goes for all that stands under this item. What the public reads "
        "changes when the minutes are published again",
    )
    withheld_reason = forms.ChoiceField(
        label="Reason for withholding",
        required=False,
        choices=[("", "Not withheld"), *WithheldReason.choices],
    )

    def __init__(self, *args: Any, item: Item, number: int, **kwargs: Any) -> None:
        kwargs["initial"] = self.values_of(item) | {"made_from": number}
        super().__init__(*args, **kwargs)

    @staticmethod
    def values_of(item: Item) -> dict[str, Any]:
        values = {name: getattr(item, name) for name in OF_ITEM}
        return values | {"assurance": _ASSURANCE.get(item.assurance, "")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("notes", "decisions"):
            cleaned[name] = one_kind_of_line_end(cleaned.get(name, ""))
        return _with_reason(self, cleaned)

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OF_ITEM}


def _with_reason(form: forms.Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    """A reason where it is withheld, and none where it is not."""
    if not cleaned.get("withheld"):
        cleaned["withheld_reason"] = ""
    elif not cleaned.get("withheld_reason") and not form.errors.get("withheld_reason"):
        form.add_error("withheld_reason", "Choose a reason for withholding")
    return cleaned


class AmendActionForm(_AmendForm):
    text = forms.CharField(
        label="What is to be done",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter what is to be done"},
    )
    other_wording = forms.CharField(
        label="Wording in the summary",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="If the minutes word it differently there",
    )
    due = forms.CharField(
        required=False,
        max_length=150,
        help_text="As the minutes print it, for example 4 September 2020. Leave empty "
        "for no due date",
    )
    due_words = forms.CharField(
        label="The words used",
        required=False,
        max_length=150,
        help_text="For example: in a month",
    )
    withheld = forms.BooleanField(
        label="Withhold from publication",
        required=False,
        help_text="What the public reads changes when the minutes are published again",
    )
    withheld_reason = forms.ChoiceField(
        label="Reason for withholding",
        required=False,
        choices=[("", "Not withheld"), *WithheldReason.choices],
    )

    def __init__(
        self, *args: Any, line: ActionLine, number: int, **kwargs: Any
    ) -> None:
        kwargs["initial"] = self.values_of(line) | {"made_from": number}
        choices = _organisations(line.owners)
        self.base_fields = dict(type(self).base_fields)
        self._places = range(len(line.owners) + _MORE_OWNERS)
        for place in self._places:
            self.base_fields |= _fields_of_owner(place, choices)
        super().__init__(*args, **kwargs)
        for name in ("due", *(f"owner_{what}_{n}" for n, what in self._owner_fields())):
            css = "govuk-select" if name.startswith("owner_org") else "govuk-input"
            self.fields[name].widget.attrs["class"] = css

    @staticmethod
    def values_of(line: ActionLine) -> dict[str, Any]:
        values = {name: getattr(line, name) for name in OF_ACTION if name != "owners"}
        for place, owner in enumerate(line.owners):
            values |= {
                f"owner_{what}_{place}": getattr(owner, what) for what in _OF_OWNER
            }
        return values

    def _owner_fields(self) -> Iterator[tuple[int, str]]:
        return ((place, what) for place in self._places for what in _OF_OWNER)

    def owners(self) -> Iterator[list[BoundField]]:
        """The fields of each owner, and of some more."""
        for place in self._places:
            yield [self[f"owner_{what}_{place}"] for what in _OF_OWNER]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("text", "other_wording"):
            cleaned[name] = one_kind_of_line_end(cleaned.get(name, ""))
        for place in self._places:
            of, post, person = (cleaned.get(f"owner_{w}_{place}") for w in _OF_OWNER)
            name = f"owner_organisation_{place}"
            if (post or person) and not of and not self.errors.get(name):
                self.add_error(name, f"Choose the organisation of {person or post}")
        return _with_reason(self, cleaned)

    @property
    def changes(self) -> dict[str, Any]:
        values = {n: self.cleaned_data[n] for n in OF_ACTION if n != "owners"}
        owners = (self._owner(place) for place in self._places)
        found = dict.fromkeys(owner for owner in owners if owner.organisation)
        return values | {"owners": tuple(found)}

    def _owner(self, place: int) -> Owner:
        return Owner(*(self.cleaned_data[f"owner_{w}_{place}"] for w in _OF_OWNER))


def _organisations(owners: Iterable[Owner]) -> list[tuple[str, str]]:
    """By what minutes call them: those of today, and those of these minutes."""
    names = {one.abbreviation: one.name for one in Organisation.objects.all()}
    kept = {owner.organisation: owner.organisation for owner in owners}
    return [("", "None"), *(kept | names).items()]


def _fields_of_owner(
    place: int, choices: list[tuple[str, str]]
) -> dict[str, forms.Field]:
    return {
        f"owner_organisation_{place}": forms.ChoiceField(
            label="Organisation", required=False, choices=choices
        ),
        f"owner_post_{place}": forms.CharField(
            label="Post", required=False, max_length=150
        ),
        f"owner_person_{place}": forms.CharField(
            label="Person", required=False, max_length=150
        ),
    }


def _fields_of(seat: Seat, place: int) -> dict[str, forms.Field]:
    """What may be amended of somebody on the list, by the names of ``OF_SEAT``."""
    return {
        f"name_{place}": forms.CharField(
            label="Name",
            max_length=150,
            error_messages={"required": f"Enter the name of {seat.name}"},
        ),
        f"capacity_{place}": forms.CharField(
            label="Capacity", max_length=150, required=False
        ),
        f"attendance_{place}": forms.ChoiceField(
            label="Status",
            choices=[
                *Attendee.Attendance.choices,
                (_TAKEN_OUT, "Wrongly listed: take out"),
            ],
        ),
        f"role_{place}": forms.ChoiceField(
            label="Role", required=False, choices=Attendee.Role.choices
        ),
        f"named_publicly_{place}": forms.ChoiceField(
            label="In what is published",
            choices=[(_BY_NAME, "By name"), (_BY_POST, "By post only")],
        ),
    }


def _fields_left_out(n: int) -> dict[str, forms.Field]:
    """Somebody who was left out of the list."""
    return {
        f"new_name_{n}": forms.CharField(label="Name", max_length=150, required=False),
        f"new_capacity_{n}": forms.CharField(
            label="Capacity", max_length=150, required=False
        ),
        f"new_organisation_{n}": forms.ModelChoiceField(
            Organisation.objects.all(),
            label="Organisation",
            required=False,
            empty_label="Not said",
        ),
        f"new_attendance_{n}": forms.ChoiceField(
            label="Status",
            choices=Attendee.Attendance.choices,
            initial=Attendee.Attendance.PRESENT,
            required=False,
        ),
    }


class AmendFactsForm(_AmendForm):
    """Where and when, and everybody on the list."""

    title = forms.CharField(
        max_length=330, error_messages={"required": "Enter the title"}
    )
    themes = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One on each line, as the minutes name them",
    )
    venue = forms.CharField(required=False, max_length=200)
    start = ClockField(required=False)
    end = ClockField(required=False)

    def __init__(self, *args: Any, record: Record, number: int, **kwargs: Any) -> None:
        values = self.values_of(record) | {"made_from": number}
        kwargs["initial"] = values
        self._seats = _listed(record)
        self.base_fields = dict(type(self).base_fields)
        for place, seat in self._seats.items():
            self.base_fields |= _fields_of(seat, place)
        for n in range(_MORE_SEATS):
            self.base_fields |= _fields_left_out(n)
        super().__init__(*args, **kwargs)
        self._fill_in_who_was_added(values)
        look(self)
        for name in ("start", "end"):
            self.fields[name].widget.attrs["class"] += " govuk-input--width-5"

    def _fill_in_who_was_added(self, values: dict[str, Any]) -> None:
        """Whoever another amendment added since this was opened is left as they are."""
        if not self.is_bound:
            return
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        for place in self._seats:
            for name in (f"{what}_{place}" for what in OF_SEAT):
                if self.add_prefix(name) not in sent:
                    sent[self.add_prefix(name)] = values[name]
        self.data = sent

    @staticmethod
    def values_of(record: Record) -> dict[str, Any]:
        values = {name: getattr(record, name) for name in OF_MEETING}
        values["themes"] = "\n".join(record.themes)
        for place, seat in _listed(record).items():
            values |= {f"{name}_{place}": getattr(seat, name) for name in OF_SEAT}
            shown = _BY_NAME if seat.named_publicly else _BY_POST
            values[f"named_publicly_{place}"] = shown
        return values

    def rows(self) -> Iterator[tuple[Seat, list[BoundField]]]:
        """Everybody as the minutes have them, with what may be amended of each."""
        for place, seat in self._seats.items():
            yield seat, [self[f"{name}_{place}"] for name in OF_SEAT]

    def left_out(self) -> Iterator[list[BoundField]]:
        """The fields of somebody who was left out, as often as there is room."""
        for n in range(_MORE_SEATS):
            yield [self[name] for name in _fields_left_out(n)]

    def clean_themes(self) -> str:
        names = map(str.strip, self.cleaned_data["themes"].splitlines())
        return "\n".join(dict.fromkeys(filter(None, names)))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for n in range(_MORE_SEATS):
            name = f"new_name_{n}"
            cleaned[name] = " ".join(cleaned.get(name, "").split())
            said = cleaned.get(f"new_capacity_{n}") or cleaned.get(
                f"new_organisation_{n}"
            )
            if said and not cleaned[name] and not self.errors.get(name):
                self.add_error(name, "Enter the name of whoever was left out")
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in OF_MEETING}
        return values | {"themes": tuple(values["themes"].splitlines())}

    @property
    def seats(self) -> dict[int, dict[str, Any]]:
        return {place: self._seat(place) for place in self._seats}

    def _seat(self, place: int) -> dict[str, Any]:
        values = {name: self.cleaned_data[f"{name}_{place}"] for name in OF_SEAT}
        if values["attendance"] == _TAKEN_OUT:
            return {"taken_out": True}
        return values | {"named_publicly": values["named_publicly"] == _BY_NAME}

    @property
    def added(self) -> list[Seat]:
        cleaned = self.cleaned_data
        return [
            _new_seat(
                name=cleaned[f"new_name_{n}"],
                capacity=cleaned[f"new_capacity_{n}"],
                organisation=cleaned[f"new_organisation_{n}"],
                attendance=cleaned[f"new_attendance_{n}"],
            )
            for n in range(_MORE_SEATS)
            if cleaned[f"new_name_{n}"]
        ]


def _listed(record: Record) -> dict[int, Seat]:
    """Everybody on the list, by their place in it."""
    return {n: seat for n, seat in enumerate(record.seats) if not seat.taken_out}


def _new_seat(
    *, name: str, capacity: str, organisation: Organisation | None, attendance: str
) -> Seat:
    return Seat(
        name=name,
        capacity=capacity,
        organisation=organisation.name if organisation else "",
        organisation_short=organisation.abbreviation if organisation else "",
        attendance=attendance or Attendee.Attendance.PRESENT.value,
    )
