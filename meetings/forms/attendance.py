"""Forms for who was at a meeting."""

from typing import Any

from django import forms

from assurance.forms.base import GovukForm
from assurance.models import Organisation
from meetings.forms.base import PartForm, look
from meetings.models import Attendee, Meeting, Person
from meetings.operations import last_attendances


class AddAttendeeForm(GovukForm):
    """One row: somebody known, or somebody new, as they are on the day."""

    person = forms.ModelChoiceField(
        Person.objects.none(), required=False, empty_label="Choose a known person"
    )
    name = forms.CharField(label="Or a new name", required=False, max_length=150)
    capacity = forms.CharField(required=False, max_length=150)
    abbreviation = forms.CharField(required=False, max_length=20)
    organisation = forms.ModelChoiceField(
        Organisation.objects.all(), required=False, empty_label="As last time"
    )
    attendance = forms.ChoiceField(label="Status", choices=Attendee.Attendance.choices)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = last_attendances(meeting)
        fields: dict[str, Any] = self.fields
        person = fields["person"]
        person.queryset = Person.objects.exclude(attendances__meeting=meeting)
        person.label_from_instance = lambda p: _as_last(p, last.get(p.pk))
        person.error_messages["invalid_choice"] = (
            "Choose somebody else: this person is on the list already, or is no "
            "longer known"
        )
        self.fields["attendance"].initial = (
            Attendee.Attendance.INVITED
            if meeting.state == Meeting.State.PLANNED
            else Attendee.Attendance.PRESENT
        )
        look(self)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "person" in self.errors or "name" in self.errors:
            return cleaned
        if cleaned["person"] and cleaned["name"]:
            self.add_error(
                "name", "Choose a known person or enter a new name, not both"
            )
        elif not cleaned["person"] and not cleaned["name"]:
            self.add_error("person", "Choose a person, or enter the name of a new one")
        return cleaned

    def attendee(self) -> Attendee:
        """The row to add, still without meeting and person."""
        return Attendee(
            capacity=self.cleaned_data["capacity"],
            abbreviation=self.cleaned_data["abbreviation"],
            organisation=self.cleaned_data["organisation"],
            attendance=self.cleaned_data["attendance"],
        )


def _as_last(person: Person, last: Attendee | None) -> str:
    """ "Rachel Jones – Deputy Chief Constable, WMP": what is used when left blank."""
    if last is None:
        return person.name
    was = [last.capacity, last.organisation.abbreviation if last.organisation else ""]
    return " – ".join(filter(None, [person.name, ", ".join(filter(None, was))]))


class AttendeeForm(PartForm):
    """One row of the list: capacity of the day, status and what else is printed."""

    class Meta:
        model = Attendee
        fields = [
            "capacity",
            "abbreviation",
            "organisation",
            "attendance",
            "standing_in_for",
            "role",
            "listed",
            "note",
        ]
        labels = {"attendance": "Status"}
        widgets = {"attendance": forms.RadioSelect, "role": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organisation"].empty_label = "Not said"
        fields["standing_in_for"].queryset = Person.objects.exclude(
            pk=self.instance.person_id
        )
        fields["standing_in_for"].empty_label = "Nobody"
