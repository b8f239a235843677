"""Signing in and out: by e-mail address, stopped for a while after wrong tries."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from allauth.core import ratelimit
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from assurance.models import Event, User
from tests.factories import PASSWORD, UserFactory

WRONG = "wrong horse battery"
LOGIN = "/accounts/login/"


def sign_in(client: Client, login: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_in(response: Any) -> bool:
    return response.status_code == 302 and response.url == reverse("home")


def said(response: Any) -> list[str]:
    return response.context["form"].non_field_errors()


STOPPED = [
    "There were five wrong tries, so sign-in to this account has stopped. Wait 15 "
    "minutes, or ask an administrator for help"
]


@pytest.mark.parametrize(
    "typed", ["ada@office.example", "ADA@Office.Example", " ada@office.example "]
)
def test_an_address_is_found_whatever_its_capitals(
    client: Client, db: None, typed: str
) -> None:
    UserFactory(email="Ada@Office.Example")
    assert is_in(sign_in(client, typed))


def test_sign_in_leads_on_to_the_page_that_was_asked_for(
    client: Client, staff: User
) -> None:
    people = reverse("people")
    page = client.get(people, follow=True)
    assert f'value="{people}"' in page.content.decode()
    response = client.post(
        LOGIN, {"login": staff.email, "password": PASSWORD, "next": people}
    )
    assert response.url == people


def test_sign_in_never_leads_to_another_site(client: Client, staff: User) -> None:
    response = client.post(
        LOGIN,
        {"login": staff.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert response.url == reverse("home")


def test_what_is_missing_is_asked_for(client: Client, db: None) -> None:
    errors = sign_in(client, "", "").context["form"].errors
    assert errors == {
        "login": ["Enter your e-mail address"],
        "password": ["Enter your password"],
    }


@pytest.mark.parametrize("login", ["ada", "ada@\x00office.example", "x" * 100_000])
def test_nonsense_for_an_address_is_refused_with_a_sentence(
    client: Client, db: None, login: str
) -> None:
    response = sign_in(client, login)
    assert response.status_code == 200
    assert response.context["form"].errors["login"]


# Wrong tries


def test_sign_in_limits_are_counted_in_the_database(db: None) -> None:
    """Every process of the server must share the count."""
    cache.set("shared", "yes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone()[0] > 0


def test_five_wrong_tries_stop_an_account_even_for_the_right_password(
    client: Client, staff: User
) -> None:
    for _ in range(5):
        assert "is wrong" in said(sign_in(client, staff.email, WRONG))[0]
    assert said(sign_in(client, staff.email)) == STOPPED
    assert said(sign_in(Client(), staff.email)) == STOPPED


def test_twenty_network_addresses_together_have_five_tries(staff: User) -> None:
    def one_try(n: int, password: str) -> list[str]:
        browser = Client(REMOTE_ADDR=f"198.51.100.{n}")
        return said(sign_in(browser, staff.email, password))

    assert ["is wrong" in one_try(n, WRONG)[0] for n in range(5)] == [True] * 5
    assert [one_try(n, PASSWORD) for n in range(20)] == [STOPPED] * 20


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_an_address_that_a_visitor_makes_up_gives_no_more_tries(staff: User) -> None:
    for n in range(5):
        forwarded = {"x-forwarded-for": f"192.0.2.{n}, 203.0.113.7"}
        sign_in(Client(), staff.email, WRONG, headers=forwarded)
    forwarded = {"x-forwarded-for": "192.0.2.99, 203.0.113.8"}
    assert said(sign_in(Client(), staff.email, headers=forwarded)) == STOPPED


def test_it_is_fifteen_minutes_from_the_fifth_not_from_the_first(
    client: Client, staff: User
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(5):
            sign_in(client, staff.email, WRONG)
            clock.shift(dt.timedelta(minutes=3))
        clock.shift(dt.timedelta(minutes=11, seconds=59))
        assert said(sign_in(client, staff.email)) == STOPPED
        clock.shift(dt.timedelta(seconds=2))
        assert is_in(sign_in(client, staff.email))


def test_trying_on_while_it_is_stopped_does_not_prolong_it(
    client: Client, staff: User
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(5):
            sign_in(client, staff.email, WRONG)
        for _ in range(14):
            clock.shift(dt.timedelta(minutes=1))
            sign_in(client, staff.email, WRONG)
        clock.shift(dt.timedelta(minutes=1, seconds=1))
        assert is_in(sign_in(client, staff.email))


def test_tries_side_by_side_are_five_too(transactional_db: None) -> None:
    """Each on a connection of its own, like processes of the server."""
    staff = UserFactory()

    def one_try(_: int) -> str:
        try:
            return sign_in(Client(), staff.email, WRONG).content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one_try, range(16)))
    assert sum("the password is wrong" in answer for answer in answers) <= 5
    assert staff.events.filter(kind="wrong_password").count() <= 5
    assert said(sign_in(Client(), staff.email)) == STOPPED


def test_700_unknown_names_do_not_unlock_an_account(
    client: Client, staff: User, rf: RequestFactory
) -> None:
    """Their counts push none out of the cache."""
    for _ in range(5):
        sign_in(client, staff.email, WRONG)
    request = rf.post(LOGIN)
    for n in range(700):
        address = f"n{n}@office.example"
        assert ratelimit.consume(request, action="login_failed", key=address)
    assert said(sign_in(client, staff.email)) == STOPPED


def test_an_account_may_sign_in_again_after_fifteen_minutes(
    client: Client, staff: User
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(5):
            sign_in(client, staff.email, WRONG)
        clock.shift(dt.timedelta(minutes=14, seconds=59))
        assert said(sign_in(client, staff.email)) == STOPPED
        clock.shift(dt.timedelta(seconds=2))
        assert is_in(sign_in(client, staff.email))


def test_a_colleague_at_the_same_network_address_is_not_affected(
    client: Client, staff: User
) -> None:
    colleague = UserFactory()
    for _ in range(8):
        sign_in(client, staff.email, WRONG)
    assert is_in(sign_in(client, colleague.email))


def test_the_right_password_does_not_use_up_tries(client: Client, staff: User) -> None:
    for _ in range(4):
        sign_in(client, staff.email, WRONG)
    for _ in range(3):
        assert is_in(sign_in(Client(), staff.email))
    assert "is wrong" in said(sign_in(client, staff.email, WRONG))[0]
    assert said(sign_in(client, staff.email)) == STOPPED


def test_an_unknown_address_is_answered_in_the_same_words(
    client: Client, staff: User
) -> None:
    def answers(login: str) -> list[str]:
        return [said(sign_in(client, login, WRONG))[0] for _ in range(7)]

    assert answers(staff.email) == answers("nobody@office.example")


def test_who_may_not_sign_in_is_answered_in_the_same_words(db: None) -> None:
    """With the right password too: it says nothing of whether it is right."""
    stopped, invited = UserFactory(is_active=False), UserFactory()
    invited.set_unusable_password()
    invited.save()

    def answers(login: str) -> list[str]:
        return [said(sign_in(Client(), login, p))[0] for p in (PASSWORD, WRONG) * 3]

    unknown = answers("nobody@office.example")
    assert answers(stopped.email) == answers(invited.email) == unknown
    assert unknown[4:] != unknown[:2]


def test_a_password_is_hashed_once_whoever_it_is_for(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the answer takes as long: hashing is what takes time."""
    hashed: list[str] = []
    hasher = get_hasher()
    encode = type(hasher).encode
    monkeypatch.setattr(
        type(hasher),
        "encode",
        lambda self, password, salt, *more: (
            hashed.append(password) or encode(self, password, salt, *more)
        ),
    )
    stopped, invited, known = UserFactory(is_active=False), UserFactory(), UserFactory()
    invited.set_unusable_password()
    invited.save()

    def times(login: str, password: str) -> int:
        hashed.clear()
        sign_in(Client(), login, password)
        return len(hashed)

    for account in (known, stopped, invited):
        assert times(account.email, WRONG) == 1
    assert times(stopped.email, PASSWORD) == 1
    assert times("nobody@office.example", WRONG) == 1
    assert times(known.email, PASSWORD) == 1


