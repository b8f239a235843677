"""Where words stand in the database: found by the database, looked at here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import F, Func, Q, QuerySet
from django.db.models.functions import Cast

from assurance.models import StoredFile
from assurance.removing.columns import Column, Table, tables
from assurance.removing.words import Words, texts_in

_AT_ONCE = 500  # rows
_AROUND = 70  # characters shown before and after what was found
_SPACES = re.compile(r"\s+")
# Not yet said to anybody: that the words stand there is told, and nothing of it.
_UNSENT = {"actions.UpdateDraft", "actions.DraftEvidence", "assurance.Unsent"}
# Nor is what may have a link in it that signs somebody in.
_NOT_QUOTED = _UNSENT | {"post_office.Email"}


@dataclass(frozen=True)
class Excerpt:
    """What was found, with some of the text around it."""

    before: str
    found: str
    after: str


@dataclass
class Thing:
    """One row of the record with its history, and where in it the words stand."""

    label: str  # of its model: "meetings.AgendaItem"
    pk: Any
    # Columns by table; of a history in how many rows.
    columns: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[Any]] = field(default_factory=dict)
    excerpt: Excerpt | None = None
    is_unsent: bool = False

    @property
    def key(self) -> str:
        return f"{self.label}:{self.pk}"

    @property
    def is_there(self) -> bool:
        """Whether the words stand in the row itself, not only in its history."""
        return self.label in self.rows


def find(words: Words, *, with_excerpts: bool = False) -> list[Thing]:
    """Every row in which they stand, with its history as one thing."""
    things: dict[tuple[str, str], Thing] = {}
    files = set(unsent_files())
    # What stands now before what stood once: that is what is shown of it.
    for table in sorted(tables(), key=lambda table: table.is_history):
        for pk, of, values in rows_with(words, table):
            key = (table.thing, str(of))
            is_unsent = table.thing in _UNSENT or (
                table.base is StoredFile and of in files
            )
            thing = things.setdefault(key, Thing(table.thing, of, is_unsent=is_unsent))
            columns = thing.columns.setdefault(table.label, [])
            thing.rows.setdefault(table.label, []).append(pk)
            for name, value in values.items():
                if name not in columns:
                    columns.append(name)
                is_quoted = not is_unsent and table.thing not in _NOT_QUOTED
                if with_excerpts and is_quoted and thing.excerpt is None:
                    thing.excerpt = excerpt(words, value)
    return list(things.values())


def unsent_files() -> QuerySet[Any]:
    """The keys of files that wait with an answer until it is sent: its organisation's
    own, and nobody else's to read.
    """
    evidence = apps.get_model("actions.DraftEvidence")._base_manager
    return evidence.filter(file__isnull=False).values_list("file", flat=True)


Row = tuple[Any, Any, dict[str, Any]]


def rows_with(words: Words, table: Table) -> Iterator[Row]:
    """The key of each row in which they stand, what it belongs to, and the values of
    the columns in which they do.
    """
    names = [column.name for column in table.columns]
    found = candidates(words, table).values_list("pk", table.of, *names)
    for pk, of, *values in found.iterator(chunk_size=_AT_ONCE):
        hit = {
            column.name: said
            for column, value in zip(table.columns, values, strict=True)
            if value and (said := column.words_of(value)) and words.stand_in_any(said)
        }
        if hit:
            yield pk, of, hit


def candidates(words: Words, table: Table) -> QuerySet[Any]:
    """The rows that may hold them: the database compares letters of ASCII alone, so
    every row with any other in it is one.
    """
    rows = table.model._base_manager.order_by("pk")
    as_text = {
        f"as_text_{column.name}": Cast(F(column.name), models.TextField())
        for column in table.columns
    }
    may_hold = [
        Q(**{f"{name}__icontains": one}) for name in as_text for one in words.sought
    ]
    may_hold += [Q(_HasOthers(F(name), column)) for name, column in _named(table)]
    return rows.alias(**as_text).filter(reduce(or_, may_hold))


def _named(table: Table) -> list[tuple[str, Column]]:
    return [(f"as_text_{column.name}", column) for column in table.columns]


class _HasOthers(Func):
    """Whether a text has characters that are not of ASCII."""

    output_field = models.BooleanField()

    def __init__(self, text: Any, column: Column | None = None, **more: Any) -> None:
        super().__init__(text, **more)
        if connection.vendor == "postgresql":
            self.template = (
                "(octet_length(%(expressions)s) <> char_length(%(expressions)s))"
            )
        elif column and column.kind == "json":  # SQLite keeps them escaped
            self.template = r"(instr(%(expressions)s, '\u') > 0)"
        else:
            self.template = (
                "(length(CAST(%(expressions)s AS BLOB)) <> length(%(expressions)s))"
            )


def excerpt(words: Words, value: Any) -> Excerpt | None:
    for text in texts_in(value):
        for start, end in words.spans(text)[:1]:
            begin, stop = max(start - _AROUND, 0), end + _AROUND
            before, after = _in_a_line(text[begin:start]), _in_a_line(text[end:stop])
            if begin:
                before = f"…{before.partition(' ')[2]}"
            if stop < len(text):
                after = f"{after.rpartition(' ')[0]}…"
            return Excerpt(before, _in_a_line(text[start:end]), after)
    return None


def _in_a_line(text: str) -> str:
    """Files of Word and PDF have an empty line after each cell of a table."""
    return _SPACES.sub(" ", text)
