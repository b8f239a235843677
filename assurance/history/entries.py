"""Entries of history: who did what when, with what was before and after."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.text import Truncator

from actions.models import Action, Owner, Review, TrackerReview, Update, UpdateRequest
from assurance.differences import Difference, compare
from assurance.history.sources import (
    ADDED,
    CHANGED,
    DID,
    KINDS,
    NUMBERS,
    REMOVED,
    SAID,
    SOURCES,
    TOOK,
    Source,
)
from assurance.history.words import Names, in_words, target_of
from assurance.models import Event, User
from meetings.models import (
    AgendaItem,
    Agreement,
    Attendee,
    Comment,
    Meeting,
    MinutesVersion,
    Paper,
    StandingItem,
    Theme,
    Withdrawal,
)

# Notes save as they are typed: what one person saved of one item within so many
# minutes of the save before is one change.
_BURST = dt.timedelta(minutes=10)
_TOGETHER = dt.timedelta(seconds=5)
# Texts that are longer are shown as a difference.
_LONG = 60
# A title takes so much of a name; what is named then says all of it below.
_LONGEST_NAME = 150
_THINGS = {kind.model for kind in KINDS.values()}
_OF_MEETINGS = {AgendaItem, Attendee, MinutesVersion, Agreement, TrackerReview}
_OF_ACTIONS = {Owner, Update, Review, UpdateRequest}
_PLACE = "Place in the list"
_DONE = {ADDED: "added", CHANGED: "changed", REMOVED: "removed"}


@dataclass(frozen=True)
class Light:
    """What every table of history has of a row."""

    source: int
    at: dt.datetime
    row: int
    what: str
    by: int | None
    record: int | None

    @property
    def key(self) -> tuple[int, int]:
        return self.source, self.row


@dataclass(frozen=True)
class Change:
    """One field: what it said before and after, or both as a difference. ``raw`` is
    what is kept where ``after`` says it in plainer words.
    """

    label: str
    before: str = ""
    after: str = ""
    difference: Difference | None = None
    raw: str = ""


@dataclass
class Entry:
    """One change as a page shows it. ``steps`` are the saves it consists of, the
    newest first, if several; ``moves`` what moved together in a list.
    """

    at: dt.datetime
    by: str
    title: str
    what: str
    changes: list[Change] = field(default_factory=list)
    thing: str = ""
    url: str = ""
    history_url: str = ""
    label: str = ""
    steps: "list[Entry]" = field(default_factory=list)
    moves: "list[Entry]" = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        return self.what == CHANGED

    @property
    def is_event(self) -> bool:
        return self.what in (DID, TOOK)

    @property
    def is_long(self) -> bool:
        return any(change.difference for change in self.changes)

    @property
    def is_move(self) -> bool:
        """Only another place in its list."""
        return self.is_change and [c.label for c in self.changes] == [_PLACE]


def all_of(kind: str, pk: int, *, fold: bool = True) -> list[list[Light]]:
    """Every change of a thing, the newest first; saves of one burst together."""
    found: list[Light] = []
    for number, source in enumerate(SOURCES):
        if kind in source.of:
            rows = source.rows.filter(source.of[kind](pk))
            found += [Light(*row) for row in source.light(number, rows)]
    found.sort(key=lambda light: (light.at, light.source, light.row), reverse=True)
    return _folded(found) if fold else [[light] for light in found]


def _folded(lights: Iterable[Light]) -> list[list[Light]]:
    bursts: list[list[Light]] = []
    last: dict[tuple[int, int | None], list[Light]] = {}
    for light in lights:
        key = light.source, light.record
        burst = last.get(key)
        if (
            burst
            and light.source == NUMBERS["item"]
            and light.what == burst[-1].what == CHANGED
            and light.by == burst[-1].by
            and burst[-1].at - light.at <= _BURST
        ):
            burst.append(light)
        else:
            last[key] = [light]
            bursts.append(last[key])
    return bursts


def in_full(
    bursts: Sequence[Sequence[Light]],
    *,
    of_things: bool = False,
    moved_together: bool = True,
) -> list[Entry]:
    """The entries of a page: a constant number of queries for any number of them.

    ``of_things`` adds what each is of, where the page is not about one thing.
    """
    reader = _Reader(bursts)
    entries = [reader.entry(burst) for burst in bursts]
    if of_things:
        for entry, burst in zip(entries, bursts, strict=True):
            reader.add_thing(entry, burst[0])
    return _moved_together(entries) if moved_together else entries


def _moved_together(entries: list[Entry]) -> list[Entry]:
    """Where one thing moved, those after it in the list did: one entry."""
    together: list[Entry] = []
    for entry in entries:
        last = together[-1] if together else None
        if (
            last
            and entry.is_move
            and last.is_move
            and (entry.label, entry.by, entry.history_url)
            == (last.label, last.by, last.history_url)
            and last.at - entry.at <= _TOGETHER
        ):
            last.moves = last.moves or [replace(last)]
            last.moves.append(entry)
            last.title = f"{last.label}: {len(last.moves)} moved in the list"
        else:
            together.append(entry)
    return together


class _Reader:
    """The rows of a page, those before them, and the names of what they refer to."""

    def __init__(self, bursts: Sequence[Sequence[Light]]) -> None:
        self.rows: dict[tuple[int, int], Any] = {}
        self.before: dict[tuple[int, int], Any] = {}
        self.themes: dict[int, list[int]] = defaultdict(list)
        self.names = Names()
        wanted: dict[int, list[int]] = defaultdict(list)
        for burst in bursts:
            for light in burst:
                wanted[light.source].append(light.row)
                self.names.want(User, light.by)
        for number, pks in wanted.items():
            self._load(number, pks)
        self._load_themes()
        self._load_parents()
        self.names.find()

    def _load(self, number: int, pks: list[int]) -> None:
        source = SOURCES[number]
        rows = source.rows
        if source.model is MinutesVersion:
            rows = rows.defer("content", "text")
        if source.is_history:
            rows = rows.annotate(before_id=Subquery(_before(source.rows)))
        found = rows.in_bulk(pks)
        known = dict(found)
        if source.is_history:
            missing = {row.before_id for row in found.values()} - known.keys() - {None}
            known |= source.rows.in_bulk(missing)
        for pk, row in found.items():
            self.rows[number, pk] = row
            self._want(source, row)
            before = known.get(row.before_id) if source.is_history else None
            if before is not None:
                self.before[number, pk] = before
                self._want(source, before)

    def _want(self, source: Source, row: Any) -> None:
        for column in row._meta.concrete_fields:
            if isinstance(column, models.ForeignKey) and column.name not in (
                "history_user",
                "history_relation",
            ):
                self.names.want(target_of(column), getattr(row, column.attname))
        if source.model in _THINGS:
            self.names.want(source.model, row.id)

    def _load_themes(self) -> None:
        """Those of each past state of a meeting."""
        number = NUMBERS["meeting"]
        states = {
            row.history_id
            for rows in (self.rows, self.before)
            for (source, _), row in rows.items()
            if source == number
        }
        if not states:
            return
        past = Meeting.history.model.themes.model
        for state, theme in past.objects.filter(history_id__in=states).values_list(
            "history_id", "theme_id"
        ):
            self.themes[state].append(theme)
            self.names.want(Theme, theme)

    def _load_parents(self) -> None:
        """The meetings of papers, comments and withdrawals, which do not name them."""
        items, versions = set(), set()
        for (number, _), row in self.rows.items():
            model = SOURCES[number].model
            if model is Paper:
                items.add(row.item_id)
            elif model in (Comment, Withdrawal):
                versions.add(row.version_id)
        self.meeting_of_item: dict[int, int] = {}
        self.meeting_of_version: dict[int, int] = {}
        if items:
            past = AgendaItem.history.filter(id__in=items).order_by()
            self.meeting_of_item = dict(past.values_list("id", "meeting_id"))
        if versions:
            kept = MinutesVersion.objects.filter(pk__in=versions).order_by()
            self.meeting_of_version = dict(kept.values_list("pk", "meeting_id"))
        for pk in (*self.meeting_of_item.values(), *self.meeting_of_version.values()):
            self.names.want(Meeting, pk)

    # Words

    def entry(self, burst: Sequence[Light]) -> Entry:
        newest, oldest = burst[0], burst[-1]
        entry = self._one(newest, before=self.before.get(oldest.key))
        if len(burst) > 1:
            entry.steps = [self._one(light) for light in burst]
        return entry

    def _one(self, light: Light, before: Any = None) -> Entry:
        source, row = SOURCES[light.source], self.rows[light.key]
        before = before or self.before.get(light.key)
        entry = Entry(
            at=light.at,
            by=self._by(light),
            title=self._title(source, row, light.what),
            what=light.what,
            label=source.label,
        )
        if light.what == CHANGED and before is not None:
            entry.changes = self._changes(source, before, row)
            if not entry.changes:
                entry.title = self._without_a_change(source, before, row)
        else:
            entry.changes = self._said(source, row)
        return entry

    def _by(self, light: Light) -> str:
        if light.by is None:
            return "the application" if light.what != DID else "somebody not signed in"
        return self.names.of(User, light.by)

    def _title(self, source: Source, row: Any, what: str) -> str:
        """ "Agenda item changed: Leadership", "Update", "Signed in"."""
        if what == SAID:
            return f"{row.get_what_display()}, written to the timeline"
        if what in (DID, TOOK):
            return row.get_kind_display()
        name = source.joined.join(
            Truncator(words).chars(_LONGEST_NAME)
            for column in source.names
            if (words := self._value(row, row._meta.get_field(column)))
        )
        title = f"{source.label} {_DONE[what]}"
        return f"{title}: {name}" if name else title

    def _without_a_change(self, source: Source, before: Any, row: Any) -> str:
        if source.model is User and row.version == before.version:
            return "Password set"
        if source.model is Action:
            return "Action saved with what was written to its timeline"
        return f"{source.label} saved, with nothing altered"

    def _changes(self, source: Source, before: Any, row: Any) -> list[Change]:
        changes = []
        for column in source.fields:
            old, new = (self._value(one, column) for one in (before, row))
            if old != new:
                changes.append(_change(source.label_of(column), column, old, new))
        if source.model is Meeting:
            old, new = self._themes(before), self._themes(row)
            if old != new:
                changes.append(Change("Themes", old, new))
        return changes

    def _said(self, source: Source, row: Any) -> list[Change]:
        """What stood in a row that was added, removed or is written once."""
        said = [
            Change(
                source.label_of(column),
                after=words,
                raw=row.device if column.name == "device" else "",
            )
            for column in source.fields
            if column.name != "order"
            and getattr(row, column.attname) != column.get_default()
            and (words := self._value(row, column))
            and (column.name not in source.names or len(words) > _LONGEST_NAME)
        ]
        if source.model is Meeting and (themes := self._themes(row)):
            said.append(Change("Themes", after=themes))
        return said

    def _value(self, row: Any, column: models.Field) -> str:
        return in_words(column, getattr(row, column.attname), self.names)

    def _themes(self, row: Any) -> str:
        return ", ".join(
            sorted(self.names.of(Theme, pk) for pk in self.themes[row.history_id])
        )

    # Which thing

    def add_thing(self, entry: Entry, light: Light) -> None:
        source, row = SOURCES[light.source], self.rows[light.key]
        kind, pk = self._thing(source, row)
        if pk is None:
            return
        model = KINDS[kind].model
        entry.thing = self.names.of(model, pk)
        if kind == "actions":
            entry.thing = f"Action {entry.thing}"
        entry.history_url = reverse("history_of", args=[kind, pk])

    def _thing(self, source: Source, row: Any) -> tuple[str, int | None]:
        match source.model:
            case m if m is Paper:
                return "meetings", self.meeting_of_item.get(row.item_id)
            case m if m in (Comment, Withdrawal):
                return "meetings", self.meeting_of_version.get(row.version_id)
            case m if m in _OF_MEETINGS:
                return "meetings", row.meeting_id
            case m if m in _OF_ACTIONS:
                return "actions", row.action_id
            case m if m is StandingItem:
                return "types", row.type_id
            case m if m is Event:
                return "accounts", row.user_id
        for kind, thing in KINDS.items():
            if thing.model is source.model:
                return kind, row.id
        return "", None


def _before(rows: QuerySet) -> QuerySet:
    """The state written before each."""
    earlier = rows.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    return earlier.order_by("-history_id").values("history_id")[:1]


def _change(label: str, column: models.Field, before: str, after: str) -> Change:
    is_text = isinstance(column, models.TextField | models.CharField)
    if is_text and before and after and max(len(before), len(after)) > _LONG:
        shown = compare(column.name, label, before, after)
        return Change(label, before, after, shown)
    return Change(label, before, after)
