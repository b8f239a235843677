"""Choosing which updates to ask for."""

import re
from typing import Any

from django import forms

from actions.asking import Pair
from actions.models import Action
from actions.models.queryset import ActionQuerySet
from assurance.forms.base import GovukForm
from assurance.models import Organisation


class KeysField(forms.MultipleChoiceField):
    """Check boxes that send "action-organisation"; whether it may be asked is asked
    when it is written down, so that what changed meanwhile is named.
    """

    def valid_value(self, value: Any) -> bool:
        return re.fullmatch(r"\d{1,18}-\d{1,18}", value, re.ASCII) is not None


class AskForm(GovukForm):
    asks = KeysField(
        label="Updates to ask for",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one update to ask for",
            "invalid_choice": "Choose the updates to ask for from the list",
        },
    )

    def __init__(self, *args: Any, actions: ActionQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actions = actions

    def clean_asks(self) -> list[Pair]:
        keys = [
            (int(action), int(organisation))
            for action, organisation in (
                key.split("-") for key in self.cleaned_data["asks"]
            )
        ]
        actions: dict[int, Action] = self._actions.in_bulk([key[0] for key in keys])
        organisations = Organisation.objects.in_bulk([key[1] for key in keys])
        if not all(
            action in actions and organisation in organisations
            for action, organisation in keys
        ):
            raise forms.ValidationError("Choose the updates to ask for from the list")
        return [(actions[one], organisations[other]) for one, other in keys]
