"""Forms that read trackers in: the file, its columns, and one of its rows."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField

from actions.importing.line import NO_MEETING, ON_HOLD, LinePlan, Said
from actions.importing.plan import CLOSED, OPEN
from actions.models import SheetIn, SheetLine
from actions.spoken import LONGEST_TEXT
from assurance.calendar import day_in_words
from assurance.files import MEGABYTE, NAME_MOST, name_as_sent
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField, UploadInput
from meetings.models import Meeting
from meetings.reader.apart import read_sheets_apart
from meetings.reader.files.columns import COLUMNS, iso_day
from meetings.reader.files.sheets import ACCEPTED, MOST_ROWS, Workbook
from meetings.reader.source import Refused

EXAMPLES = 3
_LONGEST_EXAMPLE = 80


class TrackerFileForm(GovukForm):
    """A spreadsheet, read as soon as it is here."""

    file = forms.FileField(
        label="Spreadsheet",
        help_text=f"Excel (XLSX) or CSV, up to {settings.MAX_FILE_MB} MB and "
        f"{MOST_ROWS:,} rows",
        widget=UploadInput({"accept": ACCEPTED}),
        allow_empty_file=True,
        error_messages={"required": "Choose a spreadsheet"},
    )

    workbook: Workbook
    content: bytes
    name: str

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        sent = name_as_sent(upload).replace("\\", "/").rpartition("/")[2]
        shown = "".join(char for char in sent if char.isprintable()).strip()
        self.name = shown or "Spreadsheet"
        if len(self.name) > NAME_MOST:
            raise ValidationError(
                f"The name of the file has {len(self.name)} characters; the most is "
                f"{NAME_MOST}. Rename it and choose it again"
            )
        if upload.size > settings.MAX_FILE_MB * MEGABYTE:
            raise ValidationError(
                f"“{self.name}” is larger than {settings.MAX_FILE_MB} MB. Keep the "
                "sheet with the actions alone, and choose that"
            )
        self.content = upload.read()
        try:
            self.workbook = read_sheets_apart(self.content, self.name)
        except Refused as refused:
            raise ValidationError(str(refused)) from refused
        return upload


class VersionForm(GovukForm):
    """Nothing to fill in; it knows which state of the sheet was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sheet_in: SheetIn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = sheet_in.version

    def look_again(self, version: int) -> None:
        """What is sent next is meant for the sheet as the page shows it now."""
        if self.is_bound:
            sent: Any = self.data.copy()  # type: ignore[attr-defined]
            sent["version"] = str(version)
            self.data = sent


class HeadingsForm(VersionForm):
    """Which row of the spreadsheet holds the headings."""

    headings_row = forms.IntegerField(
        label="Row with the headings",
        min_value=1,
        max_value=2_000_000,
        widget=forms.TextInput(
            {"inputmode": "numeric", "class": "govuk-input--width-5"}
        ),
        error_messages={"invalid": "Enter the number of a row, for example 3"},
    )


