"""What an owner answers: an update that is written together, and its correction."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from actions.answers import Attached
from actions.lifecycle import Move
from actions.models import DraftEvidence, Evidence, Update, UpdateDraft
from actions.models.update import Shown
from assurance.files import size_in_words
from assurance.forms.base import GovukForm, Stale, VersionedModelForm
from assurance.forms.fields import DayField, UploadsField
from assurance.models import Organisation

SAYS_NOTHING = "Enter what has been done"
PROVIDED_BY = "The post that says so, for example Director of Business Services"


class _EvidenceFields(forms.Form):
    """Files, and a link with its title."""

    uploads = UploadsField(label="Files", required=False)
    evidence_title = forms.CharField(
        label="What a link shows",
        max_length=200,
        required=False,
        help_text="For example: work plan of 1 September",
    )
    evidence_link = forms.URLField(
        label="The link",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Enter a full address, like https://example.org"},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        title, link = data.get("evidence_title"), data.get("evidence_link")
        if bool(title) == bool(link):
            return data
        if link and "evidence_title" not in self.errors:
            self.add_error("evidence_title", "Say what the link shows")
        elif title and "evidence_link" not in self.errors:
            self.add_error("evidence_link", "Enter the link to this evidence")
        return data

    def attached(self) -> Attached:
        data = self.cleaned_data
        title = data["evidence_title"]
        links = [(title, data["evidence_link"])] if title else []
        return Attached(uploads=data["uploads"], links=links)


def _described(evidence: Shown) -> str:
    if evidence.file is None:
        return f"{evidence.title} (link)"
    size = size_in_words(evidence.file.size)
    return f"{evidence.title} ({evidence.file.get_kind_display()}, {size})"


def _check_asked_date(form: forms.Form, day: dt.date | None) -> None:
    if "asked_due_on" in form.errors:
        return
    if not day:
        form.add_error("asked_due_on", "Enter the due date you ask for")
    elif day < timezone.localdate():
        form.add_error("asked_due_on", "Enter a date that has not passed")


class AnswerForm(_EvidenceFields, VersionedModelForm):
    """A word on the work: what was done, who says so, what shows it, what is asked.

    It is saved as a draft of the organisation, or sent; a draft may be unfinished.
    """

    text = forms.CharField(
        label="What has been done",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=20_000,
        required=False,
    )
    provided_by = forms.CharField(
        label="Provided by", max_length=150, required=False, help_text=PROVIDED_BY
    )
    on_behalf_of = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Whose word is this?",
        required=False,
        blank=True,
        empty_label="The office’s own",
        widget=forms.RadioSelect,
    )
    removed = forms.ModelMultipleChoiceField(
        DraftEvidence.objects.none(),
        label="Evidence in this draft",
        help_text="Tick what is to be taken out",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    asks = forms.ChoiceField(
        label="Does this ask for anything?",
        choices=[("", "No, it is for information"), *Update.Asks.choices[1:]],
        widget=forms.RadioSelect,
        required=False,
    )
    asked_due_on = DayField(label="New due date asked for", required=False)
    is_ready = forms.BooleanField(
        label="Ready to send",
        required=False,
        help_text="A draft marked so can be sent together with others that are ready",
    )

    class Meta:
        model = UpdateDraft
        fields = [
            "text",
            "provided_by",
            "on_behalf_of",
            "asks",
            "asked_due_on",
            "is_ready",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        draft = self.instance
        fields["text"].needed_where_shown = True
        fields["asks"].needed_where_shown = True
        fields["asked_due_on"].needed_where_shown = True
        owners = Organisation.objects.filter(owned_actions__action=draft.action)
        if draft.organisation_id or not owners.exists():
            del fields["on_behalf_of"]
        else:
            fields["on_behalf_of"].queryset = owners.distinct()
            fields["on_behalf_of"].needed_where_shown = True
        evidence = draft.evidence.select_related("file") if draft.pk else None
        if evidence:
            fields["removed"].queryset = evidence
        else:
            del fields["removed"]
        if not draft.action.can(Move.PROPOSE):
            fields["asks"].choices = [
                choice
                for choice in fields["asks"].choices
                if choice[0] != Update.Asks.CLOSURE
            ]

    @property
    def is_sending(self) -> bool:
        """Sent by any button but the one that keeps it as a draft."""
        return "keep" not in self.data

    @property
    def asks_choices(self) -> list[tuple[Any, forms.BoundField | None]]:
        """Each radio with the field it opens."""
        return [
            (
                choice,
                self["asked_due_on"]
                if choice.data["value"] == Update.Asks.DATE
                else None,
            )
            for choice in self["asks"]
        ]

    @property
    def evidence_choices(self) -> list[tuple[DraftEvidence, bool]]:
        """What the draft has to show, and whether it is ticked to be taken out."""
        if "removed" not in self.fields:
            return []
        ticked = self["removed"].value() or []
        rows = self.fields["removed"].queryset  # type: ignore[attr-defined]
        return [(evidence, str(evidence.pk) in ticked) for evidence in rows]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("asked_due_on")
        is_finished = self.is_sending or data.get("is_ready")
        if is_finished and not data.get("text") and "text" not in self.errors:
            self.add_error("text", SAYS_NOTHING)
        if data.get("asks") == Update.Asks.DATE:
            if is_finished or day:
                _check_asked_date(self, day)
        elif day:
            self.add_error(
                "asks", "Choose “A new due date”, or clear the date you entered"
            )
        return data

    def save(self, commit: bool = True) -> Any:
        """Save under a lock what no colleague changed since the form was opened."""
        draft, seen = self.instance, self.cleaned_data["version"]
        current = (
            UpdateDraft.objects.select_for_update(of=("self",), no_key=True)
            .filter(action=draft.action, organisation=draft.organisation)
            .first()
        )
        if current and current.version != seen:
            self._show(current)
            raise Stale(
                "A colleague changed this draft while you were writing. Nothing of "
                "theirs or yours was lost: compare the two, then save again"
            )
        if current is None and seen != draft.version:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("version")] = str(draft.version)  # type: ignore
            raise Stale(
                "A colleague sent or deleted this draft while you were writing, so "
                "yours was not saved. Look at what the action’s page says now; to send "
                "or save yours as well, press again"
            )
        draft.version = seen + 1
        return forms.ModelForm.save(self, commit)


class CorrectionForm(_EvidenceFields, GovukForm):
    """Better words for what was sent, and the evidence that still shows it."""

    text = forms.CharField(
        label="What has been done",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=20_000,
        error_messages={"required": SAYS_NOTHING},
    )
    provided_by = forms.CharField(
        label="Provided by", max_length=150, required=False, help_text=PROVIDED_BY
    )
    asked_due_on = DayField(label="New due date asked for")
    kept = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label="Evidence that was sent",
        help_text="Take the tick away from what does not show it",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["text", "provided_by", "asked_due_on", "kept"]

    def __init__(self, *args: Any, old: Update, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["text"].initial = old.text
        fields["provided_by"].initial = old.provided_by
        fields["asked_due_on"].initial = old.asked_due_on
        if not (old.waits_for_answer and old.asks == Update.Asks.DATE):
            del fields["asked_due_on"]
        evidence: QuerySet[Evidence] = old.evidence.select_related("file")
        if evidence:
            fields["kept"].queryset = evidence
            fields["kept"].initial = [one.pk for one in evidence]
            fields["kept"].label_from_instance = _described
            fields["kept"].needed_where_shown = True
        else:
            del fields["kept"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "asked_due_on" in self.fields:
            _check_asked_date(self, data.get("asked_due_on"))
        return data


_GONE = (
    "Choose again: a colleague sent one of these drafts, or is writing it again. "
    "Nothing was sent"
)


class SendReadyForm(GovukForm):
    """Which of the drafts that are ready to send."""

    drafts = forms.ModelMultipleChoiceField(
        UpdateDraft.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one draft to send",
            "invalid_choice": _GONE,
            "invalid_pk_value": _GONE,
        },
    )

    def __init__(self, *args: Any, ready: QuerySet[UpdateDraft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["drafts"].queryset = ready  # type: ignore[attr-defined]
