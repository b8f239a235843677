"""The history of everything: one list in order of time, narrowed down by a form."""

import datetime as dt
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from assurance.forms.base import FilterForm
from assurance.forms.fields import DayField
from assurance.history.entries import Light
from assurance.history.sources import (
    ADDED,
    CHANGED,
    DID,
    REMOVED,
    SAID,
    SOURCES,
    TOOK,
    Source,
)
from assurance.models import Event, User

WHAT = {
    "added": ("Added", [ADDED]),
    "changed": ("Changed", [CHANGED]),
    "removed": ("Removed", [REMOVED]),
    "said": ("Written to the timeline of an action", [SAID]),
    "account": ("Sign-ins, and what else accounts did", [DID]),
    "downloaded": ("Withheld material downloaded", [TOOK]),
}


class HistoryFilter(FilterForm):
    """Who, what kind of thing, from and to which day, which words, what was done."""

    q = forms.CharField(label="Words in the record", max_length=200, required=False)
    who = forms.ModelChoiceField(
        queryset=User.objects.all(), required=False, empty_label="Anybody"
    )
    kind = forms.ChoiceField(
        label="Kind of record",
        choices=[("", "Any"), *((source.key, source.label) for source in SOURCES)],
        required=False,
    )
    what = forms.ChoiceField(
        label="What was done",
        choices=[("", "Anything"), *((key, label) for key, (label, _) in WHAT.items())],
        required=False,
        error_messages={"invalid_choice": "Choose what was done from the list"},
    )
    since = DayField(label="From", required=False)
    until = DayField(label="To", required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and until < since:
            raise ValidationError(
                {"until": "Enter a day on or after the day it is from"}
            )
        return told

    @property
    def in_force(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())


class Everything:
    """What the form lets through, as ``Paginator`` wants it: counted and sliced."""

    def __init__(self, told: dict[str, Any]) -> None:
        tables = [
            source.light(number, rows)
            for number, source in enumerate(SOURCES)
            if (rows := _narrowed(source, told)) is not None
        ]
        self._rows = tables[0].union(*tables[1:], all=True) if tables else None

    def count(self) -> int:
        return self._rows.count() if self._rows is not None else 0

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> Sequence[list[Light]]:
        if self._rows is None:
            return []
        latest = self._rows.order_by("-light_at", "-light_source", "-light_row")
        return [[Light(*row)] for row in latest[part]]


def _narrowed(source: Source, told: dict[str, Any]) -> QuerySet | None:
    """The rows of one table; None when none of it can be meant."""
    if told.get("kind") not in (None, "", source.key):
        return None
    rows = source.rows
    if what := told.get("what"):
        _, meant = WHAT[what]
        if source.is_history:
            rows = rows.filter(history_type__in=meant)
        else:
            rows = rows.annotate(done=source.what).filter(done__in=meant)
    if who := told.get("who"):
        by = Q(**{source.by: who.pk})
        # What happened to an account is about it, whoever did it.
        rows = rows.filter(by | Q(user=who.pk) if source.model is Event else by)
    if since := told.get("since"):
        rows = rows.filter(**{f"{source.at}__gte": _midnight(since)})
    if until := told.get("until"):
        after = _midnight(until + dt.timedelta(days=1))
        rows = rows.filter(**{f"{source.at}__lt": after})
    for word in (told.get("q") or "").split():
        if not source.texts:
            return None
        rows = rows.filter(
            reduce(or_, (Q(**{f"{name}__icontains": word}) for name in source.texts))
        )
    return rows


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
