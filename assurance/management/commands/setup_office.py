"""The first run of an installation, and the way back in when all are locked out.

Everything is saved in one short transaction. Where an answer is missing or refused it
ends with nothing saved, a person is asked while nothing is held, and it is tried again
with all that was said.
"""

import sys
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from assurance.models import Organisation, User
from assurance.operations import stop_the_demonstration, why_no_office
from assurance.permissions import Role
from assurance.sign_in.invitations import expires_at, invite

ASKED = {
    "office": "Name of the office, for example West Mercia OPCC: ",
    "office_short": "Its short names in minutes, with commas, for example OPCC, PCC: ",
    "force": "Name of the force, for example West Mercia Police: ",
    "force_short": "Its short names in minutes, with commas, for example Force, WMP: ",
    "email": "E-mail address of the administrator: ",
    "name": "Full name of the administrator: ",
}
_OPTIONAL = {"office_short", "force_short"}


class _Unanswered(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Refused(Exception):
    """What was said to a question cannot be; the text says why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


@dataclass(frozen=True)
class _Saved:
    account: User
    link: str
    lines: list[str]


class Command(BaseCommand):
    help = (
        "Make the organisations of the office and its force and an administrator, and "
        "invite the administrator. What is there already stays; run it again to invite "
        "an administrator again, or another one. What is not given is asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, question in ASKED.items():
            parser.add_argument(_option(name), help=question.removesuffix(": "))

        parser.add_argument(
            "--stop-demonstration",
            action="store_true",
            help="Stop all accounts of the demonstration from signing in, of an office "
            "that began with it",
        )

    def handle(self, **options: Any) -> None:
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
        given = {
            name: _clean(options[name]) for name in ASKED if options[name] is not None
        }
        self._say(self._ask_and_save(given, stops=stops))

    def _ask_and_save(self, given: dict[str, str], *, stops: bool) -> _Saved:
        said = dict(given)
        was_late = False
        while True:
            try:
                return _save(said, stops=stops)
            except _Unanswered as missing:
                said[missing.name] = self._ask(missing.name)
            except _Refused as refused:
                if refused.name in given:
                    raise CommandError(f"{refused} Nothing was saved.") from refused
                self.stdout.write(str(refused))
                said[refused.name] = self._ask(refused.name)
            except IntegrityError:
                # Somebody saved the same at this moment: now it is there already.
                if was_late:
                    raise
                was_late = True

    def _ask(self, name: str) -> str:
        if not sys.stdin.isatty():
            if name in _OPTIONAL:
                return ""
            raise CommandError(
                f"Give {_option(name)}: there is nobody here to ask. Nothing was saved."
            )
        try:
            return _clean(input(ASKED[name]))
        except (KeyboardInterrupt, EOFError) as stopped:
            self.stdout.write()
            raise CommandError(
                "Stopped. Nothing was saved.", returncode=130
            ) from stopped

    def _say(self, saved: _Saved) -> None:
        for line in saved.lines:
            self.stdout.write(line)
        account, link = saved.account, saved.link
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


@transaction.atomic
def _save(said: dict[str, str], *, stops: bool) -> _Saved:
    """All of it. Raises ``_Unanswered`` or ``_Refused`` before anything is written."""
    office = _organisation(Organisation.Kind.OFFICE, "office", said)
    force = _organisation(Organisation.Kind.FORCE, "force", said)
    account = _administrator(said)
    lines = []
    if stops:
        stopped = stop_the_demonstration()
        accounts = "account" if stopped == 1 else "accounts"
        lines.append(f"{stopped} {accounts} of the demonstration stopped.")
    for row in (office, force):
        if row.pk:
            lines.append(f"{row.name} is there already.")
        else:
            row.save()
            lines.append(f"{row.name} saved, {row.get_kind_display().lower()}.")
    if account.pk:
        lines.append(f"{account.name} is an administrator already.")
    else:
        account.save()
        lines.append(f"{account.name} saved, administrator.")
    return _Saved(account, invite(account), lines)


def _organisation(
    kind: Organisation.Kind, name: str, said: dict[str, str]
) -> Organisation:
    """The one there is, unless another is named: there may be several. Else a new one,
    not saved yet.
    """
    there = Organisation.objects.filter(kind=kind).order_by("id").first()
    if there and not said.get(name):
        return there
    wanted = _answer(name, said)
    there = Organisation.objects.filter(name__iexact=wanted).first()
    if there and there.kind != kind:
        raise _Refused(
            name,
            f"{there.name} is there already, as {there.get_kind_display().lower()}. "
            "Give another name.",
        )
    if there:
        return there
    made = Organisation(name=wanted, kind=kind)
    _check(made, "name", asked=name)
    if kind == Organisation.Kind.FORCE and _is_same(wanted, said.get("office")):
        raise _Refused(
            name, f"{wanted} is the name of the office. Give that of the force."
        )
    made.short_names = _answer(f"{name}_short", said)
    _check(made, "short_names", asked=f"{name}_short")
    return made


def _is_same(one: str, other: str | None) -> bool:
    return one.lower() == (other or "").lower()


def _administrator(said: dict[str, str]) -> User:
    """Who has this address already, or a new account, not saved yet."""
    email = _answer("email", said).lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise _Refused("email", f"{email} is no e-mail address.") from error
    account = User.objects.select_for_update(no_key=True).filter(email=email).first()
    if account is None:
        made = User(email=email, role=Role.ADMINISTRATOR)
        _check(made, "email", asked="email")
        made.name = _answer("name", said)
        _check(made, "name", asked="name")
        made.set_unusable_password()
        return made
    if account.role != Role.ADMINISTRATOR:
        why = f"{account.name} has an account already, but is no administrator."
    elif not account.is_active:
        why = f"The account of {account.name} was stopped."
    elif account.is_demonstration:
        why = f"The account of {account.name} is of the demonstration."
    else:
        return account
    raise _Refused(
        "email", f"{why} Give the address of an administrator, or a new one."
    )


def _answer(name: str, said: dict[str, str]) -> str:
    answer = said.get(name)
    if answer is None or not (answer or name in _OPTIONAL):
        raise _Unanswered(name)
    if not answer.isprintable():
        raise _Refused(name, "It holds characters that cannot be seen. Type it again.")
    return answer


def _check(row: Organisation | User, field: str, *, asked: str) -> None:
    """The rules of one field, as when the row is saved."""
    others = [one.name for one in row._meta.concrete_fields if one.name != field]
    try:
        row.full_clean(exclude=others)
    except ValidationError as error:
        label = row._meta.get_field(field).verbose_name  # type: ignore[union-attr]
        raise _Refused(asked, f"The {label}: {' '.join(error.messages)}") from error


def _clean(text: str) -> str:
    return " ".join(text.split())


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
