"""All rows of the database in short, to see what a request changed."""

import hashlib
from collections.abc import Callable, Collection
from typing import Any

from django.apps import apps
from django.db import connection

# Not of the record: who is signed in, what they did, counts of tries. A session is
# stamped by being used.
BESIDE_THE_RECORD = {"assurance_session", "assurance_event", "cache", "sessions"}


def digest(*, leave_out: Collection[str] = BESIDE_THE_RECORD) -> dict[str, str]:
    """A digest of the rows of every table, those of its history too, by its name."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(_tables() - set(leave_out)):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def _tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in models}


def changed(before: dict[str, str], **more: Collection[str]) -> set[str]:
    """The tables whose rows are not what they were."""
    now = digest(**more)
    return {table for table in before if now[table] != before[table]}


def changed_by(ask: Callable[[Any], object], each: Collection[Any]) -> dict:
    """The tables whose rows are not what they were after asking for each of these, by
    whom it was; where nobody does it again, of them all.
    """
    before = digest()
    for one in each:
        ask(one)
    if not (tables := changed(before)):
        return {}
    found = {}
    for one in each:
        before = digest()
        ask(one)
        if again := changed(before):
            found[one] = again
    return found or {"the first time": tables}
