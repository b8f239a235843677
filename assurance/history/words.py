"""Values of a record in words: choices as chosen, other records by their names."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db import models
from django.utils import timezone

from actions.models import Update
from assurance.calendar import day_in_words
from assurance.models import Organisation
from assurance.sign_in import devices
from meetings.models import Attendee, Meeting, MinutesVersion


class Names:
    """What other records are called, looked up once for each table."""

    def __init__(self) -> None:
        self._wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self._found: dict[type[models.Model], dict[int, str]] = {}

    def want(self, model: type[models.Model], pk: int | None) -> None:
        if pk is not None:
            self._wanted[model].add(pk)

    def find(self) -> None:
        for model, pks in self._wanted.items():
            found = {row.pk: _name(row) for row in _rows(model, pks)}
            self._found[model] = found
            if (missing := pks - found.keys()) and hasattr(model, "history"):
                for past in model.history.filter(id__in=missing).order_by("history_id"):
                    found[past.id] = _name(past.instance)

    def of(self, model: type[models.Model], pk: int) -> str:
        name = self._found.get(model, {}).get(pk)
        return name or f"{model._meta.verbose_name} {pk}"


def _rows(model: type[models.Model], pks: set[int]) -> models.QuerySet:
    rows = model._base_manager.filter(pk__in=pks)
    related: dict[type[models.Model], tuple[str, ...]] = {
        Meeting: ("type",),
        Attendee: ("person",),
        MinutesVersion: ("meeting__type",),
    }
    if model in related:
        rows = rows.select_related(*related[model])
    if model is MinutesVersion:
        rows = rows.defer("content", "text")
    return rows


def _name(row: models.Model) -> str:
    if isinstance(row, Meeting):
        return f"{row}, {day_in_words(row.date)}"
    if isinstance(row, MinutesVersion):
        return f"{row.get_kind_display()} {row.number}"
    if isinstance(row, Organisation):
        return row.name
    if isinstance(row, Update):
        return f"{row.get_what_display()}, {day_in_words(timezone.localdate(row.at))}"
    return str(row)


def in_words(column: models.Field, value: Any, names: Names) -> str:
    """ "Present for part", "4 September 2020", "Anna Bell"; blank when it is empty."""
    if value is None and column.name == "withheld":
        return "As its item"
    if value is None or value in ("", []):
        return ""
    if isinstance(column, models.ForeignKey):
        return names.of(target_of(column), value)
    if column.name == "device":
        return devices.in_words(value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    match value:
        case bool():
            return "Yes" if value else "No"
        case dt.datetime():
            local = timezone.localtime(value)
            return f"{day_in_words(local.date())} at {local:%H:%M}"
        case dt.date():
            return day_in_words(value)
        case dt.time():
            return f"{value:%H:%M}"
        case list():
            return ", ".join(str(one) for one in value)
    if column.name == "order":
        return str(value + 1)
    return str(value)


def target_of(column: models.ForeignKey) -> type[models.Model]:
    return column.remote_field.model
