"""The database itself refuses to change or delete what is written once.

A model says so with ``is_append_only = True``; the history that simple_history keeps of
other models is always so. Rows of one with ``is_never_changed = True`` may be deleted,
while nothing refers to them, and another never takes the place of one: SQLite refuses
at once to delete what is referred to, and not at the end of the transaction; PostgreSQL
gives whoever does not own the tables no number twice.
Triggers are put on its table after each migration, on both databases, and taken off
before one: SQLite loses them whenever it rebuilds a table, and a migration may have to
fill a new column.

They can be lifted to remove words for data protection. On PostgreSQL whoever does not
own the tables then has to leave a mark: what was changed is refused at the end of the
transaction unless a ``Removal`` of the same transaction names each row, in ``places``.
When that was is said by the database. See ``assurance.grants`` for what else such a
role may do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Model
from simple_history.models import HistoricalChanges

# Of PostgreSQL, while it is "yes" in a transaction: see ``lifted``.
_LIFTED = "assurance.guards_lifted"
_FUNCTION = "refuse_to_change_what_is_written_once"
_FUNCTION_OF_MARKS = "refuse_to_change_without_a_mark"
_FUNCTION_OF_TIMES = "say_when_words_were_removed"
# Where ``Removal.places`` names the rows, by their table.
WRITTEN_ONCE = "written_once"
_FUNCTION_OF_NUMBERS = "give_no_number_twice"
_IS_OF_OWNER = """pg_has_role(
            current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
        )"""
# Names are looked for where only the owner makes anything.
_POSTGRESQL_FUNCTIONS = f"""
    CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger AS $$
    BEGIN
        IF current_setting('{_LIFTED}', true) = 'yes' THEN
            IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'Rows of % are written once and never changed', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END
    $$ LANGUAGE plpgsql;
    CREATE OR REPLACE FUNCTION {_FUNCTION_OF_MARKS}() RETURNS trigger AS $$
    BEGIN
        IF NOT {_IS_OF_OWNER} AND NOT EXISTS (
            SELECT FROM public.assurance_removal WHERE at = transaction_timestamp()
            AND places -> '{WRITTEN_ONCE}' -> TG_TABLE_NAME
                @> (to_jsonb(OLD) -> TG_ARGV[0])
        ) THEN
            RAISE EXCEPTION 'No removal names row % of %, which is written once',
                to_jsonb(OLD) -> TG_ARGV[0], TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END
    $$ LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp;
    CREATE OR REPLACE FUNCTION {_FUNCTION_OF_TIMES}() RETURNS trigger AS $$
    BEGIN
        IF NOT {_IS_OF_OWNER} THEN NEW.at := transaction_timestamp(); END IF;
        RETURN NEW;
    END
    $$ LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp;
    CREATE OR REPLACE FUNCTION {_FUNCTION_OF_NUMBERS}() RETURNS trigger AS $$
    BEGIN
        IF NOT {_IS_OF_OWNER} THEN
            NEW.id := nextval(pg_get_serial_sequence(
                format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), 'id'
            ));
        END IF;
        RETURN NEW;
    END
    $$ LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
