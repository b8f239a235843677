"""Meeting types with their standing items, themes and people."""

from typing import Any

from django import forms
from django.db.models import Q

from assurance.forms.base import GovukModelForm, unused_name
from assurance.forms.fields import ClockField
from assurance.models import User
from meetings.models import MeetingType, Person, StandingItem, Theme


class AccountChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, account: User) -> str:
        return f"{account.name} ({account.email})"


class PersonForm(GovukModelForm):
    user = AccountChoiceField(
        User.objects.none(),
        label="Account",
        required=False,
        empty_label="No account",
        help_text="The account they sign in with, if any. Each account is one person’s",
    )

    class Meta:
        model = Person
        fields = ["name", "user"]
        help_texts = {
            "name": "As it is printed in minutes. Their post goes with each meeting",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            Q(person__isnull=True) | Q(pk=self.instance.user_id)
        )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class MeetingTypeForm(GovukModelForm):
    class Meta:
        model = MeetingType
        fields = [
            "name",
            "usual_venue",
            "usual_start",
            "usual_end",
            "reviews_tracker",
            "is_active",
        ]
        field_classes = {"usual_start": ClockField, "usual_end": ClockField}
        help_texts = {
            "name": "For example, Monthly assurance meeting",
            "is_active": "If not ticked, no new meeting can be of this type. Those "
            "held stay as they are",
        }

    def clean_name(self) -> str:
        return unused_name(self, "There is a meeting type with this name already")

    def clean(self) -> None:
        super().clean()
        start, end = (self.cleaned_data.get(f"usual_{at}") for at in ("start", "end"))
        if start and end and end <= start:
            self.add_error("usual_end", f"Enter an end after the start, {start:%H:%M}")


class StandingItemForm(GovukModelForm):
    class Meta:
        model = StandingItem
        fields = ["heading", "kind", "is_numbered"]
        help_texts = {
            "kind": "Anything but a themed item is found again by its kind, whatever "
            "its heading says",
            "is_numbered": "Some offices print the last items without a number",
        }


class ThemeForm(GovukModelForm):
    class Meta:
        model = Theme
        fields = ["name", "is_active"]
        help_texts = {
            "name": "For example, Mental health",
            "is_active": "If not ticked, no new meeting or item can be on this theme. "
            "What is on it stays so",
        }

    def clean_name(self) -> str:
        return unused_name(self, "There is a theme with this name already")
