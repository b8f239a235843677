"""Forms for a meeting itself: planning, correcting, moving, cancelling, finding."""

import datetime as dt
from typing import Any

from crispy_forms_gds.helper import FormHelper
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from assurance.forms.base import GovukForm, GovukModelForm, VersionedModelForm
from assurance.forms.fields import ClockField, DayField
from meetings.forms.base import look, offered
from meetings.models import AgendaItem, Meeting, MeetingType, Theme
from meetings.models.meeting import MeetingQuerySet
from meetings.standing import never_published

# Words of a search that count; more than these only make it slow.
WORDS = 8
# Among states in the list: planned for a day that has passed.
NOT_RECORDED = "not-recorded"
NOT_PUBLISHED = "not-published"


def _check_times(form: forms.BaseForm) -> None:
    """An end needs a start before it. Says so beside the field."""
    start, end = form.cleaned_data.get("start"), form.cleaned_data.get("end")
    if end and not start and "start" not in form.errors:
        form.add_error("start", "Enter when the meeting starts, as it has an end")
    elif start and end and end <= start:
        form.add_error("end", f"Enter an end after the start, {start:%H:%M}")


class _Details(forms.ModelForm):
    """The fields of a meeting that a new one and a corrected one share."""

    joining_link = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="For those invited. Never published.",
    )
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What the meeting is on. Actions due “at the next meeting on” a "
        "theme follow it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.themes.all() if self.instance.pk else []
        fields: dict[str, Any] = self.fields
        fields["themes"].queryset = offered(Theme, *(theme.pk for theme in kept))
        fields["type"].queryset = offered(MeetingType, self.instance.type_id)
        fields["title"].help_text = (
            "What it is about, if the type does not say it all. For example, "
            "Diversity, equality and inclusion"
        )
        self.fields["themes"].error_messages["invalid_choice"] = self.fields[
            "themes"
        ].error_messages[
            "invalid_pk_value"
        ] = "Choose the themes again: one of them is no longer there"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        _check_times(self)
        return cleaned


_WIDGETS = {"held": forms.RadioSelect, "marking": forms.RadioSelect}
_CLASSES = {"date": DayField, "start": ClockField, "end": ClockField}


class NewMeetingForm(_Details, GovukModelForm):
    """A new meeting, planned or entered late, with the type's usual values."""

    people = forms.BooleanField(
        required=False,
        initial=True,
        label="Start with the people of the last meeting of this type",
        help_text="With their posts of that day. Whoever holds a post now takes its "
        "place, and you can change the list afterwards.",
    )

    class Meta:
        model = Meeting
        fields = [
            "type",
            "title",
            "themes",
            "date",
            "start",
            "end",
            "venue",
            "held",
            "joining_link",
            "in_public",
            "marking",
        ]
        field_classes = _CLASSES
        widgets = _WIDGETS


class MeetingForm(_Details, VersionedModelForm):
    """Corrects a meeting. Its date is changed on a page of its own."""

    deadline_on = DayField(required=False, label="Day force updates are due")
    deadline_at = ClockField(required=False, label="Time force updates are due")

    class Meta:
        model = Meeting
        fields = [
            "type",
            "title",
            "themes",
            "start",
            "end",
            "venue",
            "held",
            "joining_link",
            "in_public",
            "marking",
        ]
        field_classes = _CLASSES
        widgets = _WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = timezone.localtime(self.instance.usual_deadline)
        self.fields["deadline_on"].help_text = (
            "Leave both empty for the usual: "
            f"{usual:%H:%M} on {usual:%A} {usual.day} {usual:%B %Y}"
        )
        if self.instance.own_deadline:
            own = timezone.localtime(self.instance.own_deadline)
            self.fields["deadline_on"].initial = own.date()
            self.fields["deadline_at"].initial = own.time()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, time = cleaned.get("deadline_on"), cleaned.get("deadline_at")
        if time and not day and "deadline_on" not in self.errors:
            self.add_error("deadline_on", "Enter the day as well as the time")
        elif day and not time and "deadline_at" not in self.errors:
            self.add_error("deadline_at", "Enter the time as well as the day")
        elif day and day > self.instance.date:
            self.add_error(
                "deadline_on", "Enter a day no later than the day of the meeting"
            )
        return cleaned

    def save(self, commit: bool = True) -> Any:
        day, time = self.cleaned_data["deadline_on"], self.cleaned_data["deadline_at"]
        self.instance.own_deadline = (
            timezone.make_aware(dt.datetime.combine(day, time)) if day else None
        )
        return super().save(commit)

    def _show(self, current: Meeting) -> None:
        super()._show(current)
        themes = list(current.themes.all())
        if set(themes) != set(self.cleaned_data["themes"]):
            self.theirs["Themes"] = ", ".join(map(str, themes))
        if current.own_deadline != self.instance.own_deadline:
            own = current.own_deadline
            self.theirs["Force updates due"] = (
                f"{timezone.localtime(own):%d/%m/%Y %H:%M}" if own else "As usual"
            )


