"""Whoever does what would be worth most to a thief shows anew that it is them."""

import time
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from assurance.models import Event, User
from tests.factories import UserFactory
from tests.second_step import with_app

ISSUER = "https://provider.example"


@pytest.fixture
def linked(db: None, settings: Any) -> User:
    """An administrator who signs in with single sign-on, and in no other way."""
    settings.OIDC_ISSUER = ISSUER
    user = UserFactory(administrator=True, real=True)
    user.set_unusable_password()
    user.save()
    SocialAccount.objects.create(user=user, provider=ISSUER, uid="subject-1")
    return user


def signed_in(user: User, *, ago: int) -> Client:
    """With single sign-on, so many minutes ago."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "socialaccount", "at": time.time() - ago * 60}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


def asked(browser: Client, name: str, *args: Any) -> Any:
    """The two answers, to looking and to sending."""
    url = reverse(name, args=args)
    return browser.get(url), browser.post(url)


PAGES = [
    "removal_new",
    "second_step_app",
    "second_step_passkey",
    "account_second_step",
]


@pytest.mark.parametrize("name", PAGES)
def test_who_has_single_sign_on_alone_confirms_with_it(linked: User, name: str) -> None:
    args = [UserFactory().pk] if name.startswith("account_") else []
    url = reverse(name, args=args)
    answer = signed_in(linked, ago=6).get(url)
    way = f"{reverse('single_sign_on')}?next={url}"
    assert unquote(answer.headers["Location"]) == way
    assert signed_in(linked, ago=4).get(url).status_code == 200


def test_who_has_single_sign_on_alone_confirms_before_the_record_leaves(
    linked: User,
) -> None:
    page, answer = asked(signed_in(linked, ago=6), "record_hand_over")
    assert "Confirm that it is you" in page.content.decode()
    assert answer.headers["Location"].startswith(reverse("single_sign_on"))
    assert not Event.objects.filter(kind=Event.Kind.HANDED_OVER).exists()
    page, answer = asked(signed_in(linked, ago=4), "record_hand_over")
    assert answer.streaming


def test_words_are_not_removed_by_who_signed_in_a_while_ago(linked: User) -> None:
    sent = {"words_to_remove": "Ada Lovelace", "why": "Erasure", "seen": "x"}
    url = reverse("removal_new")
    answer = signed_in(linked, ago=6).post(url, sent | {"step": "remove"})
    assert answer.status_code == 422
    assert "It is some minutes ago" in answer.content.decode()


@pytest.mark.parametrize("name", [*PAGES[1:3], "record_hand_over"])
def test_who_has_no_way_left_to_confirm_signs_in_again(
    linked: User, settings: Any, name: str
) -> None:
    settings.OIDC_ISSUER = ""
    browser = signed_in(linked, ago=6)
    url = reverse(name)
    answer = browser.get(url)
    assert answer.headers["Location"] == f"{reverse('account_login')}?next={url}"
    assert "_auth_user_id" not in browser.session


def test_taking_a_second_step_away_is_confirmed_by_who_has_single_sign_on_too(
    linked: User,
) -> None:
    step = with_app(linked)
    for name, args in (("second_step_remove", [step.pk]), ("second_step_codes", [])):
        answer = signed_in(linked, ago=6).get(reverse(name, args=args))
        assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
