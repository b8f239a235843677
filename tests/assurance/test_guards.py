"""What is written once: the database refuses to change it, whoever asks."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from assurance import guards
from assurance.apps import guards_are_there
from meetings.models import Agreement, MinutesVersion, Withdrawal
from tests.factories import (
    AgreementFactory,
    MinutesVersionFactory,
    WithdrawalFactory,
)

KEPT = [
    (MinutesVersionFactory, "why", "another reason"),
    (WithdrawalFactory, "why", "another reason"),
    (AgreementFactory, "changes", "another change"),
]
ids = [factory._meta.model.__name__ for factory, _, _ in KEPT]


def test_versions_agreements_and_withdrawals_are_guarded(db: None) -> None:
    kept = {m._meta.db_table for m in (MinutesVersion, Withdrawal, Agreement)}
    assert kept <= set(guards.guarded_tables())
    assert guards.missing() == []


@pytest.mark.parametrize(("factory", "field", "value"), KEPT, ids=ids)
def test_no_way_changes_or_deletes_a_kept_row(
    db: None, factory: Any, field: str, value: str
) -> None:
    row = factory()
    connection.check_constraints()
    model, table = type(row), type(row)._meta.db_table
    before = model.objects.values().get(pk=row.pk)

    def raw(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    row_again = model.objects.get(pk=row.pk)
    setattr(row_again, field, value)
    tries = [
        lambda: model.objects.filter(pk=row.pk).update(**{field: value}),
        lambda: model.objects.filter(pk=row.pk)._raw_delete("default"),
        lambda: model.objects.bulk_update([row_again], [field]),
        lambda: raw(f"UPDATE {table} SET {field} = 'x' WHERE id = {row.pk}"),
        lambda: raw(f"DELETE FROM {table}"),
    ]
    if connection.vendor == "postgresql":
        tries.append(lambda: raw(f"TRUNCATE {table} CASCADE"))
    else:
        columns = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
        tries.append(
            lambda: raw(
                f"INSERT OR REPLACE INTO {table} ({columns}) "
                f"SELECT {columns} FROM {table}"
            )
        )
    for attempt in tries:
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            attempt()
    for attempt in (row_again.save, row_again.delete):
        with pytest.raises(TypeError, match="never"):
            attempt()
    assert model.objects.values().get(pk=row.pk) == before


def test_lost_guards_are_named_by_the_check_and_put_back_by_migrate(
    db: None, client: Client
) -> None:
    guards.remove()
    said = [error.msg for error in guards_are_there(["default"])]
    assert "The database would let meetings_minutesversion be changed" in said
    assert client.get("/health/ready").status_code == 503
    call_command("migrate", verbosity=0, skip_checks=False)
    assert guards_are_there(["default"]) == []
    assert client.get("/health/ready").content == b"ready"


@pytest.mark.django_db(transaction=True)
def test_a_table_still_to_be_made_is_no_reason_to_warn() -> None:
    """The first migration is looked at before it makes them."""
    guards.remove()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE meetings_agreement RENAME TO elsewhere")
    try:
        said = " ".join(warning.msg for warning in guards_are_there(["default"]))
        assert "meetings_minutesversion" in said
        assert "meetings_agreement" not in said
        assert "meetings_agreement" in guards.missing()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO meetings_agreement")
        guards.install()
