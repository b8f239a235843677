"""The secrets of second steps at rest: encrypted, and outliving a change of key."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.core.management.base import CommandError

from assurance.models import User
from tests.factories import UserFactory
from tests.second_step import (
    SECRET,
    app_code,
    give_code,
    give_password,
    recovery_codes,
    said,
    sign_in_fully,
    with_app,
)


@pytest.fixture
def real(db: None) -> User:
    return UserFactory(real=True, administrator=True)


def test_secrets_are_encrypted_in_the_database(real: User) -> None:
    with_app(real)
    rows = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in rows
    assert not any(code in rows for code in recovery_codes(real))


def test_they_outlive_a_change_of_the_secret_key(real: User, settings: Any) -> None:
    with_app(real)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one"
    sign_in_fully(real)


def test_one_that_cannot_be_read_says_what_to_do(real: User, settings: Any) -> None:
    with_app(real)
    settings.SECRET_KEY = "another one"
    response = give_code(give_password(real), app_code())
    assert "Ask an administrator to remove it" in said(response)[0]


def renewed(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("renew_secrets")
    return " ".join(capsys.readouterr().out.split())


def test_renewed_secrets_need_the_old_key_no_more_and_doing_it_again_does_nothing(
    real: User, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with_app(real)
    codes = recovery_codes(real)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one"
    said_first = renewed(capsys)
    assert "Encrypted anew: 2. With the present key already: 0." in said_first
    assert "take the old keys out of SECRET_KEY_FALLBACKS" in said_first
    before = list(Authenticator.objects.order_by("pk").values())
    assert "Encrypted anew: 0. With the present key already: 2." in renewed(capsys)
    assert list(Authenticator.objects.order_by("pk").values()) == before
    settings.SECRET_KEY_FALLBACKS = []
    assert recovery_codes(real) == codes
    assert "old" not in renewed(capsys)
    sign_in_fully(real)


def test_a_secret_that_no_key_opens_is_named_and_the_others_are_renewed(
    real: User, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SECRET_KEY, present = "forgotten", settings.SECRET_KEY
    with_app(UserFactory(name="Ada Newman", real=True))
    settings.SECRET_KEY = present
    with_app(real)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [present]
    with pytest.raises(CommandError, match="2 of them: Ada Newman"):
        call_command("renew_secrets")
    out = capsys.readouterr().out
    assert "Encrypted anew: 2." in out
    assert "take the old keys out" not in out
    settings.SECRET_KEY_FALLBACKS = []
    sign_in_fully(real)
