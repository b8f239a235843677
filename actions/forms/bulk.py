"""One change to several actions that were chosen in a list."""

from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet

from actions.bulk import state
from actions.forms.moves import BringForwardForm, MendDueForm, RedateForm
from actions.forms.owners import OwnersForm
from actions.lifecycle import UNRESOLVED
from actions.models import Action, DueKind
from actions.reasons import shortened
from actions.tracker import due_in_words
from assurance.forms.base import GovukForm
from assurance.models import User
from assurance.permissions import Role

TEXT_SHOWN = 120


class ChosenForm(GovukForm):
    """Which of the actions shown are changed: all, unless some are left out.

    It remembers how each stood when the page was opened, so that nobody changes what
    somebody else changed meanwhile.
    """

    actions = forms.ModelMultipleChoiceField(
        Action.objects.none(),
        label="Actions",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one action",
            "invalid_choice": "Choose the actions again: one of them is not in the "
            "list",
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, chosen: QuerySet[Action], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        field = self.fields["actions"]
        field.queryset = chosen  # type: ignore[attr-defined]
        field.label_from_instance = self.describe  # type: ignore[attr-defined]
        field.initial = [action.pk for action in chosen]
        self.fields["seen"].initial = self._states()

    def describe(self, action: Action) -> str:
        """An action with what this page is going to change of it."""
        text = shortened(action.text, TEXT_SHOWN)
        return f"{action.reference}: {text} ({self.now(action)})"

    def now(self, action: Action) -> str:
        due = due_in_words(action)
        return due if not action.due.is_set else f"due {due}"

    def _states(self) -> str:
        return " ".join(f"{action.pk}:{state(action)}" for action in self.chosen)

    def seen_states(self) -> dict[int, str]:
        pairs = [word.partition(":") for word in self.cleaned_data["seen"].split()]
        return {
            int(number): word
            for number, _, word in pairs
            if number.isdecimal() and len(number) < 19
        }

    def look_again(self) -> None:
        """Show how the actions stand now: sending the form again is then a decision."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        self.chosen = self.chosen.all()
        sent["seen"] = self._states()
        self.data = sent


class BulkOwnersForm(ChosenForm, OwnersForm):
    """Other owners for all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead: Any = self.fields["owner_1"]
        lead.required = True
        lead.choices = [("", "Choose the new owner"), *lead.choices[1:]]
        lead.error_messages["required"] = "Choose the new owner"

    def now(self, action: Action) -> str:
        owners = "; ".join(str(owner) for owner in action.owners.all())
        return f"owner {owners}" if owners else "no owner"


class _SeveralDueForm(ChosenForm):
    """About several actions: what must come after all were raised looks at the last."""

    def __init__(self, *args: Any, chosen: QuerySet[Action], **kwargs: Any) -> None:
        latest = max(chosen, key=lambda action: action.raised_on)
        super().__init__(*args, chosen=chosen, action=latest, **kwargs)
        self.fields["due_kind"].initial = DueKind.DATE
        for name in ("due_on", "due_meeting", "due_theme", "due_type"):
            self.fields[name].initial = None


class BulkRedateForm(_SeveralDueForm, RedateForm):
    """Another due for all, by a decision."""


class BulkMendDueForm(_SeveralDueForm, MendDueForm):
    """Another due for actions nobody was told of yet."""


class BulkBringForwardForm(ChosenForm, BringForwardForm):
    """The meeting that should look at all of them, and why."""

    field_order = ["actions"]


class HandOverForm(GovukForm):
    """From whom to whom the unresolved actions of one colleague go."""

    giver = forms.ModelChoiceField(
        User.objects.none(),
        label="From",
        empty_label="Choose whose actions",
        error_messages={"required": "Choose whose actions are handed over"},
    )
    taker = forms.ModelChoiceField(
        User.objects.none(),
        label="To",
        empty_label="Choose who leads them from now on",
        error_messages={"required": "Choose who leads them from now on"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        giver, taker = self.fields["giver"], self.fields["taker"]
        giver.queryset = leaders()  # type: ignore[attr-defined]
        giver.label_from_instance = _with_count  # type: ignore[attr-defined]
        taker.queryset = User.objects.filter(  # type: ignore[attr-defined]
            is_active=True, role__in=[Role.STAFF, Role.ADMINISTRATOR]
        )


def leaders() -> QuerySet[User]:
    """Who leads unresolved actions, how many as ``led``; stopped accounts too."""
    return User.objects.annotate(
        led=Count("actions_led", filter=Q(actions_led__status__in=UNRESOLVED))
    ).filter(led__gt=0)


def _with_count(user: Any) -> str:
    actions = (
        "1 unresolved action" if user.led == 1 else f"{user.led} unresolved actions"
    )
    stopped = "" if user.is_active else ", may no longer sign in"
    return f"{user.name}: {actions}{stopped}"
