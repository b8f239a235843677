"""Keeps the view of resolved dues in step with the tables it reads."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class ActionsConfig(AppConfig):
    name = "actions"

    def ready(self) -> None:
        # Both databases refuse to alter a table that a view reads, so the view goes
        # before the migrations of any app and comes back after those of the last.
        pre_migrate.connect(_drop_view, sender=self)
        post_migrate.connect(_create_view, sender=self)


def _drop_view(using: str, plan: Any = (), **kwargs: Any) -> None:
    from actions.models.resolved import DROP_VIEW

    if plan:
        with connections[using].cursor() as cursor:
            cursor.execute(DROP_VIEW)


def _create_view(using: str, plan: Any = (), **kwargs: Any) -> None:
    from actions.models.resolved import CREATE_VIEW, DROP_VIEW, VIEW

    with connections[using].cursor() as cursor:
        found = {
            table.name
            for table in connections[using].introspection.get_table_list(cursor)
        }
        if VIEW in found and not plan:
            return  # nothing was migrated, and people are at work
        cursor.execute(DROP_VIEW)
        # Migrated back to nothing, there is nothing to read.
        if {"actions_action", "meetings_meeting"} <= found:
            cursor.execute(CREATE_VIEW)
