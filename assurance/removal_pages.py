"""What was found of words, as a page lists it: by kind, each thing once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import capfirst

from assurance.calendar import day_in_words
from assurance.models import Removal
from assurance.removing.columns import Table, tables
from assurance.removing.search import Excerpt, Thing
from meetings.models import Meeting

# More things of one kind are one line, to be removed from or not.
MOST_SHOWN = 200
ALL = "*"
# What a thing belongs to, by the names of its columns.
_OWNERS = (
    "action",
    "meeting",
    "version",
    "item",
    "update",
    "draft",
    "sheet_in",
    "user",
)


@dataclass(frozen=True)
class Line:
    """One thing, with what is ticked for it."""

    key: str
    name: str
    where: str
    columns: str
    url: str = ""
    excerpt: Excerpt | None = None
    is_ticked: bool = True


@dataclass
class Group:
    """The things of one kind; ``count`` of them, in one line if they are too many."""

    name: str
    count: int
    lines: list[Line] = field(default_factory=list)


def groups_of(things: Iterable[Thing], ticked: Iterable[str] | None) -> list[Group]:
    """``ticked`` are the keys that were sent; None ticks everything."""
    sent = None if ticked is None else set(ticked)
    by_label: dict[str, list[Thing]] = {}
    for thing in things:
        by_label.setdefault(thing.label, []).append(thing)
    return [_group(label, found, sent) for label, found in by_label.items()]


def keys_ticked(things: Iterable[Thing], ticked: Iterable[str]) -> set[str]:
    """The keys of the things, those of a whole kind one by one."""
    sent = set(ticked)
    return {
        thing.key
        for thing in things
        if thing.key in sent or f"{thing.label}:{ALL}" in sent
    }


def _group(label: str, things: list[Thing], sent: set[str] | None) -> Group:
    model = apps.get_model(label)
    group = Group(capfirst(str(model._meta.verbose_name_plural)), len(things))
    if len(things) > MOST_SHOWN:
        key = f"{label}:{ALL}"
        line = Line(
            key,
            name=f"All {len(things):,}",
            where="Too many to be listed one by one",
            columns=_columns(things),
            excerpt=things[0].excerpt,
            is_ticked=sent is None or key in sent,
        )
        return Group(group.name, len(things), [line])
    named = _rows(model, things)
    for thing in things:
        row = named.get(str(thing.pk))
        group.lines.append(
            Line(
                thing.key,
                name=_name(thing, row),
                where=_where(row) if row else "",
                columns=_columns([thing]),
                url=_url(row),
                excerpt=thing.excerpt,
                is_ticked=sent is None or thing.key in sent,
            )
        )
    return group


def _name(thing: Thing, row: Model | None) -> str:
    if row is None:
        return f"Deleted: number {thing.pk}"
    return "Not sent yet, so it is not quoted" if thing.is_unsent else str(row)


def _rows(model: type[Model], things: list[Thing]) -> dict[str, Model]:
    links = {field.name for field in model._meta.get_fields() if field.many_to_one}
    owners = [name for name in _OWNERS if name in links]
    rows = model._base_manager.filter(pk__in=[thing.pk for thing in things])
    if owners:
        rows = rows.select_related(*owners)
    return {str(row.pk): row for row in rows}


def _where(row: Any) -> str:
    return ", ".join(
        f"{owner}, {day_in_words(owner.date)}"
        if isinstance(owner, Meeting)
        else str(owner)
        for owner in _owners(row)
    )


def _owners(row: Any) -> list[Model]:
    """Counts of changes are called version too."""
    found = (getattr(row, name, None) for name in _OWNERS)
    return [owner for owner in found if isinstance(owner, Model)]


def _url(row: Any) -> str:
    for thing in [row, *_owners(row)] if row else []:
        if hasattr(thing, "get_absolute_url"):
            return str(thing.get_absolute_url())
    return ""


def _columns(things: list[Thing]) -> str:
    """ "Notes, decisions; 3 earlier states in the history"."""
    now: dict[str, None] = {}
    before = 0
    for thing in things:
        for label, names in thing.columns.items():
            table = _table(label)
            if table.is_history:
                before += len(thing.rows[label])
            else:
                now |= dict.fromkeys(table.column(name).label for name in names)
    said = capfirst(", ".join(now)) if now else ""
    if before:
        states = "1 state" if before == 1 else f"{before:,} states"
        said += f"{'; ' if said else ''}{states} in the history"
    return said


def _table(label: str) -> Table:
    return next(table for table in tables() if table.label == label)


@dataclass(frozen=True)
class Place:
    """What a removal changed in one table."""

    name: str
    columns: str
    count: int


def places_of(removal: Removal) -> list[Place]:
    """From what is kept of it; a table that is no more keeps its name."""
    found = []
    for label, place in removal.places.get("rows", {}).items():
        try:
            model = apps.get_model(label)
        except LookupError:
            name, columns = label, [one.replace("_", " ") for one in place["columns"]]
        else:
            name = _name_of_many(model)
            columns = [_name_of_column(model, one) for one in place["columns"]]
        found.append(
            Place(capfirst(name), capfirst(", ".join(columns)), len(place["rows"]))
        )
    return found


def _name_of_column(model: type[Model], name: str) -> str:
    """As the page said it that found the words."""
    try:
        return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name.replace("_", " ")


def _name_of_many(model: type[Model]) -> str:
    """ "Agenda items", and of their history "agenda items, earlier states"."""
    now = getattr(model, "instance_type", None)
    if now:
        return f"{now._meta.verbose_name_plural}, earlier states"
    return str(model._meta.verbose_name_plural)


def count_places(removal: Removal) -> int:
    rows = removal.places.get("rows", {}).values()
    return sum(len(place["rows"]) for place in rows) + len(
        removal.places.get("files", [])
    )
