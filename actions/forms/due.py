"""When an action is due, as a group of fields on several forms."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.models import Due, DueKind
from assurance.calendar import day_in_words
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField
from meetings.models import Meeting, MeetingType, Theme

VALUE_FIELDS = {
    DueKind.DATE: "due_on",
    DueKind.MEETING: "due_meeting",
    DueKind.THEME: "due_theme",
    DueKind.TYPE: "due_type",
}
_MISSING = {
    "due_on": "Enter the due date",
    "due_meeting": "Choose the meeting it is due at",
    "due_theme": "Choose the theme of the meeting it is due at",
    "due_type": "Choose the type of the meeting it is due at",
}


def meeting_label(meeting: Meeting) -> str:
    """A meeting in a list to choose from: the day first."""
    return f"{day_in_words(meeting.date)}: {meeting}"


class DueForm(GovukForm):
    """One of the kinds of due, with its value. ``due()`` gives it, once valid."""

    due_kind = forms.ChoiceField(
        label="When is it due?",
        choices=DueKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose when it is due"},
    )
    due_on = DayField(label="Due date", required=False)
    due_meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="Meeting",
        required=False,
        empty_label="Choose a meeting",
    )
    due_theme = forms.ModelChoiceField(
        Theme.objects.filter(is_active=True),
        label="Theme",
        required=False,
        empty_label="Choose a theme",
        help_text="Until such a meeting is planned, the action waits for one",
    )
    due_type = forms.ModelChoiceField(
        MeetingType.objects.filter(is_active=True),
        label="Meeting type",
        required=False,
        empty_label="Choose a type",
        help_text="Until such a meeting is planned, the action waits for one",
    )

    def __init__(self, *args: Any, due: Due | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due = due or Due()
        self.fields["due_kind"].initial = due.kind
        for name in VALUE_FIELDS.values():
            self.fields[name].initial = getattr(due, name.removeprefix("due_"))
            self.fields[name].needed_where_shown = True  # type: ignore
        meetings = Meeting.objects.upcoming(today=timezone.localdate())
        if due.meeting:
            meetings = meetings | Meeting.objects.filter(pk=due.meeting.pk)
        field = self.fields["due_meeting"]
        field.queryset = meetings.select_related("type")  # type: ignore[attr-defined]
        field.label_from_instance = meeting_label  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name = VALUE_FIELDS.get(data.get("due_kind", ""))
        if name and not data.get(name) and name not in self.errors:
            self.add_error(name, ValidationError(_MISSING[name]))
        return data

    @property
    def due_choices(self) -> list[tuple[Any, forms.BoundField | None]]:
        """Each radio with the field it opens."""
        return [
            (choice, self[VALUE_FIELDS[kind]] if kind in VALUE_FIELDS else None)
            for choice in self["due_kind"]
            if (kind := DueKind(choice.data["value"]))
        ]

    def due(self, *, after: dt.date | None = None) -> Due:
        """What was chosen; values of the other kinds are dropped.

        ``after`` is when a tie to a theme or type was agreed, if later than the day
        the action was raised.
        """
        data = self.cleaned_data
        match data["due_kind"]:
            case DueKind.DATE:
                return Due.on_date(data["due_on"])
            case DueKind.MEETING:
                return Due.at_meeting(data["due_meeting"])
            case DueKind.THEME:
                return Due.at_next_on(data["due_theme"], after=after)
            case DueKind.TYPE:
                return Due.at_next_of(data["due_type"], after=after)
        return Due()
