"""All rows of the database in short, to see what a request changed."""

import hashlib
from collections.abc import Collection

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
