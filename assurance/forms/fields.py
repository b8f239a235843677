"""Fields that read what people write: dates and times in words, nothing guessed.

And those that take files.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from assurance import files

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMBERS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDS = re.compile(
    r"(?:[a-z]+day,?\s+)?(\d{1,2})\s*(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]+)\.?,?\s+(\d{4})"
)
_TIME = re.compile(
    r"(\d{1,2})(?:\s*[:.]?\s*(\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|noon|hrs|hours|h)?"
)


def read_day(text: str) -> dt.date | None:
    """A day as people in Britain write it, or None: "4/9/2020", "4 Sept 2020".

    The year is always four digits: a guess at a century is a guess.
    """
    text = " ".join(text.lower().split())
    if match := _NUMBERS.fullmatch(text):
        day, month, year = match.groups()
    elif match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif (match := _WORDS.fullmatch(text)) and match[2] in _MONTHS:
        day, month, year = match[1], str(_MONTHS[match[2]]), match[3]
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_time(text: str) -> dt.time | None:
    """A time of day, or None: "10am", "10:30", "10.30 am", "1030", "10:00hrs"."""
    text = " ".join(text.lower().split())
    if text in ("noon", "midday"):
        return dt.time(12)
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "")[:1]
    if match[2] is None and not match[3]:
        return None  # "10" alone could be a day
    if half == "n" and (hour, minute) != (12, 0):
        return None
    if half in ("a", "p", "n"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (0 if half == "a" else 12)
    if hour > 23 or minute > 59:
        return None
    return dt.time(hour, minute)


class DayInput(forms.TextInput):
    """One text field; the MoJ date picker opens beside it where JavaScript runs."""

    is_day = True

    def format_value(self, value: Any) -> str:
        if isinstance(value, dt.date):
            return f"{value.day}/{value.month}/{value.year}"
        return value or ""


class DayField(forms.Field):
    """A date typed in one field. Gives ``datetime.date`` or None."""

    widget = DayInput
    EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 1, 1)

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or (
            "For example, 4/9/2025 or 4 September 2025"
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        day = read_day(str(value))
        if day is None:
            raise ValidationError("Enter a real date, like 4 September 2025")
        if not self.EARLIEST <= day <= self.LATEST:
            raise ValidationError(
                f"Enter a date between {self.EARLIEST.year} and {self.LATEST.year}"
            )
        return day

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class ClockField(forms.Field):
    """A time of day typed in one field. Gives ``datetime.time`` or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or "For example, 10am or 14:30"
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("class", "govuk-input--width-5")

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, dt.time) else value

    def to_python(self, value: Any) -> dt.time | None:
        if value in self.empty_values:
            return None
        if isinstance(value, dt.time):
            return value
        time = read_time(str(value))
        if time is None:
            raise ValidationError("Enter a time, like 10am or 14:30")
        return time

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class UploadInput(forms.FileInput):
    """The browser's own control; it forgets its file when the page is shown again."""

    is_upload = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": files.ACCEPTED} | (attrs or {}))


class UploadsInput(UploadInput):
    allow_multiple_selected = True


class UploadField(forms.FileField):
    """One file of a kind that may be kept, looked into. Gives the upload or None."""

    widget = UploadInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or (
            f"{files.ACCEPTED_IN_WORDS}, up to {settings.MAX_FILE_MB} MB"
        )
        # What is empty is refused with the others, by name.
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        return self._looked_into(data, initial, files.Work())

    def _looked_into(self, data: Any, initial: Any, work: files.Work) -> Any:
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile):
            files.check(upload, work)
        return upload


class UploadsField(UploadField):
    """Several files at once. Gives a list, and says of each what is wrong with it."""

    widget = UploadsInput
    MOST = 20

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or (
            f"{files.ACCEPTED_IN_WORDS}, each up to {settings.MAX_FILE_MB} MB"
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        chosen = [upload for upload in uploads if upload]
        if len(chosen) > self.MOST:
            raise ValidationError(f"Choose at most {self.MOST} files at once")
        found, wrong, work = [], [], files.Work()
        for upload in chosen or [None]:
            try:
                found.append(self._looked_into(upload, initial, work))
            except ValidationError as error:
                wrong.append(error)
        if wrong:
            raise ValidationError(wrong)
        return [upload for upload in found if upload]
