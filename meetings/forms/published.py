"""Forms about what is published: finding it, publishing, withdrawing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from actions.publishing import CHANGED, Edition
from assurance.forms.base import FilterForm, GovukForm
from meetings.forms.base import look
from meetings.models.version import MinutesVersionQuerySet

# Words of a search that count; more than these only make it slow.
WORDS = 8


class FindPublishedForm(FilterForm):
    """The query of the list of published minutes. Searches what the public may read."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    year = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    theme = forms.ChoiceField(required=False)

    def __init__(
        self, *args: Any, versions: MinutesVersionQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        years = versions.order_by().dates("held_on", "year", order="DESC")
        lists = versions.order_by().values_list("themes", flat=True).distinct()
        themes = sorted({name for names in lists for name in names.split("\n") if name})
        fields: dict[str, Any] = self.fields
        fields["year"].choices = [("", "All years"), *((y.year, y.year) for y in years)]
        fields["theme"].choices = [("", "All themes"), *((t, t) for t in themes)]
        for name in ("year", "theme"):
            self.fields[name].error_messages["invalid_choice"] = (
                f"Choose the {name} again: what was asked for is not there"
            )
        look(self)

    @property
    def is_filtering(self) -> bool:
        return any(self.cleaned_data.values())

    @property
    def words(self) -> list[str]:
        """Those that are looked for."""
        return self.cleaned_data.get("q", "").split()[:WORDS]

    def apply(self, versions: MinutesVersionQuerySet) -> MinutesVersionQuerySet:
        """Those asked for; what is not understood is left out and said."""
        if year := self.cleaned_data.get("year"):
            versions = versions.filter(held_on__year=year)
        if theme := self.cleaned_data.get("theme"):
            versions = versions.filter(themes__contains=f"\n{theme}\n")
        for word in self.words:
            versions = versions.filter(text__icontains=word)
        return versions


class PublishForm(GovukForm):
    """Says that what was read in the preview goes before the public."""

    why = forms.CharField(
        label="Why they are published again",
        error_messages={"required": "Enter why they are published again"},
        help_text="For the office. The public does not read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    # What the preview showed.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition = edition
        self.fields["seen"].initial = edition.digest
        if edition.last is None:
            del self.fields["why"]
        for doubt in edition.publication.doubts:
            self.fields[doubt.key] = forms.BooleanField(
                label=f"{doubt.where}: {doubt.sentence}",
                help_text="Tick to publish it all the same",
                error_messages={"required": doubt.refusal},
            )

    @property
    def let_pass(self) -> set[str]:
        """The keys of the doubts that were ticked."""
        return {
            one.key
            for one in self.edition.publication.doubts
            if self.cleaned_data.get(one.key)
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen") != self.edition.digest:
            sent: Any = self.data.copy()  # type: ignore[attr-defined]
            sent[self.add_prefix("seen")] = self.edition.digest
            self.data = sent
            raise ValidationError(CHANGED)
        return cleaned


class WithdrawForm(GovukForm):
    why = forms.CharField(
        label="Reason",
        help_text="For the office. The public reads only that the minutes were "
        "withdrawn, and when.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
