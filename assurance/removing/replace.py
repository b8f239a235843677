"""Puts a mark where words stood, in rows that were found. Call it in a transaction,
with the guards lifted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

from django.db import IntegrityError, connection, transaction

from assurance.removing.columns import Column, Table, tables
from assurance.removing.search import Thing
from assurance.removing.words import Words

_AT_ONCE = 500  # rows
# What stands where a web or e-mail address did: nothing is ever found or sent there.
NOWHERE = "removed.invalid"
# Where the mark is too long for a column.
SHORT = "[removed]"


@dataclass
class Changed:
    """Which columns of which rows, by table; never what stood there."""

    columns: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    rows: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))

    def count(self) -> int:
        return sum(map(len, self.rows.values()))

    def to_json(self) -> dict[str, Any]:
        return {
            label: {
                "columns": sorted(self.columns[label]),
                "rows": sorted(rows, key=lambda pk: (isinstance(pk, str), pk)),
            }
            for label, rows in sorted(self.rows.items())
        }


def replace(things: Iterable[Thing], words: Words, mark: str, into: Changed) -> None:
    """In the rows themselves, which are held until the transaction ends, then in their
    history.
    """
    wanted: dict[str, list[Any]] = defaultdict(list)
    for thing in things:
        for label, pks in thing.rows.items():
            wanted[label] += pks
    for table in sorted(tables(), key=lambda table: table.is_history):
        pks = sorted(wanted[table.label])
        for start in range(0, len(pks), _AT_ONCE):
            _replace_in(table, pks[start : start + _AT_ONCE], words, mark, into)


def _replace_in(
    table: Table, pks: Sequence[Any], words: Words, mark: str, into: Changed
) -> None:
    names = [column.name for column in table.columns]
    held = table.model._base_manager.filter(pk__in=pks).order_by("pk")
    found = held.select_for_update(no_key=True).values_list("pk", table.of, *names)
    changes: list[tuple[Any, dict[str, Any]]] = []
    for pk, of, *values in found:
        new = {
            column.name: _without(column, value, words, mark, of)
            for column, value in zip(table.columns, values, strict=True)
            if value and (said := column.words_of(value)) and words.stand_in_any(said)
        }
        if new:
            changes.append((pk, new))
            into.rows[table.label].add(pk)
            into.columns[table.label] |= new.keys()
    changes.sort(key=lambda change: sorted(change[1]))
    for columns, alike in groupby(changes, key=lambda change: sorted(change[1])):
        _write(table, columns, list(alike))


def _without(column: Column, value: Any, words: Words, mark: str, of: Any) -> Any:
    match column.kind:
        case "json" if column.key:
            return value | {column.key: words.without_in(value[column.key], mark)}
        case "json":
            return words.without_in(value, mark)
        case "link":
            return f"https://{NOWHERE}/"
        case "address":
            return f"removed-{of}@{NOWHERE}"
        case "addresses":  # who is left gets the e-mail
            return [one for one in value if not words.stand_in(one)]
    for one in (mark, SHORT):
        text = words.without(value, one)
        if not column.longest or len(text) <= column.longest:
            return text
    return SHORT[: column.longest]


def _write(table: Table, columns: list[str], changes: list[tuple[Any, dict]]) -> None:
    if any(table.column(name).is_unique for name in columns):
        for pk, new in changes:
            _write_unlike_others(table, columns, pk, new)
    else:
        _execute(table, columns, changes)


def _write_unlike_others(
    table: Table, columns: list[str], pk: Any, new: dict[str, Any]
) -> None:
    """Two themes cannot both be named the mark: the second is numbered."""
    number = 1
    while True:
        try:
            with transaction.atomic():
                return _execute(table, columns, [(pk, new)])
        except IntegrityError:
            number += 1
            if number > 1000:
                raise
            new = {
                name: _numbered(table.column(name), value, number)
                for name, value in new.items()
            }


def _numbered(column: Column, value: Any, number: int) -> Any:
    if not column.is_unique or column.kind != "text":
        return value
    said = value.rpartition(" #")[0] if number > 2 else value
    end = f" #{number}"
    return said[: (column.longest or len(said) + len(end)) - len(end)] + end


def _execute(table: Table, columns: list[str], changes: list[tuple[Any, dict]]) -> None:
    """Past the models, whose history would keep what is removed."""
    quoted, meta = connection.ops.quote_name, cast(Any, table.model._meta)
    fields = [meta.get_field(name) for name in columns]
    sets = [f"{quoted(field.column)} = %s" for field in fields]
    if table.has_version:
        version = quoted("version")
        sets.append(f"{version} = {version} + 1")
    sql = (
        f"UPDATE {quoted(meta.db_table)} SET {', '.join(sets)} "  # noqa: S608
        f"WHERE {quoted(meta.pk.column)} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            sql,
            [
                [
                    *(
                        field.get_db_prep_save(new[field.name], connection)
                        for field in fields
                    ),
                    meta.pk.get_db_prep_save(pk, connection),
                ]
                for pk, new in changes
            ],
        )
