"""What is run once after SECRET_KEY was changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from assurance.sign_in.second_step import renew_secrets


class Command(BaseCommand):
    help = "Encrypt second steps with SECRET_KEY that were set up under a key before it"

    def handle(self, **_: Any) -> None:
        found = renew_secrets()
        self.stdout.write(
            f"Encrypted anew: {found.renewed}. With the present key already: "
            f"{found.as_they_were}."
        )
        if found.lost:
            people = ", ".join(dict.fromkeys(str(user) for user in found.lost))
            raise CommandError(
                "No key in SECRET_KEY and SECRET_KEY_FALLBACKS opens "
                f"{len(found.lost)} of them: {people}. Put the key "
                "they were set up under into SECRET_KEY_FALLBACKS and run this again, "
                "or remove the second steps of these accounts."
            )
        if settings.SECRET_KEY_FALLBACKS:
            self.stdout.write(
                "Second steps need no old key any more. Links in invitations that were "
                "sent under one do, for up to seven days: then take the old keys out "
                "of SECRET_KEY_FALLBACKS and restart the service."
            )
