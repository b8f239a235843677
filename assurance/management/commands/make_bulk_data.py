"""Fill a database for measuring how the application does with twenty years in it."""

from argparse import ArgumentParser
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from assurance.demonstration.bulk import ACCOUNTS, DOMAIN, PASSWORD, Bulk
from assurance.models import User


class Command(BaseCommand):
    help = (
        "Fill a database for measuring: the same rows for the same --seed and day. "
        f"Sign in as user01@{DOMAIN} (there are {ACCOUNTS}) with password {PASSWORD}. "
        "Never for a database in use: anybody can know that password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--meetings", type=int, default=240)
        parser.add_argument("--actions", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, meetings: int, actions: int, seed: int, **_: Any) -> None:
        if meetings < 2 or actions < 1:
            raise CommandError("Ask for at least two meetings and one action.")
        if User.objects.filter(email__endswith=f"@{DOMAIN}").exists():
            raise CommandError("This database holds bulk data already.")
        bulk = Bulk(
            rng=Random(seed),
            today=timezone.localdate(),
            meetings=meetings,
            actions=actions,
        )
        with transaction.atomic():
            bulk.make_registers()
            bulk.make_meetings()
            self.stdout.write(f"{ACCOUNTS} accounts, {meetings} meetings")
            for done in bulk.make_actions():
                self.stdout.write(f"{done} of {actions} actions")
            bulk.publish()
        with connection.cursor() as cursor:
            # The planner knows nothing of rows that came in one go.
            cursor.execute("ANALYZE")
