"""Whoever does what would be worth most to a thief shows anew that it is them."""

import time
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client, RequestFactory
from django.urls import reverse

from assurance.models import Event, Session, Unsent, User
from assurance.sign_in.second_step import add_app, make_codes
from tests.factories import PASSWORD, UserFactory
from tests.second_step import SECRET, with_app

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
    "account_new",
    "account_invite",
]


@pytest.mark.parametrize("name", PAGES)
def test_who_has_single_sign_on_alone_confirms_with_it(linked: User, name: str) -> None:
    is_of_another = name.startswith("account_") and name != "account_new"
    args = [UserFactory().pk] if is_of_another else []
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


def test_an_account_is_read_by_who_signed_in_a_while_ago_and_changed_by_who_confirms(
    administrator: User, client: Client
) -> None:
    account = UserFactory(name="Ada Newman")
    url = reverse("account_edit", args=[account.pk])
    client.force_login(administrator)
    page = client.get(url)
    assert page.context["form"]["name"].value() == "Ada Newman"
    sent = {name: page.context["form"][name].value() for name in ("email", "role")}
    sent |= {"name": "Ada Young", "is_active": "on", "version": 0}
    answer = client.post(url, sent)
    assert answer.url.startswith(reverse("account_reauthenticate"))
    account.refresh_from_db()
    assert account.name == "Ada Newman"
    # What was sent is saved as soon as they have.
    client.post(answer.url, {"password": PASSWORD})
    account.refresh_from_db()
    assert account.name == "Ada Young"


def test_what_was_sent_waits_for_who_confirms_with_single_sign_on(
    linked: User,
) -> None:
    account = UserFactory(name="Ada Newman")
    url = reverse("account_edit", args=[account.pk])
    sent = {"name": "Ada Young", "email": account.email, "role": account.role}
    sent |= {"is_active": "on", "version": "0"}
    answer = signed_in(linked, ago=6).post(url, sent)
    kept = Unsent.objects.get(user=linked)
    page = reverse("unsent", args=[kept.token])
    assert unquote(answer.url) == f"{reverse('single_sign_on')}?next={page}"
    browser = signed_in(linked, ago=0)
    assert "Ada Young" in browser.get(page).content.decode()
    browser.post(kept.path, {name: values[0] for name, values in kept.sent})
    account.refresh_from_db()
    assert account.name == "Ada Young"


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


def test_an_account_is_told_at_the_old_address_of_a_new_one_and_signed_out(
    as_: Any, administrator: User, mailoutbox: list[EmailMessage]
) -> None:
    account = UserFactory(email="old@office.example", real=True)
    elsewhere = as_(account)
    save_account_with(as_(administrator), account, email="new@office.example")
    account.refresh_from_db()
    assert account.email == "new@office.example"
    (told,) = mailoutbox
    assert told.to == ["old@office.example"]
    assert "changed to new@office.example" in told.body
    assert not account.sessions.exists()
    assert "/accounts/login/" in elsewhere.get(reverse("account")).url


def save_account_with(browser: Client, account: User, **changes: str) -> None:
    page = browser.get(reverse("account_edit", args=[account.pk]))
    sent = {name: page.context["form"][name].value() for name in ("name", "role")}
    sent |= {"email": account.email, "is_active": "on", "version": 0, **changes}
    answer = browser.post(reverse("account_edit", args=[account.pk]), sent)
    assert answer.status_code == 302, answer.content.decode()[-3000:]


def test_ending_a_link_is_confirmed_noted_told_and_signs_out(
    as_: Any, linked: User, mailoutbox: list[EmailMessage]
) -> None:
    administrator = UserFactory(administrator=True)
    url = reverse("account_unlink", args=[linked.pk])
    unconfirmed = Client()
    unconfirmed.force_login(administrator)
    then = reverse("account_edit", args=[linked.pk])
    way = f"{reverse('account_reauthenticate')}?next={then}"
    assert unquote(unconfirmed.post(url).url) == way
    assert SocialAccount.objects.filter(user=linked).exists()
    signed_in(linked, ago=0)
    as_(administrator).post(url)
    assert not SocialAccount.objects.filter(user=linked).exists()
    assert not linked.sessions.exists()
    event = Event.objects.get(kind=Event.Kind.UNLINKED)
    assert (event.user, event.by) == (linked, administrator)
    assert [email.to for email in mailoutbox] == [[linked.email]]


def test_a_session_that_was_ended_meanwhile_sets_up_no_second_step(db: None) -> None:
    user = UserFactory()
    browser = Client()
    browser.force_login(user)
    request = RequestFactory().post("/")
    request.user, request.session = user, browser.session
    Session.objects.all().delete()
    with pytest.raises(ValidationError, match="signed out meanwhile"):
        add_app(request, secret=SECRET, counter=0)
    with pytest.raises(ValidationError, match="signed out meanwhile"):
        make_codes(request)
    assert not Authenticator.objects.exists()
