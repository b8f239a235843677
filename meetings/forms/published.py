"""Forms about what is published: finding it, publishing, withdrawing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict

from actions.publishing import CHANGED, NOT_SHOWN, Edition
from assurance.forms.base import FilterForm, GovukForm
from meetings.doubtful import LEAVE, REPLACE, Choices, Doubt, Question, questions
from meetings.forms.base import look
from meetings.models.version import MinutesVersionQuerySet

# Words of a search that count; more than these only make it slow.
WORDS = 8
# Of a question about several places: each is then a question of its own.
EACH = "each"


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
    """What is chosen of each doubt, and that what the preview shows goes before the
    public. ``edition`` is then the one with what is chosen.
    """

    # What is wrong with the whole is to be looked at there.
    errors_lead_to = "preview"

    why = forms.CharField(
        label="Why they are published again",
        error_messages={"required": "Enter why they are published again"},
        help_text="For the office. The public does not read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    # What the preview showed: before anything was chosen, and with what was.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if edition.last is None:
            del self.fields["why"]
        self.questions = questions(
            edition.publication.doubts, decided=edition.chosen_before
        )
        chosen: dict[str, str] = {}
        for question in self.questions:
            chosen |= self._ask(question, edition.chosen_before)
        self.edition = edition.with_choices(chosen)
        self.fields["seen"].initial = self._shown

    @classmethod
    def to_preview(cls, sent: QueryDict, *, edition: Edition) -> "PublishForm":
        """With what is chosen so far, before anything is published or complained of."""
        own = {name: sent[name] for name in sent if name not in ("seen", "submission")}
        return cls(initial=own, edition=edition)

    @property
    def _shown(self) -> str:
        return f"{self.edition.digest_unchosen}.{self.edition.digest}"

    def _ask(self, question: Question, before: Choices) -> dict[str, str]:
        """What is chosen of its doubts."""
        doubts = question.doubts
        answers = {before.get(one.key, "") for one in doubts}
        usual = answers.pop() if len(answers) == 1 else EACH
        said = self._add_choice(question.key, _choices(question), question, usual)
        if said != EACH or len(doubts) == 1:
            return {one.key: said for one in doubts if said in (LEAVE, REPLACE)}
        chosen = {}
        for one in doubts:
            usual = before.get(one.key, "")
            choices = _choices(Question((one,), is_decided=question.is_decided))
            if (said := self._add_choice(one.key, choices, one, usual)) in (
                LEAVE,
                REPLACE,
            ):
                chosen[one.key] = said
        return chosen

    def _add_choice(
        self,
        name: str,
        choices: list[tuple[str, str]],
        of: Question | Doubt,
        usual: str,
    ) -> Any:
        self.fields[name] = forms.ChoiceField(
            label=f"“{of.words}”",
            choices=choices,
            initial=usual,
            widget=forms.RadioSelect,
            error_messages={"required": of.refusal, "invalid_choice": of.refusal},
        )
        return self[name].value()

    def asked(
        self,
    ) -> list[tuple[Question, BoundField, list[tuple[Doubt, BoundField]]]]:
        """Each question with its field, and with one for each of its doubts where they
        are decided one by one.
        """
        return [
            (
                question,
                self[question.key],
                [(d, self[d.key]) for d in question.doubts if d.key in self.fields],
            )
            for question in self.questions
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unchosen, _, chosen = cleaned.get("seen", "").partition(".")
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("seen")] = self._shown
        self.data = sent
        if unchosen != self.edition.digest_unchosen:
            raise ValidationError(CHANGED)
        if chosen != self.edition.digest and not self.errors:
            raise ValidationError(NOT_SHOWN)
        return cleaned


def _choices(question: Question) -> list[tuple[str, str]]:
    places, instead = question.places, question.instead
    if places == 1:
        return [
            (LEAVE, "Leave it as it stands"),
            (REPLACE, f"Put {instead} in its place"),
        ]
    every = "both" if places == 2 else f"all {places}"
    choices = [
        (LEAVE, f"Leave {every} as they stand"),
        (REPLACE, f"Put {instead} in {every} places"),
    ]
    if len(question.doubts) > 1:
        choices.append((EACH, "Choose for each place"))
    return choices


class WithdrawForm(GovukForm):
    why = forms.CharField(
        label="Reason",
        help_text="For the office. The public reads only that the minutes were "
        "withdrawn, and when.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
