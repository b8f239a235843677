"""Forms that amend agreed minutes. They are filled from the last version of them."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import pretty_name

from actions.amending import OF_ACTION, OF_ITEM, OF_MEETING, OF_SEAT
from assurance.differences import Difference, compare
from assurance.forms.base import GovukForm, in_words
from assurance.forms.fields import ClockField
from meetings.forms.base import look, one_kind_of_line_end
from meetings.models import AgendaItem, Attendee
from meetings.models.agenda import WithheldReason
from meetings.record import ActionLine, Item, Record, Seat

_BY_NAME, _BY_POST = "name", "post"
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
    due_words = forms.CharField(label="Due, as minuted", required=False, max_length=150)
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
        super().__init__(*args, **kwargs)

    @staticmethod
    def values_of(line: ActionLine) -> dict[str, Any]:
        return {name: getattr(line, name) for name in OF_ACTION}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("text", "other_wording"):
            cleaned[name] = one_kind_of_line_end(cleaned.get(name, ""))
        return _with_reason(self, cleaned)

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OF_ACTION}


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
            label="Status", choices=Attendee.Attendance.choices
        ),
        f"role_{place}": forms.ChoiceField(
            label="Role", required=False, choices=Attendee.Role.choices
        ),
        f"named_publicly_{place}": forms.ChoiceField(
            label="In what is published",
            choices=[(_BY_NAME, "By name"), (_BY_POST, "By post only")],
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
        kwargs["initial"] = self.values_of(record) | {"made_from": number}
        self._seats = record.seats
        self.base_fields = dict(type(self).base_fields)
        for place, seat in enumerate(record.seats):
            self.base_fields |= _fields_of(seat, place)
        super().__init__(*args, **kwargs)
        look(self)
        for name in ("start", "end"):
            self.fields[name].widget.attrs["class"] += " govuk-input--width-5"

    @staticmethod
    def values_of(record: Record) -> dict[str, Any]:
        values = {name: getattr(record, name) for name in OF_MEETING}
        values["themes"] = "\n".join(record.themes)
        for place, seat in enumerate(record.seats):
            values |= {f"{name}_{place}": getattr(seat, name) for name in OF_SEAT}
            shown = _BY_NAME if seat.named_publicly else _BY_POST
            values[f"named_publicly_{place}"] = shown
        return values

    def rows(self) -> Iterator[tuple[Seat, list[BoundField]]]:
        """Everybody as the minutes have them, with what may be amended of each."""
        for place, seat in enumerate(self._seats):
            yield seat, [self[f"{name}_{place}"] for name in OF_SEAT]

    def clean_themes(self) -> str:
        names = map(str.strip, self.cleaned_data["themes"].splitlines())
        return "\n".join(dict.fromkeys(filter(None, names)))

    @property
    def changes(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in OF_MEETING}
        return values | {"themes": tuple(values["themes"].splitlines())}

    @property
    def seats(self) -> dict[int, dict[str, Any]]:
        return {place: self._seat(place) for place in range(len(self._seats))}

    def _seat(self, place: int) -> dict[str, Any]:
        values = {name: self.cleaned_data[f"{name}_{place}"] for name in OF_SEAT}
        return values | {"named_publicly": values["named_publicly"] == _BY_NAME}
