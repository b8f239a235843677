"""Forms that take old minutes in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from assurance.files import name_as_sent
from assurance.forms.base import GovukForm
from assurance.forms.fields import UploadInput

ACCEPTED = ".docx,.pdf,.txt,.text,.md"


class MinutesInput(UploadInput):
    allow_multiple_selected = True


class MinutesField(forms.FileField):
    """Several files. What is in them the reader finds out, and says of each."""

    widget = MinutesInput({"accept": ACCEPTED, "class": "govuk-file-upload"})
    MOST = 50

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        chosen = [one for one in data or [] if one] if isinstance(data, list) else []
        if len(chosen) > self.MOST:
            raise ValidationError(f"Choose at most {self.MOST} files at once")
        return chosen


class HandInForm(GovukForm):
    """Files of old minutes, or the text of one."""

    minutes = MinutesField(
        required=False,
        label="Files",
        help_text="Word (DOCX), PDF or text, one file for each meeting; several can be "
        f"chosen together. Each up to {settings.MAX_FILE_MB} MB.",
    )
    text = forms.CharField(
        required=False,
        label="Or paste the text of one",
        widget=forms.Textarea({"rows": 4}),
        max_length=1_000_000,
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if not cleaned["minutes"] and not cleaned["text"].strip():
            self.add_error("minutes", "Choose a file, or paste the text of the minutes")
        return cleaned

    def handed_in(self) -> list[tuple[bytes, str]]:
        """The content and the name of each."""
        found = [
            (one.read(), name_as_sent(one)) for one in self.cleaned_data["minutes"]
        ]
        text = self.cleaned_data["text"]
        if text.strip():
            found.append((text.encode(), "Pasted text.txt"))
        return found


class LaterForm(GovukForm):
    """Keeps what is typed on the checking page, right or not."""

    version = forms.IntegerField(widget=forms.HiddenInput)
