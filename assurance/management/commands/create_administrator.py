"""The first account of an installation. Others are made in the browser."""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assurance.models import User
from assurance.permissions import Role


class Command(BaseCommand):
    help = "Make an administrator's account; asks for its password"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        user = User(email=email, name=name, role=Role.ADMINISTRATOR)
        password = getpass("Password, at least 12 characters: ")
        if password != getpass("The same again: "):
            raise CommandError("The two passwords are not the same. Nothing was saved.")
        try:
            validate_password(password, user)
            user.set_password(password)
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
        self.stdout.write(f"{email} may sign in now, as an administrator.")
