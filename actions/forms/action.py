"""Writing an action down, and changing what was written."""

from typing import Any

from django import forms
from django.db.models import Field, Q
from django.utils import timezone

from actions.forms.due import DueForm
from actions.forms.owners import OwnersForm
from actions.models import Action
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField
from assurance.models import User
from assurance.permissions import Role
from meetings.forms.base import PartForm
from meetings.models import AgendaItem, WithheldReason
from meetings.withholding import refuse_marks

_WIDGETS = {
    "text": forms.Textarea(attrs={"rows": 3}),
    "other_wording": forms.Textarea(attrs={"rows": 3}),
}
_FIELDS = [
    "text",
    "other_wording",
    "due_words",
    "office_lead",
    "older_reference",
    "withheld",
    "withheld_reason",
]


class _ActionFields(forms.Form):
    """Fields that both new and existing actions have beside those of the model."""

    def _finish(self, *, lead_now: int | None = None) -> None:
        self.fields["office_lead"].empty_label = "Nobody yet"  # type: ignore
        self.fields["office_lead"].queryset = User.objects.filter(  # type: ignore
            Q(is_active=True, role__in=[Role.STAFF, Role.ADMINISTRATOR])
            | Q(pk=lead_now)
        )
        self.fields["withheld"] = forms.ChoiceField(
            label="Publication",
            required=False,
            choices=[
                ("", "As its agenda item"),
                ("True", "Withhold it"),
                ("False", "Publish it"),
            ],
        )
        self.fields["withheld_reason"] = forms.ChoiceField(
            label="Reason for withholding",
            required=False,
            choices=[("", "Not withheld"), *WithheldReason.choices],
        )

    def clean_text(self) -> str:
        return refuse_marks(self.cleaned_data["text"])

    def clean_withheld(self) -> bool | None:
        return {"True": True, "False": False}.get(self.cleaned_data["withheld"])


class NewActionForm(OwnersForm, DueForm, _ActionFields):
    """An action agreed at an agenda item, or one that came from elsewhere."""

    text = forms.CharField(
        label="What is to be done",
        widget=_WIDGETS["text"],
        max_length=5000,
        error_messages={"required": "Enter what is to be done"},
    )
    due_words = forms.CharField(
        label="Due, as minuted",
        max_length=150,
        required=False,
        help_text="The words used, for example: in a month",
    )
    office_lead = forms.ModelChoiceField(
        User.objects.none(),
        label="Office lead",
        required=False,
        empty_label="Nobody yet",
    )
    source_kind = forms.ChoiceField(
        label="Where it comes from",
        choices=[("", "Choose"), *Action.Source.choices],
        error_messages={"required": "Choose where it comes from"},
    )
    source = forms.CharField(
        label="Which one",
        max_length=200,
        required=False,
        help_text="For example: letter about custody healthcare",
    )
    source_on = DayField(label="Date raised")

    def __init__(
        self, *args: Any, item: AgendaItem | None = None, **kwargs: Any
    ) -> None:
        self.item = item
        super().__init__(*args, meeting=item.meeting if item else None, **kwargs)
        self._finish()
        if item:
            for name in ("source_kind", "source", "source_on"):
                del self.fields[name]
        else:
            self.fields["source_on"].initial = timezone.localdate()

    def raised(self) -> dict[str, Any]:
        """Where it was raised, as ``raise_action`` wants it."""
        if self.item:
            return {"meeting": self.item.meeting, "item": self.item}
        return {
            name: self.cleaned_data[name]
            for name in ("source_kind", "source", "source_on")
        }

    def details(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name]
            for name in ("due_words", "office_lead", "withheld", "withheld_reason")
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        _check_withholding(self, data)
        return data


def _check_withholding(form: forms.Form, data: dict[str, Any]) -> None:
    if data.get("withheld") and not data.get("withheld_reason"):
        form.add_error("withheld_reason", "Choose a reason for withholding")
    if not data.get("withheld"):
        data["withheld_reason"] = ""


class EditActionForm(OwnersForm, _ActionFields, PartForm):
    """The wording, the owners and the like. The due has a move of its own.

    An update given meanwhile is in nobody's way; other owners, chosen meanwhile, are.
    """

    owners_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Action
        fields = _FIELDS
        widgets = _WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        action = kwargs["instance"]
        super().__init__(*args, meeting=action.meeting, action=action, **kwargs)
        self._finish(lead_now=action.office_lead_id)
        self.fields["owners_seen"].initial = _owners_key(action)
        self.fields["withheld"].initial = (
            "" if action.withheld is None else str(action.withheld)
        )
        self.initial.pop("withheld", None)
        self.fields["withheld_reason"].initial = action.withheld_reason

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        _check_withholding(self, data)
        return data

    def _disputed_beside(self, current: Action) -> dict[str, str]:
        if self.cleaned_data["owners_seen"] in ("", _owners_key(current)):
            return {}
        return {"Owners": "; ".join(map(str, _owners(current)))}

    def _show_both(self, current: Action, disputed: list[Field]) -> None:
        super()._show_both(current, disputed)
        sent: Any = self.data
        sent["owners_seen"] = _owners_key(current)

    def changed_labels(self) -> list[str]:
        """What was changed, by label; owners say so themselves."""
        return [
            str(self.fields[name].label).lower()
            for name in self.changed_data
            if name in _FIELDS
        ]


class ChangeActionForm(OwnersForm, DueForm, PartForm):
    """What may be wrong about an action as it was spoken: wording, owners, due.

    For one that is not issued: its due needs no reason yet.
    """

    owners_seen = forms.CharField(widget=forms.HiddenInput, required=False)
    due_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Action
        fields = ["text", "due_words"]
        widgets = {"text": _WIDGETS["text"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        action = kwargs["instance"]
        super().__init__(
            *args, meeting=action.meeting, action=action, due=action.due, **kwargs
        )
        self.fields["owners_seen"].initial = _owners_key(action)
        self.fields["due_seen"].initial = _due_key(action)

    def clean_text(self) -> str:
        return refuse_marks(self.cleaned_data["text"])

    def _disputed_beside(self, current: Action) -> dict[str, str]:
        disputed = {}
        if self.cleaned_data["owners_seen"] not in ("", _owners_key(current)):
            disputed["Owners"] = "; ".join(map(str, _owners(current)))
        if self.cleaned_data["due_seen"] not in ("", _due_key(current)):
            disputed["Due"] = current.due.in_words()
        return disputed

    def _show_both(self, current: Action, disputed: list[Field]) -> None:
        super()._show_both(current, disputed)
        sent: Any = self.data
        sent["owners_seen"] = _owners_key(current)
        sent["due_seen"] = _due_key(current)

    def changed_labels(self) -> list[str]:
        """As ``EditActionForm`` says them; the due says so itself too."""
        return [
            str(self.fields[name].label).lower()
            for name in self.changed_data
            if name in self.Meta.fields
        ]


def _due_key(action: Action) -> str:
    """The due as one word, to tell whether it is still the same."""
    values = (action.due_on, action.due_meeting_id, action.due_theme_id)
    return ".".join(map(str, (action.due_kind, *values, action.due_type_id)))


def _owners(action: Action) -> Any:
    return action.owners.select_related("organisation", "person")


def _owners_key(action: Action) -> str:
    """The owners as one word, to tell whether they are still the same."""
    return ".".join(f"{owner.pk}{'*' * owner.leads}" for owner in _owners(action))


class NoteForm(GovukForm):
    """A note that never leaves the office."""

    text = forms.CharField(
        label="Office note",
        help_text="The office and the commissioner see this; the owners never do",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        error_messages={"required": "Enter the note"},
    )
