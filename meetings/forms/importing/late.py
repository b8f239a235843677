"""What somebody typed on a checking page that came too late, to be copied from."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.forms.utils import pretty_name
from django.http import QueryDict

from meetings.forms.importing.parts import (
    ActionForm,
    FactsForm,
    ItemForm,
    NextForm,
    PartForm,
    SeatForm,
)

_PARTS: dict[str, tuple[type[PartForm], str]] = {
    "facts": (FactsForm, "The meeting"),
    "seats": (SeatForm, "Person"),
    "items": (ItemForm, "Heading"),
    "actions": (ActionForm, "Action"),
    "next": (NextForm, "The next meeting"),
}


@dataclass(frozen=True)
class Typed:
    part: str
    label: str
    text: str


def typed(sent: QueryDict) -> Iterator[Typed]:
    """The words in what was sent; what is chosen from lists is soon chosen again."""
    for name in sent:
        part, _, rest = name.partition("-")
        kind, called = _PARTS.get(part, (PartForm, ""))
        number, _, key = rest.rpartition("-")
        field = kind.base_fields.get(key)
        text = str(sent.get(name, "")).strip()
        if not text or field is None or _is_chosen(field):
            continue
        row = f"{called} {_row(part, number)}".strip()
        yield Typed(row, str(field.label or pretty_name(key)), text)


def _is_chosen(field: forms.Field) -> bool:
    return isinstance(field, forms.ChoiceField | forms.BooleanField)


def _row(part: str, number: str) -> str:
    """Which row, counted from 1: keys of actions are, those of others are not."""
    if not number.isdecimal() or len(number) > 5:
        return ""
    return str(int(number) + (part != "actions"))
