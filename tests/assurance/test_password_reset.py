"""A forgotten password: a link to the address, and nothing told to anybody else."""

import datetime as dt
import re
import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assurance.models import Event, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "plum cake on sundays"
FORGOTTEN = "/accounts/password/forgotten/"


@pytest.fixture(autouse=True)
def no_limits_yet(db: None) -> None:
    cache.clear()


def ask(browser: Client, address: str) -> Any:
    return browser.post(FORGOTTEN, {"email": address})


def link_in_mail() -> str:
    (message,) = mail.outbox
    (link,) = re.findall(r"http://testserver(/accounts/link/\S+)", message.body)
    return link


def use(link: str) -> Any:
    browser = Client()
    return browser.post(browser.get(link)["Location"], {"password": NEW})


def test_a_forgotten_password_is_replaced_with_a_link_and_nobody_is_signed_in_by_it(
    client: Client, as_: Any, staff: User
) -> None:
    elsewhere = as_(staff)
    assert FORGOTTEN in client.get(reverse("account_login")).content.decode()
    response = ask(client, staff.email.upper())
    assert "Look at your e-mails" in client.get(response["Location"]).content.decode()
    assert mail.outbox[0].to == [staff.email]
    assert elsewhere.get(reverse("home")).status_code == 200

    answer = use(link_in_mail())
    assert answer["Location"] == reverse("account_login")
    assert "_auth_user_id" not in answer.wsgi_request.session
    staff.refresh_from_db()
    assert staff.check_password(NEW)
    assert elsewhere.get(reverse("home")).status_code == 302
    assert "your password was changed" in mail.outbox[-1].subject
    kinds = set(Event.objects.filter(user=staff).values_list("kind", flat=True))
    assert {Event.Kind.RESET_ASKED, Event.Kind.PASSWORD_CHANGED} <= kinds


def test_who_asks_again_at_once_does_not_kill_the_link_that_was_just_sent(
    client: Client, staff: User
) -> None:
    ask(client, staff.email)
    ask(Client(), staff.email)
    assert use(link_in_mail()).status_code == 302
    staff.refresh_from_db()
    assert staff.check_password(NEW)


def test_an_unknown_address_gets_the_same_words_and_no_email(
    client: Client, staff: User
) -> None:
    UserFactory(email="gone@office.example", is_active=False)
    invited = UserFactory(email="invited@office.example")
    invited.set_unusable_password()
    invited.save()
    known = ask(client, staff.email)
    mail.outbox.clear()
    for address in ("nobody@office.example", "gone@office.example", invited.email):
        unknown = ask(client, address)
        assert (unknown.status_code, unknown["Location"]) == (302, known["Location"])
        assert unknown.content == known.content
    assert mail.outbox == []
    assert Event.objects.filter(kind=Event.Kind.RESET_ASKED).count() == 1


def test_the_answer_takes_as_long_for_an_unknown_address(client: Client) -> None:
    def seconds(address: str) -> float:
        began = time.monotonic()
        ask(client, address)
        return time.monotonic() - began

    def difference() -> float:
        cache.clear()
        known, unknown = seconds(UserFactory().email), seconds("nobody@office.example")
        assert min(known, unknown) >= 0.5
        return abs(known - unknown)

    # The machine may be busy with something else, but hardly each time.
    assert any(difference() < 0.2 for _ in range(5))


def test_the_second_step_is_neither_skipped_nor_removed(
    client: Client, staff: User
) -> None:
    TOTP.activate(staff, generate_totp_secret())
    ask(client, staff.email)
    use(link_in_mail())
    assert Authenticator.objects.filter(user=staff).count() == 1
    answer = client.post(
        reverse("account_login"), {"login": staff.email, "password": NEW}
    )
    assert "_auth_user_id" not in client.session
    assert answer["Location"].startswith(reverse("mfa_authenticate"))


def test_the_link_lasts_a_day(client: Client, staff: User) -> None:
    ask(client, staff.email)
    link = link_in_mail()
    for hours, status in ((23, 302), (25, 404)):
        with time_machine.travel(timezone.now() + dt.timedelta(hours=hours)):
            assert Client().get(link).status_code == status


@pytest.mark.parametrize("how", ["signed in", "password changed", "stopped"])
def test_the_link_is_dead_once_it_is_not_needed(
    client: Client, staff: User, how: str
) -> None:
    ask(client, staff.email)
    link = link_in_mail()
    if how == "signed in":
        login = {"login": staff.email, "password": PASSWORD}
        client.post(reverse("account_login"), login)
    if how == "password changed":
        staff.set_password("another good one")
        staff.save()
    if how == "stopped":
        User.objects.filter(pk=staff.pk).update(is_active=False)
    assert Client().get(link).status_code == 404


def test_one_address_is_asked_for_five_times_an_hour_and_others_are_not_held_up(
    client: Client, staff: User
) -> None:
    for _ in range(5):
        assert ask(client, staff.email).status_code == 302
    assert ask(client, staff.email.upper()).status_code == 429
    assert len(mail.outbox) == 1  # what was sent stands
    # The same for an address that nobody has, and a colleague may ask.
    for _ in range(5):
        ask(client, "nobody@office.example")
    assert ask(client, "nobody@office.example").status_code == 429
    assert ask(client, UserFactory().email).status_code == 302


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your e-mail address"),
        ("ada", "Enter an e-mail address, like name@office.example"),
        ("a\x00@office.example", "Enter an e-mail address"),
        (f"{'x' * 300}@office.example", "at most 254 characters"),
    ],
)
def test_what_is_no_address_is_said_and_kept(
    client: Client, typed: str, message: str
) -> None:
    response = ask(client, typed)
    assert response.status_code == 422
    assert message in response.context["form"].errors["email"][0]
    assert mail.outbox == []