class ColumnsForm(VersionForm):
    """What each column of the file is, and what counts for rows that do not say."""

    closed = forms.ChoiceField(
        label="Actions without a status",
        choices=[
            ("no", "Come in as open"),
            ("yes", "Were closed before this register"),
        ],
        widget=forms.RadioSelect,
    )
    raised_on = DayField(
        label="Rows without a date were raised on",
        required=False,
        help_text="Where neither a column nor a heading above the row says it. For "
        "example, 4/9/2025",
    )

    def __init__(
        self,
        *args: Any,
        sheet_in: SheetIn,
        examples: Sequence[Sequence[str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, sheet_in=sheet_in, **kwargs)
        self.fields["closed"].initial = "yes" if sheet_in.closed else "no"
        self.fields["raised_on"].initial = sheet_in.raised_on
        self.columns = list(zip(sheet_in.headings, examples, strict=True))
        for place, (heading, _) in enumerate(self.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=f"{heading or 'Column without a heading'} is",
                choices=[("", "Leave out"), *COLUMNS.items()],
                required=False,
                widget=forms.Select({"class": "govuk-select"}),
                initial=sheet_in.meanings[place],
            )

    def rows(self) -> list[tuple[str, Sequence[str], BoundField]]:
        """Each column of the file: heading, examples, and what it is."""
        return [
            (heading, examples, self[f"column_{place}"])
            for place, (heading, examples) in enumerate(self.columns)
        ]

    def meanings(self) -> list[str]:
        count = len(self.columns)
        return [self.cleaned_data[f"column_{place}"] for place in range(count)]


def examples_of(headings: Sequence[str], lines: Iterable[SheetLine]) -> list[list[str]]:
    """The first values of each column that differ."""
    found: list[list[str]] = [[] for _ in headings]
    for line in lines:
        for place, cell in enumerate(line.cells[: len(headings)]):
            shown = _shown_day(cell)
            if len(shown) > _LONGEST_EXAMPLE:
                shown = f"{shown[: _LONGEST_EXAMPLE - 1]}…"
            if cell and len(found[place]) < EXAMPLES and shown not in found[place]:
                found[place].append(shown)
    return found


class LineForm(VersionForm):
    """One row in words, which are understood again when it is saved."""

    action = forms.CharField(
        label="Action",
        widget=forms.Textarea({"rows": 4}),
        max_length=LONGEST_TEXT,
        error_messages={"required": "Write what is to be done, or leave this row out"},
    )
    reference = forms.CharField(label="Reference", required=False, max_length=50)
    owner = forms.CharField(
        label="Owner",
        required=False,
        max_length=500,
        help_text="Names, posts or organisations as minutes write them, with commas "
        "between. For example, DBS, WMP",
    )
    due = forms.CharField(
        label="Due",
        required=False,
        max_length=500,
        help_text="For example, 30 September 2012, or at the next workforce meeting",
    )
    raised_on = forms.CharField(
        label="Date raised",
        required=False,
        max_length=100,
        help_text="For example, 4 July 2012",
    )
    meeting = forms.ChoiceField(label="Raised at", required=False)
    stands = forms.ChoiceField(
        label="Status",
        choices=[
            (OPEN, "Open"),
            (ON_HOLD, "On hold"),
            (CLOSED, "Closed before this register"),
        ],
        widget=forms.RadioSelect,
    )
    look_again_on = DayField(
        label="On hold until",
        required=False,
        help_text="Only if it is on hold. For example, 4/9/2026",
    )
    update = forms.CharField(
        label="First update",
        widget=forms.Textarea({"rows": 4}),
        required=False,
        max_length=40_000,
    )
    left_out = forms.BooleanField(label="Leave this row out", required=False)

    def __init__(
        self,
        *args: Any,
        line: SheetLine,
        plan: LinePlan,
        said: Said,
        meetings: Sequence[Meeting],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, sheet_in=line.sheet_in, **kwargs)
        self.line = line
        due = said.mended.get("due", said.words.get("new_due") or said["due"])
        self.initial = {
            "action": said["action"],
            "reference": plan.reference,
            "owner": said["owner"],
            "due": _shown_day(due),
            "raised_on": _raised(plan),
            "stands": plan.stands,
            "look_again_on": plan.look_again_on,
            "update": plan.update,
            "left_out": line.left_out,
            "meeting": str(plan.meeting or NO_MEETING),
        }
        choices = [
            (str(one.pk), f"{one}, {day_in_words(one.date)}") for one in meetings
        ]
        self.fields["action"].required = not (
            self.is_bound and self.data.get("left_out")
        )
        field: Any = self.fields["meeting"]
        field.choices = [(NO_MEETING, "The spreadsheet"), *choices]
        if not choices:
            del self.fields["meeting"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        on_hold = cleaned.get("stands") == ON_HOLD
        if on_hold and not cleaned.get("look_again_on") and not self.errors:
            self.add_error("look_again_on", "Enter the day until which it is on hold")
        return cleaned

    def mended(self) -> dict[str, str]:
        """What was written instead of the cells, now and before."""
        kept = dict(self.line.mended)
        for name in self.changed_data:
            if name in ("submission", "version", "left_out"):
                continue
            value = self.cleaned_data[name]
            kept[name] = (
                value.isoformat() if isinstance(value, dt.date) else value or ""
            )
        says_until = "look_again_on" in self.changed_data and kept["look_again_on"]
        if says_until and self.cleaned_data["stands"] == OPEN:
            kept["stands"] = ON_HOLD
        return kept


def _raised(plan: LinePlan) -> str:
    return day_in_words(plan.raised_on) if plan.raised_on else plan.raised_words


def _shown_day(words: str) -> str:
    """ "2012-09-30" as people write it; other words as they are."""
    day = iso_day(words)
    return day_in_words(day) if day else words