"""


def guarded_tables() -> list[str]:
    return sorted(refused())


def refused() -> dict[str, tuple[str, ...]]:
    """What the database refuses to do to rows, by the table."""
    found = {model._meta.db_table: _refused_of(model) for model in apps.get_models()}
    return {table: refused for table, refused in found.items() if refused}


def _refused_of(model: type[Model]) -> tuple[str, ...]:
    is_history = issubclass(model, HistoricalChanges)
    if is_history or getattr(model, "is_append_only", False):
        return ("UPDATE", "DELETE")
    return ("UPDATE",) if getattr(model, "is_never_changed", False) else ()


def _triggers(table: str, vendor: str) -> dict[str, str]:
    """What guards a table: the SQL that makes each trigger, by its name."""
    events = refused()[table]
    if vendor == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'Rows of {table} are written once')"
        triggers = {
            f"{table}_keeps_{event.lower()}": (
                f'CREATE TRIGGER "{table}_keeps_{event.lower()}" BEFORE {event} '
                f'ON "{table}" BEGIN {refuse}; END'
            )
            for event in events
        }
        if "DELETE" not in events:
            refuse = "SELECT RAISE(ABORT, 'Something refers to it')"
            triggers[f"{table}_keeps_used"] = (
                f'CREATE TRIGGER "{table}_keeps_used" BEFORE DELETE ON "{table}" '
                f"WHEN {_is_used(table)} BEGIN {refuse}; END"
            )
        return triggers
    triggers = {
        f"{table}_keeps_rows": (
            f'CREATE TRIGGER "{table}_keeps_rows" BEFORE {" OR ".join(events)} '
            f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()'
        ),
        f"{table}_keeps_marks": (
            f'CREATE CONSTRAINT TRIGGER "{table}_keeps_marks" AFTER UPDATE '
            f'ON "{table}" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
            f"EXECUTE FUNCTION {_FUNCTION_OF_MARKS}('{_key(table)}')"
        ),
    }
    if table == "assurance_removal":
        triggers[f"{table}_keeps_times"] = (
            f'CREATE TRIGGER "{table}_keeps_times" BEFORE INSERT '
            f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION {_FUNCTION_OF_TIMES}()'
        )
    if "DELETE" in events:
        triggers[f"{table}_keeps_all"] = (
            f'CREATE TRIGGER "{table}_keeps_all" BEFORE TRUNCATE '
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()'
        )
    else:
        triggers[f"{table}_keeps_numbers"] = (
            f'CREATE TRIGGER "{table}_keeps_numbers" BEFORE INSERT '
            f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION {_FUNCTION_OF_NUMBERS}()'
        )
    return triggers


def _is_used(table: str) -> str:
    """Whether a row that is to be deleted is referred to, history aside, as SQL."""
    links = [
        field
        for model in apps.get_models()
        for field in cast(Any, model._meta.concrete_fields)
        if field.is_relation
        and field.db_constraint
        and field.related_model._meta.db_table == table
    ]
    return " OR ".join(
        f'OLD."{_key(table)}" IN '  # noqa: S608
        f'(SELECT "{field.column}" FROM "{field.model._meta.db_table}")'
        for field in links
    )


def _key(table: str) -> str:
    """The column of its primary key."""
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    return cast(Any, model._meta.pk).column


def missing(using: str = "default", *, of_existing: bool = False) -> list[str]:
    """The tables that ought to be guarded and are not, or those of them that exist."""
    vendor = connections[using].vendor
    found = _found(using)
    tables = guarded_tables()
    if of_existing:
        there_are = _there(using)
        tables = [name for name in tables if name in there_are]
    return [table for table in tables if not _triggers(table, vendor).keys() <= found]


def _found(using: str) -> set[str]:
    """The names of all triggers that are at work."""
    triggers = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connections[using].vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(triggers)
        return {name for (name,) in cursor.fetchall()}


def _there(using: str) -> set[str]:
    with connections[using].cursor() as cursor:
        tables = connections[using].introspection.get_table_list(cursor)
    return {table.name for table in tables}


def install(using: str = "default") -> None:
    """Guard every table that ought to be and is there. Doing it twice does it once."""
    unguarded = missing(using, of_existing=True)
    if not unguarded:
        return
    vendor = connections[using].vendor
    statements = [_POSTGRESQL_FUNCTIONS] if vendor == "postgresql" else []
    for table in unguarded:
        statements += _drops(table, vendor)
        statements += _triggers(table, vendor).values()
    _run(statements, using)


def remove(using: str = "default") -> None:
    """Take the guards off, for a migration."""
    vendor = connections[using].vendor
    there = _there(using)
    _run(
        [
            statement
            for table in guarded_tables()
            if table in there
            for statement in _drops(table, vendor)
        ],
        using,
    )


def _drops(table: str, vendor: str) -> list[str]:
    on = "" if vendor == "sqlite" else f' ON "{table}"'
    return [f'DROP TRIGGER IF EXISTS "{name}"{on}' for name in _triggers(table, vendor)]


def _run(statements: list[str], using: str) -> None:
    """All or none of these; PostgreSQL takes them in one go."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql" and statements:
            statements = ["; ".join(statements)]
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """A transaction, or a part of one, without the guards; nobody else is without.

    For removing what data protection law forbids to keep, with a ``Removal`` that says
    so, and for emptying a database of tests. What fails in it is undone, and the guards
    stand as before.
    """
    with transaction.atomic(using=using):
        if connections[using].vendor == "postgresql":
            # Triggers cannot be dropped from a table that the transaction wrote to.
            _set(_LIFTED, "yes", using)
            yield
            _set(_LIFTED, "", using)
        else:
            remove(using)
            yield
            install(using)


def _set(name: str, value: str, using: str) -> None:
    """Of this transaction only."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
