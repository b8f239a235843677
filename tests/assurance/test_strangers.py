"""What a stranger can make the database keep: little, for long enough, no more."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assurance.models import Event, Session, Unsent, User
from assurance.sign_in.sessions import end_abandoned
from tests.access_table import OPEN, TABLE
from tests.openid_provider import CLIENT_ID, OpenIDProvider, openid_provider

pytestmark = pytest.mark.django_db
PASSKEY = "mfa_login_webauthn"
BY_SCRIPT = {"accept": "application/json", "x-requested-with": "XMLHttpRequest"}
# A challenge for a passkey, and the answer to nonsense about one.
COUNTED = {PASSKEY}


@pytest.fixture
def provider(settings: Any) -> Iterator[OpenIDProvider]:
    cache.clear()
    with openid_provider() as running:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = running.issuer, CLIENT_ID
        yield running


def keep_nothing(name: str, *args: Any) -> None:
    for sent in (None, {}, {"email": "n@x.example", "login": "n", "code": "1"}):
        browser, path = Client(), reverse(name, args=args)
        if sent is None:
            browser.get(path, {"next": "/meetings/", "state": "x"}, headers=BY_SCRIPT)
        else:
            browser.post(path, sent, headers=BY_SCRIPT)
        assert not Session.objects.exists(), (name, sent)


@pytest.mark.parametrize(
    "name",
    [name for (name, of), (read, _) in TABLE.items() if read == OPEN and not of],
)
def test_nothing_is_kept_for_a_stranger_who_opens_or_sends_what_is_public(
    name: str,
) -> None:
    if name not in COUNTED:
        keep_nothing(name)


def test_nothing_is_kept_for_who_comes_with_a_dead_link_or_no_sign_in_begun(
    provider: OpenIDProvider,
) -> None:
    keep_nothing("password_set", "a", "b")
    keep_nothing("password_set", "a", "now")
    keep_nothing("single_sign_on_back")
    keep_nothing("home")
    keep_nothing("meetings")


def one_more(name: str, address: str = "203.0.113.7") -> int:
    """A browser that keeps no cookie asks once more from this network address."""
    browser = Client(REMOTE_ADDR=address)
    return browser.get(reverse(name), headers=BY_SCRIPT).status_code


def test_challenges_for_passkeys_are_counted_by_network_address() -> None:
    said = [one_more(PASSKEY) for _ in range(110)]
    assert said == [200] * 100 + [429] * 10
    assert Session.objects.count() == 100
    assert one_more(PASSKEY, "203.0.113.8") == 200


def test_ways_to_single_sign_on_are_counted_by_network_address(
    provider: OpenIDProvider,
) -> None:
    said = [one_more("single_sign_on") for _ in range(105)]
    assert said == [302] * 100 + [429] * 5
    assert Session.objects.count() == 100


def test_nonsense_about_passkeys_is_counted_too() -> None:
    said = [
        Client().post(reverse(PASSKEY), {"credential": "x"}).status_code
        for _ in range(105)
    ]
    assert said == [302] * 100 + [429] * 5
    assert Session.objects.count() <= 100


def test_what_is_kept_for_a_stranger_is_kept_for_an_hour(staff: User) -> None:
    browser = Client()
    browser.get(reverse(PASSKEY), headers=BY_SCRIPT)
    Client().force_login(staff)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=59), tick=False):
        assert list(browser.session.keys()) != []
        Session.objects.filter(user=staff).update(active_at=timezone.now())
        assert end_abandoned() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=61), tick=False):
        assert end_abandoned() == 1
        assert Session.objects.get().user == staff


# What is kept about an account that a stranger names


def test_wrong_passwords_leave_no_more_than_six_events_in_a_quarter_of_an_hour(
    staff: User,
) -> None:
    typed = {"login": staff.email, "password": "wrong wrong wrong"}
    for _ in range(20):
        Client().post(reverse("account_login"), typed)
        Client().post(reverse("account_login"), typed | {"login": "n@x.example"})
    kinds = [event.kind for event in Event.objects.order_by("pk")]
    assert kinds == ["wrong_password"] * 5 + ["stopped"]


def test_forgotten_passwords_leave_one_mail_in_a_quarter_of_an_hour(
    staff: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr("assurance.views.passwords._ANSWER_TAKES", 0)
    for _ in range(8):
        for address in (staff.email, "n@x.example"):
            Client().post(reverse("password_forgotten"), {"email": address})
    assert len(mail.outbox) == 1
    assert Event.objects.count() == 1


def test_no_form_is_kept_for_somebody_who_was_never_signed_in() -> None:
    for cookie in ("", "x", "1:x:y"):
        browser = Client()
        browser.cookies["ended"] = cookie
        browser.post(reverse("theme_new"), {"name": "Words"})
    assert not Unsent.objects.exists()
    assert not Session.objects.exists()
