"""What tests of removing words share."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from assurance.models import Removal, User
from assurance.removing.columns import text_columns
from assurance.removing.search import find
from assurance.removing.words import Words
from meetings.documents.again import make_again
from meetings.removal import Order, digest_of, documents_to_make, remove

MARK = "[removed for data protection on 3 May 2026]"


def words(*variants: str) -> Words:
    return Words.read("\n".join(variants), mark=MARK)


def remove_all(
    *variants: str, by: User, why: str = "Request for erasure", **more: Any
) -> Removal:
    """Everything that is found, as the page does with all ticked."""
    sought = words(*variants)
    things = find(sought)
    made = make_again(documents_to_make(things, sought, MARK), lambda pk: "")
    fields = {
        "seen": digest_of(things),
        "keys": {thing.key for thing in things},
        "made": made,
    }
    return remove(Order(words=sought, why=why, by=by, mark=MARK, **(fields | more)))


def all_text() -> Iterator[tuple[str, str]]:
    """Every text in the database as the database has it, by table and column."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if not model._meta.managed:
                continue
            for field in text_columns(model):
                cursor.execute(
                    f'SELECT CAST("{field.column}" AS text) FROM '
                    f'"{model._meta.db_table}"'
                )
                for (text,) in cursor.fetchall():
                    yield f"{model._meta.label}.{field.name}", text or ""


def where(text: str) -> set[str]:
    """The columns that hold this, in capitals or not."""
    return {name for name, kept in all_text() if text.lower() in kept.lower()}