class RescheduleForm(VersionedModelForm):
    """Another date, and perhaps another time."""

    class Meta:
        model = Meeting
        fields = ["date", "start", "end"]
        field_classes = _CLASSES

    def clean_date(self) -> dt.date:
        date = self.cleaned_data["date"]
        if date == self.initial["date"]:
            raise forms.ValidationError(
                "Enter another date. To change only the time, edit the meeting"
            )
        return date

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        _check_times(self)
        return cleaned


class CancelForm(GovukForm):
    because = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="Shown on the page of the meeting",
        error_messages={"required": "Say why the meeting is cancelled"},
    )


class ConfirmForm(GovukForm):
    """A page that asks before something is done; it has nothing to fill in."""


class ChooseTypeForm(forms.Form):
    """The first step of a new meeting: its type, in the address."""

    type = forms.ModelChoiceField(
        MeetingType.objects.filter(is_active=True),
        widget=forms.RadioSelect,
        empty_label=None,
        label="What type of meeting is it?",
        error_messages={
            "required": "Choose the type of the meeting",
            "invalid_choice": "Choose the type again: what you chose is no longer "
            "there",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False


class LinkNextForm(GovukForm):
    """The next meeting is one that is planned already."""

    next_meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label="Planned meeting", empty_label="Choose a meeting"
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["next_meeting"]
        field.queryset = (
            Meeting.objects.not_cancelled()
            .filter(date__gt=meeting.date)
            .select_related("type")
            .in_order()
        )
        field.label_from_instance = lambda m: f"{m.date:%d/%m/%Y} {m}"
        field.error_messages["required"] = "Choose a planned meeting"


class NextMeetingForm(NewMeetingForm):
    """The next meeting is a new one, planned here."""

    people = forms.BooleanField(
        required=False,
        initial=True,
        label="Invite the people of this meeting",
        help_text=NewMeetingForm.base_fields["people"].help_text,
    )


class FindMeetingsForm(forms.Form):
    """The query of the list of meetings."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    type = forms.ModelChoiceField(
        MeetingType.objects.none(), required=False, empty_label="All types"
    )
    theme = forms.ModelChoiceField(
        Theme.objects.all(), required=False, empty_label="All themes"
    )
    year = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    state = forms.ChoiceField(
        choices=[
            ("", "All states"),
            *Meeting.State.choices,
            (NOT_RECORDED, "Not recorded"),
            (NOT_PUBLISHED, "Agreed and not published"),
        ],
        required=False,
    )

    def __init__(
        self, *args: Any, meetings: MeetingQuerySet, by_content: bool, **kwargs: Any
    ) -> None:
        """``by_content`` offers what tells a meeting is about, and its state."""
        super().__init__(*args, **kwargs)
        years = meetings.dates("date", "year", order="DESC")
        fields: dict[str, Any] = self.fields
        # Of others a liaison need not know that there are any.
        there = meetings.order_by().values("type")
        fields["type"].queryset = MeetingType.objects.filter(pk__in=there)
        fields["year"].choices = [
            ("", "All years"),
            *((day.year, day.year) for day in years),
        ]
        for name in ("type", "theme", "year", "state"):
            self.fields[name].error_messages["invalid_choice"] = (
                f"Choose the {name} again: what was asked for is not there"
            )
        if not by_content:
            del self.fields["q"], self.fields["theme"], self.fields["state"]
        look(self)

    @property
    def is_filtering(self) -> bool:
        return any(self.cleaned_data.values())

    def apply(self, meetings: MeetingQuerySet, *, today: dt.date) -> MeetingQuerySet:
        """The meetings asked for; what is not understood is left out and said."""
        if self.cleaned_data.get("type"):
            meetings = meetings.filter(type=self.cleaned_data["type"])
        if self.cleaned_data.get("year"):
            meetings = meetings.filter(date__year=self.cleaned_data["year"])
        if self.cleaned_data.get("theme"):
            meetings = meetings.on_theme(self.cleaned_data["theme"])
        state = self.cleaned_data.get("state")
        if state == NOT_RECORDED:
            meetings = meetings.not_recorded(today=today)
        elif state == NOT_PUBLISHED:
            meetings = never_published(meetings)
        elif state == Meeting.State.PLANNED:
            meetings = meetings.filter(state=state, date__gte=today)
        elif state:
            meetings = meetings.filter(state=state)
        for word in self.cleaned_data.get("q", "").split()[:WORDS]:
            headings = AgendaItem.objects.filter(
                meeting=OuterRef("pk"), heading__icontains=word
            )
            meetings = meetings.filter(
                Q(title__icontains=word)
                | Q(type__name__icontains=word)
                | Q(venue__icontains=word)
                | Exists(headings)
            )
        return meetings
