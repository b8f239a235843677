"""The first run of an installation, and the way back in when all are locked out."""

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from assurance.models import Organisation, User
from assurance.operations import stop_the_demonstration, why_no_office
from assurance.permissions import Role
from assurance.sign_in.invitations import expires_at, invite

ASKED = {
    "office": "Name of the office, for example West Mercia OPCC: ",
    "office_short": "Its short names in minutes, with commas, for example OPCC, PCC: ",
    "force": "Name of the force, for example West Mercia Police: ",
    "force_short": "Its short names in minutes, with commas, for example Force, WMP: ",
    "name": "Full name of the administrator: ",
    "email": "E-mail address of the administrator: ",
}


class Command(BaseCommand):
    help = (
        "Make the organisations of the office and its force and an administrator, and "
        "invite the administrator. What is there already stays; run it again to invite "
        "an administrator again, or another one. What is not given is asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, question in ASKED.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}", help=question.removesuffix(": ")
            )

        parser.add_argument(
            "--stop-demonstration",
            action="store_true",
            help="Stop all accounts of the demonstration from signing in, of an office "
            "that began with it",
        )

    def handle(self, **options: Any) -> None:
        # Told when all of it is saved.
        self._done: list[str] = []
        if not settings.SITE_URL:
            raise CommandError(
                "Set the environment variable SITE_URL to the address of this service, "
                "for example https://assurance.office.example. The invitation's link "
                "is made with it."
            )
        if not settings.SITE_URL.startswith(("https://", "http://")):
            raise CommandError(
                f"SITE_URL is {settings.SITE_URL}. It must begin with https://"
            )
        stops = options["stop_demonstration"]
        if not stops and (why := why_no_office()):
            raise CommandError(
                f"{why}. An office begins with an empty database: set DATABASE_URL to "
                "another one and FILES_DIR to another folder, run migrate and "
                "createcachetable, then this again. If this office began with the "
                "demonstration and its own records are in this database, run this "
                "again with --stop-demonstration, which stops these accounts from "
                "signing in. Nothing was saved."
            )
        given = {name: self._clean(options[name]) for name in ASKED}
        try:
            with transaction.atomic():
                if stops:
                    self._stop_the_demonstration()
                for kind, name, short in (
                    (Organisation.Kind.OFFICE, "office", "office_short"),
                    (Organisation.Kind.FORCE, "force", "force_short"),
                ):
                    self._organisation(kind, name, short, given)
                account = self._administrator(given)
                link = invite(account)
        except ValidationError as error:
            raise CommandError(
                " ".join(error.messages) + " Nothing was saved."
            ) from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self._say(account, link)

    def _stop_the_demonstration(self) -> None:
        stopped = stop_the_demonstration()
        accounts = "account" if stopped == 1 else "accounts"
        self._done.append(f"{stopped} {accounts} of the demonstration stopped.")

    def _organisation(
        self, kind: str, name: str, short: str, given: dict[str, str]
    ) -> None:
        """The one there is, unless another is named: there may be several."""
        there = Organisation.objects.filter(kind=kind).order_by("id").first()
        if there and not given[name]:
            self._done.append(f"{there.name} is there already.")
            return
        wanted = given[name] or self._ask(name)
        there = Organisation.objects.filter(name__iexact=wanted).first()
        if there:
            self._done.append(f"{there.name} is there already.")
            return
        short_names = given[short] or self._ask(short, optional=True)
        made = Organisation(name=wanted, short_names=short_names, kind=kind)
        _check(made)
        made.save()
        self._done.append(f"{made.name} saved, {made.get_kind_display().lower()}.")

    def _administrator(self, given: dict[str, str]) -> User:
        email = self._email(given["email"])
        account = User.objects.filter(email=email).first()
        if account is None:
            account = User(
                email=email,
                name=given["name"] or self._ask("name"),
                role=Role.ADMINISTRATOR,
            )
            account.set_unusable_password()
            _check(account)
            account.save()
            self._done.append(f"{account.name} saved, administrator.")
            return account
        if account.role != Role.ADMINISTRATOR:
            raise CommandError(
                f"{account.name} has an account already, but is no administrator. "
                "Give the address of an administrator, or a new one. Nothing was saved."
            )
        if not account.is_active:
            raise CommandError(
                f"The account of {account.name} was stopped. Give the address of "
                "another administrator, or a new one. Nothing was saved."
            )
        self._done.append(f"{account.name} is an administrator already.")
        return account

    def _email(self, given: str) -> str:
        """As given, else asked for until it is one."""
        while True:
            email = (given or self._ask("email")).lower()
            try:
                validate_email(email)
            except ValidationError as error:
                said = f"{email} is no e-mail address."
                if given:
                    raise CommandError(f"{said} Nothing was saved.") from error
                self.stdout.write(said)
            else:
                return email

    def _say(self, account: User, link: str) -> None:
        for line in self._done:
            self.stdout.write(line)
        end = expires_at(account)
        assert end
        on = f"{end:%A} {end.day} {end:%B %Y}"
        if settings.MAIL_IS_SENT:
            self.stdout.write(f"An invitation to {account.email} waits to be sent.")
        else:
            self.stdout.write("No mail server is set (EMAIL_URL): give them the link.")
        self.stdout.write(
            f"{account.name} sets a password with this link, once, until {on}:\n{link}"
        )

    def _ask(self, name: str, *, optional: bool = False) -> str:
        if not sys.stdin.isatty():
            if optional:
                return ""
            raise CommandError(
                f"Give --{name.replace('_', '-')}: there is nobody here to ask. "
                "Nothing was saved."
            )
        while True:
            answer = self._clean(input(ASKED[name]))
            if answer or optional:
                return answer

    @staticmethod
    def _clean(text: str | None) -> str:
        return " ".join((text or "").split())


def _check(row: Organisation | User) -> None:
    """Raises ``ValidationError`` whose messages name the field."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError(
            [
                f"{'' if name == '__all__' else f'The {_label(row, name)}: '}{message}"
                for name, messages in error.message_dict.items()
                for message in messages
            ]
        ) from error


def _label(row: Organisation | User, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
