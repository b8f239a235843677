"""Make the demonstration, once for a database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from actions.models import Action
from assurance.demonstration import make_demonstration
from assurance.demonstration.registers import ADMINISTRATOR, DOMAIN, PASSWORD
from assurance.models import User
from meetings.models import Meeting


class Command(BaseCommand):
    help = (
        "Fill an empty database with two real meetings and made-up ones around today, "
        f"and accounts at {DOMAIN} whose password is {PASSWORD}. Where the "
        "demonstration is, nothing changes; where anything else is, nothing is done."
    )

    def handle(self, **_: Any) -> None:
        if settings.TLS:
            raise CommandError(
                "These are the settings of a service that others can reach. The "
                "demonstration is for a machine of one's own, with INSECURE_HTTP=1, "
                "since anybody can know its passwords: its accounts could not sign in "
                "here. Nothing was made."
            )
        made = User.objects.filter(email=ADMINISTRATOR).first()
        if made:
            day = timezone.localdate(made.created_at)
            self.stdout.write(
                f"The demonstration is here since {day.day} {day:%B %Y}; nothing was "
                "changed."
            )
            return
        if User.objects.exists() or Meeting.objects.exists():
            raise CommandError(
                "This database is in use. The demonstration is for an empty one, since "
                "anybody can know its passwords."
            )
        make_demonstration(timezone.localdate())
        self.stdout.write(
            f"Demonstration made: {User.objects.count()} accounts, "
            f"{Meeting.objects.count()} meetings, {Action.objects.count()} actions."
        )
