"""Forms for a draft that goes round: sending it, commenting, answering, agreeing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField, BoundWidget

from actions.doubts import Doubt
from actions.since_draft import Change, digest_of
from assurance.differences import Difference, compare
from assurance.forms.base import GovukForm
from assurance.forms.fields import DayField
from meetings.comments import stamp_of
from meetings.forms.base import look, one_kind_of_line_end
from meetings.models import Agreement, Comment, Meeting

PRESENTED, SUBJECT = "presented", "changes"
# The fields that a choice opens, by its value.
_OPENS = {
    Agreement.How.CHAIR.value: ("agreed_by", "agreed_on"),
    Agreement.How.MEETING.value: ("at_meeting",),
    SUBJECT: ("changes",),
}


class CirculateForm(GovukForm):
    """Asks before a draft goes round; ``number`` is the one that was shown."""

    number = forms.IntegerField(widget=forms.HiddenInput)


class CommentForm(GovukForm):
    """A word on an item of a draft, or on the whole; ``draft`` is the one read."""

    draft = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="Your comment",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Say what should be changed, and to what",
        error_messages={"required": "Enter your comment"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        look(self)

    def clean_text(self) -> str:
        return one_kind_of_line_end(self.cleaned_data["text"])

    def say_read(self, number: int) -> None:
        """The draft that the page shows now: sent again, it is a comment on that."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("draft")] = str(number)
        self.data = sent


class AnswerForm(GovukForm):
    """What became of a comment. ``seen`` says which answer was there already."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(
        label="What was done?",
        choices=[
            (Comment.Outcome.CHANGED.value, "The minutes were changed"),
            (Comment.Outcome.NOT_CHANGED.value, "They were not changed"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the minutes were changed"},
    )
    answer = forms.CharField(
        label="Answer",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Whoever commented reads it. Needed when nothing was changed",
    )

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "seen": stamp_of(comment),
            "outcome": comment.outcome,
            "answer": comment.answer,
        }
        super().__init__(*args, **kwargs)
        self.differences: list[Difference] = []
        self.theirs: dict[str, str] = {}
        self.theirs_by = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["answer"] = one_kind_of_line_end(cleaned.get("answer", ""))
        not_changed = cleaned.get("outcome") == Comment.Outcome.NOT_CHANGED
        if not_changed and not cleaned["answer"]:
            self.add_error("answer", "Say why it was not changed")
        return cleaned

    def show_theirs(self, comment: Comment) -> None:
        """What somebody answered meanwhile; sending again replaces it."""
        outcomes = dict(self.fields["outcome"].choices)  # type: ignore[attr-defined]
        texts = [
            (
                "outcome",
                "What was done?",
                outcomes.get(self.cleaned_data["outcome"], ""),
                outcomes.get(comment.outcome, ""),
            ),
            ("answer", "Answer", self.cleaned_data["answer"], comment.answer),
        ]
        for name, label, mine, theirs in texts:
            if mine != theirs:
                self.differences.append(compare(name, label, mine, theirs))
                self.theirs[label] = theirs
        if comment.answered_by:
            self.theirs_by = comment.answered_by.name
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("seen")] = stamp_of(comment)
        self.data = sent


class AgreeForm(GovukForm):
    """How minutes were agreed, and what was let pass: a tick for each doubt."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    how = forms.ChoiceField(
        label="How were they agreed?",
        choices=Agreement.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they were agreed"},
    )
    agreed_by = forms.CharField(label="Agreed by", required=False, max_length=150)
    agreed_on = DayField(label="Agreed on", required=False)
    at_meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="Agreed at",
        required=False,
        empty_label="Choose a meeting",
        help_text="Its own minutes will say so too",
    )
    outcome = forms.ChoiceField(
        label="Were they changed?",
        choices=[
            (PRESENTED, "No: agreed as presented"),
            (SUBJECT, "Yes: agreed subject to changes"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose whether they were agreed as presented or subject to "
            "changes"
        },
    )
    changes = forms.CharField(
        label="Which changes?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Make them in the minutes first, then say here which they are. This "
        "is printed, so do not quote what is withheld",
    )

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        made: Sequence[Change],
        doubts: Sequence[Doubt],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._meeting, self._doubts = meeting, doubts
        self.fields["seen"].initial = digest_of(made)
        self.fields["outcome"].initial = SUBJECT if made else PRESENTED
        self.fields["changes"].initial = "\n".join(one.sentence for one in made)
        at_meeting: Any = self.fields["at_meeting"]
        at_meeting.queryset = (
            Meeting.objects.may_agree_minutes_of(meeting)
            .select_related("type")
            .in_order()
        )
        at_meeting.label_from_instance = lambda one: f"{one.date:%d/%m/%Y} {one}"
        for name in ("agreed_by", "agreed_on", "at_meeting", "changes"):
            self.fields[name].needed_where_shown = True  # type: ignore[attr-defined]
        for doubt in doubts:
            self.fields[doubt.key] = forms.BooleanField(
                label=doubt.sentence,
                required=False,
                help_text="Tick to agree all the same",
            )

    def say_seen(self, made: Sequence[Change]) -> None:
        """The changes that the page shows now: sent again, they were looked at."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent["seen"] = digest_of(made)
        self.data = sent

    def radios(self, name: str) -> list[tuple[BoundWidget, list[BoundField]]]:
        """The choices of a field, each with the fields that it opens."""
        return [
            (choice, [self[other] for other in _OPENS.get(choice.data["value"], ())])
            for choice in self[name]
        ]

    def hows(self) -> list[tuple[BoundWidget, list[BoundField]]]:
        return self.radios("how")

    def outcomes(self) -> list[tuple[BoundWidget, list[BoundField]]]:
        return self.radios("outcome")

    def ticks(self) -> list[BoundField]:
        """One for each doubt."""
        return [self[doubt.key] for doubt in self._doubts]

    @property
    def overruled(self) -> list[str]:
        return [d.sentence for d in self._doubts if self.cleaned_data.get(d.key)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("how") == Agreement.How.CHAIR:
            cleaned["at_meeting"] = None
            for name, words in (
                ("agreed_by", "Enter who agreed them"),
                ("agreed_on", "Enter when they were agreed"),
            ):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, words)
        elif (
            cleaned.get("how")
            and not cleaned.get("at_meeting")
            and "at_meeting" not in self.errors
        ):
            self.add_error("at_meeting", "Choose the meeting they were agreed at")
        cleaned["changes"] = one_kind_of_line_end(cleaned.get("changes", ""))
        if cleaned.get("outcome") == PRESENTED:
            cleaned["changes"] = ""
        elif cleaned.get("outcome") and not cleaned["changes"]:
            self.add_error("changes", "Say which changes they were agreed subject to")
        for doubt in self._doubts:
            if not cleaned.get(doubt.key):
                self.add_error(doubt.key, doubt.refusal)
        return cleaned
