"""Forms for items of the agenda, their papers and their notes."""

import uuid
from typing import Any

from django import forms
from django.db.models import Field

from assurance.differences import compare
from assurance.forms.base import GovukModelForm
from assurance.forms.fields import DayField, UploadField
from meetings.forms.base import PartForm, look, offered, one_kind_of_line_end
from meetings.models import AgendaItem, Kind, Paper, Theme
from meetings.operations import Place

FIRST = "first"
STAYS = ""


def places(agenda: list[AgendaItem], item: AgendaItem) -> dict[str, tuple[str, Place]]:
    """Where an item could stand: by key, how to say it, and its (parent, after)."""
    by_pk = {row.pk: row for row in agenda}
    out = {item.pk} if item.pk else set()
    found: dict[str, tuple[str, Place]] = {FIRST: ("First on the agenda", (None, None))}
    last_under: dict[int | None, AgendaItem] = {
        row.parent_id: row for row in agenda if row.pk not in out
    }
    for row in agenda:
        if row.pk in out or row.parent_id in out:
            out.add(row.pk)
            continue
        indent = "\u2003" * row.depth
        parent = by_pk[row.parent_id] if row.parent_id else None
        found[f"after-{row.pk}"] = (
            f"{indent}After {row.numbered_heading}",
            (parent, row),
        )
        if row.depth + 1 < AgendaItem.MAX_DEPTH:
            found[f"under-{row.pk}"] = (
                f"{indent}Under {row.numbered_heading}",
                (row, last_under.get(row.pk)),
            )
    return found


def usual_place(agenda: list[AgendaItem]) -> str:
    """Where a new item most often goes: behind the last themed item at the top, else
    behind what opens the meeting, so before the standing items that end it.
    """
    top = [row for row in agenda if row.parent_id is None]
    opening = (Kind.LAST_MINUTES, Kind.ACTION_TRACKER)
    themed = [row for row in top if row.kind == Kind.THEMED]
    for rows in (themed, [row for row in top if row.kind in opening]):
        if rows:
            return f"after-{rows[-1].pk}"
    return FIRST


