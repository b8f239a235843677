"""One form for each move of the lifecycle: what the move needs, and no more."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from actions.forms.due import DueForm, meeting_label
from actions.models import Action, Decision, How
from assurance.calendar import day_in_words
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField
from assurance.models import User
from assurance.permissions import Role
from meetings.models import Meeting


def _reason_field(
    label: str, *, required: bool = True, hint: str = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        required=required,
        error_messages={"required": f"Enter the {label[0].lower()}{label[1:]}"},
    )


class MoveForm(GovukForm):
    """A move by its owner: a text is all it needs."""

    text = _reason_field("Reason")

    def __init__(self, *args: Any, action: Action, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action
        self.user = user


class ProposeForm(MoveForm):
    """The owner says that the work is done."""

    text = _reason_field("What has been done")
    provided_by = forms.CharField(
        label="Provided by",
        max_length=150,
        required=False,
        help_text="The post that says so, for example Director of Business Services",
    )


class DecisionForm(MoveForm):
    """A decision: whose it is, of which day, taken how."""

    decided_by = forms.CharField(
        label="Decided by",
        max_length=150,
        error_messages={"required": "Enter who decided it"},
    )
    decided_on = DayField(label="Date of the decision")
    decided_how = forms.ChoiceField(
        label="How it was decided",
        choices=How.to_choose(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was decided"},
    )
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="Meeting it was decided at",
        required=False,
        empty_label="None",
        help_text="If it was decided at a meeting that is recorded here",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        holder = settings.HOLDER_TITLE
        own = self.user.role == Role.COMMISSIONER
        self.fields["decided_by"].initial = self.user.name if own else holder
        self.fields["decided_how"].initial = How.REGISTER if own else None
        self.fields["decided_on"].initial = today
        meetings = self.fields["meeting"]
        meetings.queryset = (  # type: ignore[attr-defined]
            Meeting.objects.not_cancelled()
            .filter(date__range=(self.action.raised_on, today))
            .select_related("type")
            .latest_first()
        )
        meetings.label_from_instance = meeting_label  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("decided_on")
        if day and day > timezone.localdate():
            self.add_error("decided_on", "Enter a date that is not in the future")
        # What was written down for a meeting to come may be dropped before it.
        earliest = min(self.action.raised_on, timezone.localdate())
        if day and day < earliest:
            self.add_error(
                "decided_on",
                "Enter a date on or after the day the action was raised, "
                f"{day_in_words(earliest)}",
            )
        if data.get("meeting") and data.get("decided_how") not in (None, How.MEETING):
            self.add_error(
                "meeting", "Leave the meeting out unless it was decided at a meeting"
            )
        return data

    def decision(self) -> Decision:
        data = self.cleaned_data
        return Decision(data["decided_by"], data["decided_on"], data["decided_how"])


class CloseForm(DecisionForm):
    text = _reason_field("Note", required=False)


class HoldForm(DecisionForm):
    until = DayField(
        label="Look again on",
        help_text="From that day it is open again, and on the next meeting's list",
        error_messages={"required": "Enter the day to look at it again"},
    )
    field_order = ["text", "until"]

    def clean_until(self) -> dt.date:
        until = self.cleaned_data["until"]
        if until <= timezone.localdate():
            raise forms.ValidationError("Enter a date after today")
        return until


class RedateForm(DecisionForm, DueForm):
    field_order = [
        "due_kind",
        "due_on",
        "due_meeting",
        "due_theme",
        "due_type",
        "text",
    ]

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, action=action, due=action.due, **kwargs)


class MendDueForm(MoveForm, DueForm):
    """The due of an action nobody was told of yet: mended, not decided."""

    field_order = RedateForm.field_order

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, action=action, due=action.due, **kwargs)


class ReplacementsField(forms.CharField):
    """The actions that take the place of one, a line for each. Gives their texts."""

    MOST, LONGEST = 20, 5000

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="New actions",
            widget=forms.Textarea(attrs={"rows": 5}),
            help_text="One on each line. Each takes over the owners and the due date, "
            "and gets a reference of its own",
            error_messages={"required": "Enter at least one new action"},
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        lines = super().clean(value).splitlines()
        texts = [line.strip() for line in lines if line.strip()]
        if len(texts) > self.MOST:
            raise forms.ValidationError(f"Enter at most {self.MOST} new actions")
        if any(len(text) > self.LONGEST for text in texts):
            raise forms.ValidationError(
                f"Keep each new action within {self.LONGEST} characters"
            )
        return texts


class ReplaceForm(DecisionForm):
    replacements = ReplacementsField()
    field_order = ["replacements", "text"]


class AnswerForm(DecisionForm):
    """Accept or refuse what an update asks for."""

    accepted = forms.ChoiceField(
        label="Answer",
        choices=[("yes", "Accept"), ("no", "Refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to accept or refuse"},
    )
    field_order = ["accepted", "text"]


class BringForwardForm(GovukForm):
    """Which meeting should look at the action, and why."""

    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label="Meeting", empty_label="Choose a meeting"
    )
    text = _reason_field("Reason", hint="The owners of the action see this")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["meeting"]
        meetings = Meeting.objects.for_review(today=timezone.localdate())
        field.queryset = meetings.select_related("type")  # type: ignore[attr-defined]
        field.label_from_instance = meeting_label  # type: ignore[attr-defined]
        field.initial = meetings.first()
