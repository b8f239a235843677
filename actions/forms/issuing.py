"""Choosing which actions are released to their owners."""

import re
from typing import Any

from django import forms

from actions.models import Action
from actions.models.queryset import ActionQuerySet
from assurance.forms.base import GovukForm


class IssuesField(forms.MultipleChoiceField):
    """Check boxes that send "action-version": what was ticked, as it was then."""

    def valid_value(self, value: Any) -> bool:
        return re.fullmatch(r"\d{1,18}-\d{1,18}", value, re.ASCII) is not None


class IssueForm(GovukForm):
    """Which of these actions are released to their owners now."""

    actions = IssuesField(
        label="Actions to issue",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one action",
            "invalid_choice": "Choose the actions to issue from the list",
        },
    )

    def __init__(self, *args: Any, actions: ActionQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actions = actions
        self.as_read: dict[int, int] = {}

    def clean_actions(self) -> list[Action]:
        for sent in self.cleaned_data["actions"]:
            pk, version = sent.split("-")
            self.as_read[int(pk)] = int(version)
        found = self._actions.in_bulk(list(self.as_read))
        if set(found) != set(self.as_read):
            raise forms.ValidationError("Choose the actions to issue from the list")
        return list(found.values())

    def ticked(self) -> set[int]:
        """The ids of what somebody ticked, whatever became of it since."""
        sent = self["actions"].value() or []
        return {int(one.split("-")[0]) for one in sent if self._is_sent(one)}

    def _is_sent(self, value: str) -> bool:
        return self.fields["actions"].valid_value(value)  # type: ignore[attr-defined]