def test_what_was_tried_is_written_down_of_known_accounts(staff: User) -> None:
    for _ in range(6):
        sign_in(Client(), staff.email, WRONG)
        sign_in(Client(), "nobody@office.example", WRONG)
    kinds = list(Event.objects.order_by("id").values_list("user", "kind"))
    assert kinds == [(staff.pk, "wrong_password")] * 5 + [(staff.pk, "stopped")]
    assert not Event.objects.filter(what__contains=WRONG).exists()


def test_neither_capitals_nor_another_host_give_more_tries(
    client: Client, staff: User
) -> None:
    for attempt in range(5):
        typed = staff.email.upper() if attempt % 2 else staff.email
        sign_in(client, typed, WRONG, headers={"host": f"localhost:{8000 + attempt}"})
    assert said(sign_in(client, staff.email)) == STOPPED
    again = sign_in(client, staff.email, headers={"host": "127.0.0.1:9999"})
    assert said(again) == STOPPED


def test_very_many_tries_from_one_place_are_not_even_looked_at(
    client: Client, db: None
) -> None:
    *looked_at, last = (sign_in(client, f"n{n}@office.example") for n in range(101))
    assert {response.status_code for response in looked_at} == {200}
    assert last.status_code == 429
    assert "Wait a minute, then try again" in last.content.decode()


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_visitors_behind_a_proxy_are_told_apart(db: None) -> None:
    def one_more(visitor: str) -> int:
        forwarded = {"x-forwarded-for": visitor}
        return sign_in(Client(), "n@office.example", headers=forwarded).status_code

    assert [one_more("203.0.113.7") for _ in range(101)][-1] == 429
    assert one_more("203.0.113.8") == 200


