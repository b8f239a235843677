"""What a meeting made of one action, and what is added to its list."""

import datetime as dt
from itertools import chain
from typing import Any

from django import forms
from django.utils import timezone

from actions.forms.moves import ReplacementsField
from actions.lifecycle import Status
from actions.models import Action, Due, Review, Update
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField
from meetings.models import Meeting

Outcome = Review.Outcome
CARRIED_TO = "carried_to"
# In this order always, so that hands learn it.
CHOICES = {
    Outcome.CLOSED.value: "Close it",
    Outcome.CARRIED.value: "Carry it forward to the next meeting",
    CARRIED_TO: "Carry it forward to a new date",
    Outcome.RETURNED.value: "Return it to the owner",
    Outcome.ON_HOLD.value: "Put it on hold",
    Outcome.REPLACED.value: "Replace or split it",
    Outcome.NOTED.value: "Note it: nothing changes",
}
REASONED = (CARRIED_TO, Outcome.RETURNED, Outcome.ON_HOLD, Outcome.REPLACED)
# The fields that an outcome opens; the first of them is needed.
OPENS = {
    CARRIED_TO: ["due_on"],
    Outcome.ON_HOLD.value: ["until"],
    Outcome.REPLACED.value: ["replacements", "their_due_on"],
}


class OutcomeForm(GovukForm):
    """One of the outcomes with what it needs."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="Outcome",
        choices=list(CHOICES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an outcome"},
    )
    due_on = DayField(label="New due date", required=False)
    until = DayField(
        label="Look again on",
        required=False,
        help_text="From that day it is open again, and on the next meeting’s list",
    )
    replacements = ReplacementsField(required=False)
    their_due_on = DayField(
        label="Due date of the new actions (optional)",
        required=False,
        help_text="Without one they are due as this action was",
    )
    note = forms.CharField(
        label="Note or reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=20_000,
        help_text="Printed in the minutes; the owners see it",
    )

    def __init__(
        self, *args: Any, action: Action, anew: bool = False, **kwargs: Any
    ) -> None:
        """``anew`` is for an action that has an outcome already."""
        super().__init__(*args, **kwargs)
        self.action = action
        self.fields["version"].initial = action.version
        for name in (*chain(*OPENS.values()), "note"):
            self.fields[name].needed_where_shown = True  # type: ignore[attr-defined]
        asked = action.open_requests()
        is_asked = action.status == Status.PROPOSED or asked.exists()
        # Once sent, what was offered stays, though somebody else was quicker.
        if not is_asked and not self.is_bound and not anew:
            self._leave_out(Outcome.RETURNED)
        date = asked.filter(asks=Update.Asks.DATE).last()
        if date:
            self.fields["due_on"].initial = date.asked_due_on

    def _leave_out(self, outcome: str) -> None:
        field = self.fields["outcome"]
        field.choices = [  # type: ignore[attr-defined]
            choice
            for choice in field.choices  # type: ignore[attr-defined]
            if choice[0] != outcome
        ]

    @property
    def outcomes(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Each radio with the fields it opens."""
        return [
            (choice, [self[name] for name in OPENS.get(choice.data["value"], [])])
            for choice in self["outcome"]
        ]

    def clean_until(self) -> dt.date | None:
        until = self.cleaned_data["until"]
        chosen = self.cleaned_data.get("outcome") == Outcome.ON_HOLD
        if chosen and until and until <= timezone.localdate():
            raise forms.ValidationError("Enter a date after today")
        return until

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        outcome = data.get("outcome", "")
        name = OPENS.get(outcome, [""])[0]
        if name and not data.get(name) and name not in self.errors:
            self.add_error(name, _MISSING[name])
        if outcome in REASONED and not data.get("note", "").strip():
            self.add_error("note", "Enter the reason")
        return data

    def outcome_and_more(self) -> dict[str, Any]:
        """What ``record_review`` wants; fields of other outcomes are dropped."""
        data = self.cleaned_data
        more: dict[str, Any] = {"outcome": data["outcome"], "note": data["note"]}
        match data["outcome"]:
            case "carried_to":
                more |= {
                    "outcome": Outcome.CARRIED,
                    "due": Due.on_date(data["due_on"]),
                }
            case Outcome.ON_HOLD:
                more["until"] = data["until"]
            case Outcome.REPLACED:
                more["replacements"] = data["replacements"]
                if data["their_due_on"]:
                    more["due"] = Due.on_date(data["their_due_on"])
        return more

    def look_again(self, action: Action) -> None:
        """Take the action as it is now for seen; the next press is about that."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("version")] = str(action.version)
        self.data = sent


_MISSING = {
    "due_on": "Enter the new due date",
    "until": "Enter the day to look at it again",
    "replacements": "Enter at least one new action",
}


class AddForm(GovukForm):
    """An action that no rule names, brought to a meeting's list with a reason."""

    reference = forms.CharField(
        label="Reference",
        max_length=20,
        help_text="For example, 2025/03",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    text = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
        help_text="The owners of the action see this",
        error_messages={"required": "Enter the reason"},
    )

    def __init__(self, *args: Any, visible: Any, meeting: Meeting, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.visible, self.meeting = visible, meeting

    def clean_reference(self) -> Action:
        year, _, number = self.cleaned_data["reference"].strip().partition("/")
        if not (year.isdecimal() and number.isdecimal() and len(number) < 7):
            raise forms.ValidationError("Enter a reference like 2025/03")
        action = self.visible.filter(year=int(year[:6]), number=int(number)).first()
        if action is None:
            raise forms.ValidationError("There is no action with this reference")
        return action


class ConfirmForm(GovukForm):
    """A question with one answer."""
