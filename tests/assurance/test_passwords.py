"""What a password may be, wherever one is set."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from assurance.models import User
from tests.factories import PASSWORD, OrganisationFactory, UserFactory

EXPECTED = "words that somebody who knows the office or you would try first"


def refusals(password: str, user: User | None = None) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.messages
    return []


def test_it_has_12_to_128_characters(db: None) -> None:
    letters = "jumbled letters and nothing else " * 4
    assert refusals(letters[:11]) == ["Enter a password of at least 12 characters"]
    assert refusals(letters[:12]) == []
    assert refusals(letters[:128]) == []
    assert refusals(letters[:129]) == [
        "Enter a password of at most 128 characters. This one has 129"
    ]


@pytest.mark.parametrize(
    "password",
    [
        "horse battery staple",  # no capitals, digits or signs
        "zwölf böse igel",
        "7394 5208 1167",
        "ß¥✓ wibble wobble",
        "xK9#qv2!Lm7$wZ",
    ],
)
def test_no_kind_of_character_is_asked_for(db: None, password: str) -> None:
    assert refusals(password) == []


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "abcdefghijklmno",
    ],
)
def test_a_common_one_is_refused(db: None, password: str) -> None:
    assert any("too common" in refusal for refusal in refusals(password))


@pytest.mark.parametrize(
    "password",
    [
        "Police2026!!!",
        "PoliceCommissioner1",
        "West Mercia Police 2026",
        "westmerciapolice-99",
        "WMP-OPCC-assurance",
        "P0l1ceC0mm1ss10ner",
        "Passw0rd-Passw0rd",
        "Welcome-January-2026",
        "Ada-Lovelace-1815!",
        "ada.lovelace@west.example",
        "Assurance-assurance",
    ],
)
def test_words_of_the_office_its_force_and_its_owner_do_not_make_one(
    db: None, password: str
) -> None:
    OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
    user = UserFactory(name="Ada Lovelace", email="ada.lovelace@west.example")
    assert any(EXPECTED in refusal for refusal in refusals(password, user))


@pytest.mark.parametrize(
    "password",
    [
        "the police horse eats batteries",
        "correct horse police",
        "Lovelace danced in marmalade",
        "meeting the purple otter",
    ],
)
def test_such_a_word_may_stand_in_a_long_one(db: None, password: str) -> None:
    assert refusals(password, UserFactory(name="Ada Lovelace")) == []


def test_argon2_hashes_them() -> None:
    from assurance import settings as production

    assert "Argon2" in production.PASSWORD_HASHERS[0]
    assert settings.PASSWORD_HASHERS  # of tests: something quick


# Where one is set


def own_change(as_: Any, password: str) -> list[str]:
    response = as_(UserFactory()).post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )
    return response.context["form"].errors["password1"]


def test_the_rules_hold_for_ones_own_change(as_: Any, db: None) -> None:
    assert "at least 12" in own_change(as_, "short")[0]
    assert "at most 128" in own_change(as_, "jumbled words " * 10)[0]
    assert "too common" in own_change(as_, "password1234")[0]
    assert EXPECTED in own_change(as_, "Commissioner 2026")[0]


def test_wrong_current_passwords_count_like_wrong_ones_at_sign_in(
    as_: Any, staff: User
) -> None:
    browser = as_(staff)

    def change(old: str) -> list[str]:
        new = "three random words"
        response = browser.post(
            reverse("account_change_password"),
            {"oldpassword": old, "password1": new, "password2": new},
        )
        return response.context["form"].errors["oldpassword"]

    for _ in range(5):
        assert change("not this one") == ["This is not your current password"]
    assert "has stopped" in change(PASSWORD)[0]
