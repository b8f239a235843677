"""What the service may do to a database that another role owns.

On PostgreSQL the tables may belong to a role of their own, which runs the migrations
(DATABASE_OWNER_URL), so that whoever gets to run SQL as the service (DATABASE_URL) can
neither take the guards off nor make anything. Of what is written once it may read and
add rows, delete nothing but files, and change only the columns that a removal for data
protection takes words out of, which ``assurance.guards`` refuse without a mark. Laid
after each migration, from what the models say of themselves.
"""

from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction

from assurance import guards
from assurance.removing import columns

_ALL = "SELECT, INSERT, UPDATE, DELETE"
# Of the program that migrates; the service compares it with what it knows.
_READ_ONLY = "django_migrations"
_OURS = """
    SELECT relname, relkind::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
    AND pg_has_role(relowner, 'MEMBER') ORDER BY 1
"""


def is_laid_for_another_role(using: str = "default") -> bool:
    """Whether we are connected as the owner, and the service is another role."""
    return connections[using].vendor == "postgresql" and bool(settings.SERVICE_ROLE)


def lay(using: str = "default") -> None:
    """Grant the service what it needs, and take from it what it does not."""
    connection = connections[using]
    quoted = connection.ops.quote_name
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(_OURS)
        ours = cursor.fetchall()
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before_restore_%'"
        )
        aside = [name for (name,) in cursor.fetchall()]
        service = quoted(settings.SERVICE_ROLE)
        database = quoted(connection.settings_dict["NAME"])
        others = f"FROM PUBLIC, {service}"
        statements = [
            f"REVOKE CREATE, TEMPORARY ON DATABASE {database} {others}",
            *(f"REVOKE ALL ON SCHEMA {quoted(name)} {others}" for name in aside),
            # References are looked up as the owner, who may need what all others have.
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"REVOKE ALL ON SCHEMA public FROM {service}",
            f"GRANT USAGE ON SCHEMA public TO {service}",
            # What is made until this is laid again: the table of the cache.
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            f"GRANT {_ALL} ON TABLES TO {service}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            f"GRANT USAGE, SELECT ON SEQUENCES TO {service}",
        ]
        for name, kind in ours:
            what = f"{'SEQUENCE' if kind == 'S' else 'TABLE'} public.{quoted(name)}"
            statements.append(f"REVOKE ALL ON {what} {others}")
            statements.append(f"GRANT {_granted(name, kind)} ON {what} TO {service}")
        cursor.execute("; ".join(statements))


def _granted(name: str, kind: str) -> str:
    if kind == "S":
        return "USAGE, SELECT"
    if kind == "v" or name == _READ_ONLY:
        return "SELECT"
    refused = guards.refused().get(name)
    if refused is None:
        return _ALL
    granted = ["SELECT", "INSERT"]
    if "DELETE" not in refused:
        granted.append("DELETE")
    mended = ", ".join(f'"{column}"' for column in columns_of_removals(name))
    if mended:
        granted.append(f"UPDATE ({mended})")
    return ", ".join(granted)


def columns_of_removals(table: str) -> list[str]:
    """What a removal for data protection may have to change in a guarded table: words,
    and what the model says in ``mended_by_removal``.
    """
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    words = [
        column.name
        for known in columns.tables()
        if known.model is model
        for column in known.columns
    ]
    names = [*words, *getattr(model, "mended_by_removal", ())]
    return sorted(cast(Any, model._meta.get_field(name)).column for name in names)


def excess(using: str = "default") -> list[str]:
    """What our role may do that the service ought not to, in words."""
    if connections[using].vendor != "postgresql":
        return []
    tables = guards.refused()
    may_not = [
        ", ".join([*refused, "TRUNCATE, TRIGGER"]) for refused in tables.values()
    ]
    mended = [
        f"{table} {column}" for table in tables for column in columns_of_removals(table)
    ]
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(pg_has_role(relowner, 'MEMBER')), "
            "bool_or(has_table_privilege(c.oid, may_not)) "
            "OR bool_or(has_column_privilege(c.oid, attnum, 'UPDATE') "
            "AND relname || ' ' || attname <> ALL (%s)), "
            "has_schema_privilege('public', 'CREATE') FROM pg_class c "
            "JOIN unnest(%s::text[], %s::text[]) AS t (name, may_not) "
            "ON c.relname = t.name JOIN pg_attribute ON attrelid = c.oid "
            "AND attnum > 0 AND NOT attisdropped "
            "WHERE relnamespace = 'public'::regnamespace",
            [mended, list(tables), may_not],
        )
        owns, may_change, may_make = cursor.fetchone()
    if owns:
        return ["owns the tables"]
    found = {
        "may change what is written once": may_change,
        "may make tables and functions": may_make,
    }
    return [words for words, is_so in found.items() if is_so]
