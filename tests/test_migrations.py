"""Each migration goes back and forward again, with rows in the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import (
    emit_post_migrate_signal,
    emit_pre_migrate_signal,
)
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from assurance import guards
from assurance.models import Submission, User
from tests.assurance.test_guards import a_row_of_each

APPS = ["assurance", "meetings", "actions"]


def first_of(app: str) -> str:
    found = MigrationExecutor(connection).loader.disk_migrations
    return min(name for label, name in found if label == app)


def rows(columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    return {
        label: list(apps.get_model(label)._base_manager.order_by("pk").values(*names))
        for label, names in columns.items()
    }


def columns_since_the_first() -> dict[str, list[str]]:
    """What the tables of the first migrations had that they still have."""
    loader = MigrationExecutor(connection).loader
    first = loader.project_state([(app, first_of(app)) for app in APPS]).apps
    columns = {}
    for app in APPS:
        for model in first.get_app_config(app).get_models():
            now = apps.get_model(model._meta.label)
            known = {field.attname for field in now._meta.concrete_fields}
            then = {field.attname for field in model._meta.concrete_fields}
            columns[model._meta.label] = sorted(known & then)
    return columns


def applied() -> set[tuple[str, str]]:
    return set(MigrationExecutor(connection).loader.applied_migrations)


def go_to(*targets: tuple[str, str]) -> None:
    """As the command does for one of them: its way for each of several would tell the
    whole history of the tables anew.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(targets)
    emit_pre_migrate_signal(0, False, "default", plan=plan)
    state = executor.migrate(targets, plan)
    emit_post_migrate_signal(0, False, "default", apps=state.apps, plan=plan)


@contextmanager
def undone() -> Iterator[None]:
    """What is migrated here never was."""
    with connection.constraint_checks_disabled(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_every_migration_goes_back_and_forward_again_with_data() -> None:
    a_row_of_each()
    Submission.objects.create(key="a" * 64, user=User.objects.all()[0], result_url="/")
    columns, all_applied = columns_since_the_first(), applied()
    before = rows(columns)
    assert [label for label, found in before.items() if not found] == []
    firsts = [(app, first_of(app)) for app in APPS]
    try:
        go_to(*firsts)
        ours = {(app, name) for app, name in applied() if app in APPS}
        assert ours == set(firsts)
        with undone():
            call_command("migrate", "assurance", "zero", verbosity=0)
            left = connection.introspection.table_names()
            assert [name for name in left if name.split("_")[0] in APPS] == []
            go_to(*firsts)
    finally:
        call_command("migrate", verbosity=0)
    assert applied() == all_applied
    assert rows(columns) == before
    assert guards.missing() == []
    a_row_of_each()
