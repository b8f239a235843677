"""Which action of the register a row of a tracker is already."""

import datetime as dt
from typing import NamedTuple

from actions.importing.known import bare
from actions.importing.line import LinePlan
from actions.models import Action


class There(NamedTuple):
    pk: int
    reference: str
    older: str
    texts: tuple[str, ...]
    raised_on: dt.date | None


class Register:
    """The actions there are, by their references and by their words."""

    def __init__(self) -> None:
        self.by_reference: dict[str, list[There]] = {}
        self.by_text: dict[str, list[There]] = {}
        rows = Action.objects.order_by("pk").values_list(
            "pk",
            "year",
            "number",
            "older_reference",
            "text",
            "other_wording",
            "meeting__date",
            "source_on",
        )
        for pk, year, number, older, text, other, held, on in rows.iterator():
            texts = tuple(bare(words) for words in (text, other) if words)
            ours = f"{year}/{number:02d}"
            there = There(pk, ours, older.casefold(), texts, held or on)
            for reference in {ours, there.older} - {""}:
                self.by_reference.setdefault(reference, []).append(there)
            for words in set(texts):
                self.by_text.setdefault(words, []).append(there)

    def find(self, plan: LinePlan) -> tuple[There | None, str]:
        """The action that this row is already, else what to say of one like it."""
        text, reference = bare(plan.text), plan.reference.casefold()
        same_reference = self.by_reference.get(reference, []) if reference else []
        for there in same_reference:
            if text in there.texts:
                return there, ""
        same_text = self.by_text.get(text, [])
        for there in same_text:
            if there.raised_on == plan.raised_on and not (reference and there.older):
                return there, ""
        if same_reference:
            return None, (
                f"Action {same_reference[0].reference} of the register has this "
                "reference with another text"
            )
        if same_text:
            return None, (
                f"Action {same_text[0].reference} of the register has the same words"
            )
        return None, ""
