"""Keeps the guards of what is written once in step with the tables they are on."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class AssuranceConfig(AppConfig):
    name = "assurance"

    def ready(self) -> None:
        from assurance.sign_in import events

        events.connect()
        # Before the migrations of any app, and after those of all.
        pre_migrate.connect(_lift_guards, sender=self)
        post_migrate.connect(_put_guards, sender=self)
        checks.register(guards_are_there, checks.Tags.database)


def _lift_guards(using: str, plan: Any = (), **kwargs: Any) -> None:
    from assurance.guards import remove

    if plan:
        remove(using)


def _put_guards(using: str, **kwargs: Any) -> None:
    from assurance.guards import install

    install(using)


def guards_are_there(databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """``manage.py check --database default`` names the tables that lost theirs.

    A warning: ``migrate`` looks at it first, and is what mends it. While they are
    missing the application says that it is not ready.
    """
    from assurance.guards import missing

    return [
        checks.Warning(
            f"The database would let {table} be changed",
            hint="Run manage.py migrate: it puts the guards back",
            id="assurance.W001",
        )
        for alias in databases or []
        for table in missing(alias, of_existing=True)
    ]
