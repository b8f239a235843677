"""The first account of an installation."""

import pytest
from django.core.management import CommandError, call_command

from assurance.management.commands import create_administrator
from assurance.models import User
from assurance.permissions import Permission, user_can
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    """What the person at the terminal types, line by line."""

    def type_(*lines: str) -> None:
        remaining = list(lines)
        monkeypatch.setattr(
            create_administrator, "getpass", lambda prompt: remaining.pop(0)
        )

    return type_


def test_the_first_administrator_signs_in_and_makes_accounts(typed, client):
    typed("plum cake on Sundays", "plum cake on Sundays")
    call_command("create_administrator", "first@office.example", "First Person")
    user = User.objects.get()
    assert user.check_password("plum cake on Sundays")
    assert user_can(user, Permission.MANAGE_ACCOUNTS)


@pytest.mark.parametrize(
    ("email", "lines", "sentence"),
    [
        ("a@office.example", ("plum cake on Sundays", "other"), "not the same"),
        ("a@office.example", ("short", "short"), "too short"),
        ("not an address", ("plum cake on Sundays",) * 2, "valid email"),
        ("TAKEN@office.example", ("plum cake on Sundays",) * 2, "is an account"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(typed, email, lines, sentence):
    UserFactory(email="taken@office.example")
    typed(*lines)
    with pytest.raises(CommandError, match=sentence):
        call_command("create_administrator", email, "Somebody")
    assert User.objects.count() == 1