# Signing out


def test_signing_out_asks_first_and_ends_the_session(as_: Any, staff: User) -> None:
    browser = as_(staff)
    page = browser.get(reverse("account_logout")).content.decode()
    assert "Sign out?" in page
    assert f"You are signed in as {staff.name}" in page
    response = browser.post(reverse("account_logout"))
    assert response.url == LOGIN
    assert "You are signed out." in browser.get(LOGIN).content.decode()
    assert browser.get(reverse("home")).status_code == 302


def test_a_session_ends_with_the_browser(client: Client, staff: User) -> None:
    sign_in(client, staff.email)
    assert client.session.get_expire_at_browser_close()


# One's own password


def change(browser: Client, **changes: str) -> Any:
    sent = {
        "oldpassword": PASSWORD,
        "password1": "three random words",
        "password2": "three random words",
    }
    return browser.post(reverse("account_change_password"), sent | changes)


def test_a_changed_password_ends_the_other_sessions_only(
    as_: Any, staff: User, client: Client
) -> None:
    browser, elsewhere = as_(staff), as_(staff)
    response = change(browser)
    assert response.url == reverse("home")
    assert "Password changed." in browser.get(reverse("home")).content.decode()
    assert elsewhere.get(reverse("home")).status_code == 302
    assert is_in(sign_in(client, staff.email, "three random words"))


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"oldpassword": WRONG}, "oldpassword", "This is not your current password"),
        ({"oldpassword": ""}, "oldpassword", "Enter your current password"),
        ({"password1": ""}, "password1", "Enter a new password"),
        ({"password1": "eleven-char"}, "password1", "at least 12 characters"),
        ({"password1": "password1234"}, "password1", "too common"),
        ({"password2": "something else"}, "password2", "the same password"),
    ],
)
def test_a_password_change_is_refused_with_a_reason(
    as_: Any, staff: User, changes: dict[str, str], field: str, message: str
) -> None:
    response = change(as_(staff), **changes)
    staff.refresh_from_db()
    assert message in response.context["form"].errors[field][0]
    assert staff.check_password(PASSWORD)


def test_somebody_signed_in_can_show_that_it_is_still_them(
    as_: Any, staff: User
) -> None:
    browser, page = as_(staff), reverse("account_reauthenticate")
    assert f"the password of {staff.email}" in browser.get(page).content.decode()
    wrong = browser.post(page, {"password": WRONG})
    assert wrong.context["form"].errors["password"] == ["This is not your password"]
    assert browser.post(page, {"password": PASSWORD}).url == reverse("home")
