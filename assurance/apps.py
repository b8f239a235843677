"""Keeps the guards of what is written once, and what the service may do, in step with
the tables.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, OperationalError
from django.db.models.signals import post_migrate, pre_migrate


class AssuranceConfig(AppConfig):
    name = "assurance"

    def ready(self) -> None:
        from assurance.sign_in import events

        events.connect()
        # Before the migrations of any app, and after those of all.
        pre_migrate.connect(_lift_guards, sender=self)
        post_migrate.connect(_put_guards, sender=self)
        # After what other apps make then: a view.
        *_, last = (app for app in apps.get_app_configs() if app.models_module)
        post_migrate.connect(_put_grants, sender=last)
        checks.register(guards_are_there, checks.Tags.database)
        checks.register(service_may_do_little, checks.Tags.security, deploy=True)
        checks.register(nobody_is_made_up, checks.Tags.security, deploy=True)


def _lift_guards(using: str, plan: Any = (), **kwargs: Any) -> None:
    from assurance.guards import remove

    if plan:
        remove(using)


def _put_guards(using: str, **kwargs: Any) -> None:
    from assurance.guards import install

    install(using)


def _put_grants(using: str, **kwargs: Any) -> None:
    from assurance import grants

    if grants.is_laid_for_another_role(using):
        grants.lay(using)


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


def service_may_do_little(**kwargs: Any) -> list[checks.CheckMessage]:
    """``manage.py check --deploy`` says what the role of the service may do to a
    database of PostgreSQL that it needs not do.
    """
    from assurance.grants import excess

    try:
        found = excess()
    except OperationalError:
        return [
            checks.Warning(
                "The database cannot be reached, so nobody knows what the service may "
                "do to it",
                id="assurance.W002",
            )
        ]
    return [
        checks.Warning(
            f"The service {words}: whoever gets to run SQL as it could change what is "
            "written once",
            hint="Give the tables to a role of their own, as the README says under "
            "Upgrade",
            id="assurance.W003",
        )
        for words in found
    ]


def nobody_is_made_up(**kwargs: Any) -> list[checks.CheckMessage]:
    """``manage.py check --deploy`` names accounts of the demonstration where others
    reach the service. They cannot sign in, but what they stand for is made up.
    """
    from assurance.operations import why_no_office

    if not settings.TLS:
        return []
    try:
        why = why_no_office()
    except DatabaseError:  # before the first migration
        return []
    if not why:
        return []
    return [
        checks.Error(
            why,
            hint="Begin with an empty database, or let an administrator stop these "
            "accounts, or run manage.py setup_office --stop-demonstration",
            id="assurance.E001",
        )
    ]
