"""The database itself refuses to change or delete what is written once.

A model says so with ``is_append_only = True``. Triggers are put on its table after each
migration, on both databases, and taken off before one: SQLite loses them whenever it
rebuilds a table, and a migration may have to fill a new column.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Model

_FUNCTION = "refuse_to_change_what_is_written_once"
_POSTGRESQL_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger AS $$
    BEGIN
        RAISE EXCEPTION 'Rows of % are written once and never changed', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END
    $$ LANGUAGE plpgsql
"""


def guarded_tables() -> list[str]:
    return sorted(
        model._meta.db_table for model in apps.get_models() if _is_append_only(model)
    )


def _is_append_only(model: type[Model]) -> bool:
    return getattr(model, "is_append_only", False)


def _triggers(table: str, vendor: str) -> dict[str, str]:
    """What guards a table: the SQL that makes each trigger, by its name."""
    if vendor == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'Rows of {table} are written once')"
        return {
            f"{table}_keeps_{event.lower()}": (
                f'CREATE TRIGGER "{table}_keeps_{event.lower()}" BEFORE {event} '
                f'ON "{table}" BEGIN {refuse}; END'
            )
            for event in ("UPDATE", "DELETE")
        }
    return {
        f"{table}_keeps_rows": (
            f'CREATE TRIGGER "{table}_keeps_rows" BEFORE UPDATE OR DELETE '
            f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()'
        ),
        f"{table}_keeps_all": (
            f'CREATE TRIGGER "{table}_keeps_all" BEFORE TRUNCATE '
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()'
        ),
    }


def missing(using: str = "default", *, of_existing: bool = False) -> list[str]:
    """The tables that ought to be guarded and are not, or those of them that exist."""
    connection = connections[using]
    there = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(there)
        found = {name for (name,) in cursor.fetchall()}
        tables = guarded_tables()
        if of_existing:
            there_are = _there(using)
            tables = [name for name in tables if name in there_are]
    return [
        table
        for table in tables
        if not _triggers(table, connection.vendor).keys() <= found
    ]


def _there(using: str) -> set[str]:
    with connections[using].cursor() as cursor:
        tables = connections[using].introspection.get_table_list(cursor)
    return {table.name for table in tables}


def install(using: str = "default") -> None:
    """Guard every table that ought to be and is there. Doing it twice does it once."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        unguarded = missing(using, of_existing=True)
        if unguarded and connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for table in unguarded:
            _drop(cursor, table, connection.vendor)
            for statement in _triggers(table, connection.vendor).values():
                cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Take the guards off, for a migration."""
    connection = connections[using]
    there = _there(using)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for table in guarded_tables():
            if table in there:
                _drop(cursor, table, connection.vendor)


def _drop(cursor: Any, table: str, vendor: str) -> None:
    on = "" if vendor == "sqlite" else f' ON "{table}"'
    for name in _triggers(table, vendor):
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without the guards, for emptying a database of tests."""
    remove(using)
    try:
        yield
    finally:
        install(using)
