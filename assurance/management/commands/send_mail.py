"""What a timer runs each minute."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from assurance.alone import alone
from assurance.mail import send_what_is_due


class Command(BaseCommand):
    help = "Send the e-mails that wait in the queue; without a mail server, print them"

    def handle(self, **_: Any) -> None:
        if not settings.MAIL_IS_SENT and not self.stdout.isatty():
            # A timer writes to the journal, where no link to set a password belongs.
            self.stdout.write("No mail server is set (EMAIL_URL): e-mails wait.")
            return
        with alone("send_mail") as nobody_else_does:
            if not nobody_else_does:
                self.stdout.write("E-mails are being sent already.")
                return
            outcome = send_what_is_due()
        if outcome.sent:
            self.stdout.write(f"Sent: {outcome.sent}.")
        if outcome.again:
            self.stdout.write(f"Could not be sent yet, tried again: {outcome.again}.")
        if outcome.failed:
            self.stdout.write(f"Could not be sent, given up: {outcome.failed}.")
        if outcome.reason:
            self.stdout.write(f"The last reason was {outcome.reason}")