class _ItemFields(forms.ModelForm):
    """The fields of an item that a new one and a changed one share.

    ``agenda`` is the numbered agenda as it stands.
    """

    place = forms.ChoiceField(
        label="Place on the agenda",
        required=False,
        help_text="What is below an item moves with it",
    )

    field_order = ("heading", "place")

    def __init__(self, *args: Any, agenda: list[AgendaItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places(agenda, self.instance)
        choices = [(key, words) for key, (words, _) in self._places.items()]
        if self.instance.pk:
            choices.insert(0, (STAYS, "Where it is now"))
        fields: dict[str, Any] = self.fields
        fields["place"].choices = choices
        fields["place"].error_messages["invalid_choice"] = (
            "Choose the place again: what you chose is no longer on the agenda"
        )
        fields["theme"].queryset = offered(Theme, self.instance.theme_id)
        fields["theme"].empty_label = "No theme"
        fields["lead"].empty_label = "Nobody"
        fields["withheld_reason"].choices = [
            ("", "Not withheld"),
            *fields["withheld_reason"].choices[1:],
        ]

    @property
    def chosen_place(self) -> Place | None:
        """Parent and the item before it; None to leave it where it is."""
        key = self.cleaned_data["place"]
        return self._places[key][1] if key else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("numbering") != AgendaItem.Numbering.FIXED:
            cleaned["fixed_number"] = ""
        elif not cleaned.get("fixed_number") and "fixed_number" not in self.errors:
            self.add_error("fixed_number", "Enter the fixed number, for example 5.1")
        withheld = cleaned.get("restricted") or cleaned.get("withheld")
        cleaned["withheld"] = bool(withheld)
        if not withheld:
            cleaned["withheld_reason"] = ""
        elif not cleaned.get("withheld_reason"):
            self.add_error("withheld_reason", "Choose a reason for withholding")
        for name in ("asked_of_force", "lines_of_enquiry"):
            cleaned[name] = one_kind_of_line_end(cleaned.get(name, ""))
        return cleaned


class _ItemMeta:
    model = AgendaItem
    fields = [
        "heading",
        "kind",
        "theme",
        "lead",
        "asked_of_force",
        "lines_of_enquiry",
        "numbering",
        "fixed_number",
        "restricted",
        "withheld",
        "withheld_reason",
    ]
    labels = {"numbering": "Number", "withheld": "Withhold from publication"}
    help_texts = {
        "restricted": "Also withheld from publication. Goes for all that stands under "
        "this item; lifted again, what stands under it stays as it is",
        "withheld": "Goes for all that stands under this item; lifted again, what "
        "stands under it stays as it is",
    }
    widgets = {
        "asked_of_force": forms.Textarea(attrs={"rows": 4}),
        "lines_of_enquiry": forms.Textarea(attrs={"rows": 4}),
        "numbering": forms.RadioSelect,
        "fixed_number": forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    }


class NewItemForm(_ItemFields, GovukModelForm):
    class Meta(_ItemMeta):
        pass


class ItemForm(_ItemFields, PartForm):
    class Meta(_ItemMeta):
        pass


class NotesForm(PartForm):
    """What was said at an item, and perhaps one action in a line of its own."""

    quick = forms.CharField(
        label="Add an action",
        required=False,
        help_text="In one line, for example: DBS to share the work plan in a month",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = AgendaItem
        fields = ["notes", "decisions", "assurance"]
        widgets = {
            "notes": forms.Textarea(attrs={"rows": 16}),
            "decisions": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "notes": "Leave a line between paragraphs. Begin a line with - for a "
            "bullet, > for a quotation, # for a heading.",
            "decisions": "Printed under DECISION, one line for each",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Kept to the blank that was just typed: the text may be in somebody's hands.
        fields: dict[str, Any] = self.fields
        fields["notes"].strip = fields["decisions"].strip = False
        look(self)

    def clean_notes(self) -> str:
        return _unless_blank(self.cleaned_data["notes"])

    def clean_decisions(self) -> str:
        return _unless_blank(self.cleaned_data["decisions"])

    def with_both(self, current: AgendaItem) -> None:
        """Put both texts into each field in dispute, to be merged by hand.

        Nothing is saved by it; ``current`` is the item as it is stored now.
        """
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        for name in ("notes", "decisions"):
            if name in str(sent.get("disputed", "")).split():
                mine = one_kind_of_line_end(sent.get(name, ""))
                sent[name] = compare(name, "", mine, getattr(current, name)).both
        sent["version"], sent["seen"] = str(current.version), self.seen_in(current)
        sent["submission"] = str(uuid.uuid4())
        self.data = sent


def _unless_blank(text: str) -> str:
    return one_kind_of_line_end(text) if text.strip() else ""


class _PaperFields(forms.ModelForm):
    upload = UploadField(label="File", required=False)
    link = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="If the paper is kept elsewhere",
        error_messages={"invalid": "Enter a full address, like https://example.org"},
    )

    field_order = ["title", "provided_by", "upload", "without_file", "link"]


class _PaperMeta:
    model = Paper
    fields = ["title", "provided_by", "link", "due_on", "received_on"]
    field_classes = {"due_on": DayField, "received_on": DayField}


class NewPaperForm(_PaperFields, GovukModelForm):
    class Meta(_PaperMeta):
        pass


class PaperForm(_PaperFields, PartForm):
    """A file handed in meanwhile by somebody else is not replaced unseen."""

    without_file = forms.BooleanField(label="Take the file off", required=False)
    file_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta(_PaperMeta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.file
        self.fields["file_seen"].initial = stored.pk if stored else ""
        if stored:
            self.fields["upload"].label = "Another file in its place"
            self.fields["without_file"].help_text = f"{stored.name} is then deleted"
        else:
            del self.fields["without_file"]

    def _disputed_beside(self, current: Paper) -> dict[str, str]:
        data = self.cleaned_data
        touches_file = data["upload"] or data.get("without_file")
        if touches_file and self._has_another_file(current):
            return {"File": str(current.file or "")}
        return {}

    def _has_another_file(self, current: Paper) -> bool:
        return self.cleaned_data["file_seen"] != str(current.file_id or "")

    def _show_both(self, current: Any, disputed: list[Field]) -> None:
        super()._show_both(current, disputed)
        sent: Any = self.data
        sent[self.add_prefix("file_seen")] = str(current.file_id or "")
