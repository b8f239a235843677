"""One's own account: where it is signed in, what happened, and ending it elsewhere."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assurance.models import Event, User
from assurance.sign_in import devices
from assurance.sign_in.sessions import (
    ACTIVE_AT,
    ADDRESS,
    DEVICE,
    SIGNED_IN_AT,
    SessionStore,
)
from tests.factories import UnsentFactory, UserFactory

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
FIREFOX = f"{WINDOWS}; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def elsewhere(user: User, device: str = FIREFOX, *, minutes: int = 1) -> str:
    """A session in another browser, and its key."""
    then = (timezone.now() - dt.timedelta(minutes=minutes)).timestamp()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[SIGNED_IN_AT] = session[ACTIVE_AT] = then
    session[DEVICE], session[ADDRESS] = device, "203.0.113.7"
    session.save()
    assert session.session_key
    return session.session_key


def happened(user: User, kind: str, **fields: Any) -> Event:
    return Event.objects.create(kind=kind, user=user, **fields)


def page(browser: Client, address: str = "account", **query: Any) -> str:
    response = browser.get(reverse(address), query)
    assert response.status_code == 200
    return response.content.decode()


def keys(html: str) -> list[str]:
    return re.findall(r'name="place" value="(\w{32})"', html)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (f"{WINDOWS}) {CHROME} Edg/126.0.0.0", "Edge on Windows"),
        (f"{WINDOWS}) {CHROME}", "Chrome on Windows"),
        (IPHONE, "Safari on iOS"),
        ("curl/8.1", "curl"),
        ("", "A browser that does not say which"),
        ("x" * 300, f"{'x' * 60}…"),
        ("<b>Me</b>", "<b>Me</b>"),
    ],
)
def test_a_device_is_named_in_words(agent: str, words: str) -> None:
    assert devices.in_words(agent) == words


def test_the_page_says_who_one_is_and_leads_to_the_password(
    as_: Any, liaison: User
) -> None:
    html = page(as_(liaison))
    for words in (liaison.name, liaison.email, str(liaison.organisation)):
        assert f'summary-list__value">{words}</dd>' in html
    assert "Liaison of a force or partner" in html
    assert reverse("account_change_password") in html
    assert reverse("second_step") in html
    assert "ask an administrator of the office" in html
    assert "You are signed in nowhere else." in html
    assert "will be listed here" in html


def test_every_place_is_listed_with_device_address_and_times(
    as_: Any, staff: User
) -> None:
    other = elsewhere(staff)
    elsewhere(UserFactory(), IPHONE)
    elsewhere(staff, IPHONE, minutes=31)  # nobody came back to it
    html = page(as_(staff))
    assert html.count("This one") == 1
    assert html.count("Firefox on Windows") == 2  # of the row and of its button
    assert "203.0.113.7" in html
    assert "Safari on iOS" not in html
    assert "Sign out the other one" in html
    for key in (other, *staff.sessions.values_list("session_key", flat=True)):
        assert key not in html


def test_one_place_is_signed_out_at_a_press(as_: Any, staff: User) -> None:
    elsewhere(staff, IPHONE)
    kept = elsewhere(staff, minutes=2)
    browser = as_(staff)
    phone = keys(page(browser))[0]
    response = browser.post(reverse("account_sign_out"), {"place": phone})
    assert response.url == reverse("account")
    html = page(browser)
    assert "Safari on iOS is signed out." in html
    assert staff.sessions.count() == 2
    assert staff.sessions.filter(pk=kept).exists()
    event = staff.events.get()
    assert (event.kind, event.by) == (Event.Kind.SESSIONS_ENDED, staff)
    assert event.what == "Safari on iOS, by themselves"
    browser.post(reverse("account_sign_out"), {"place": phone})
    assert "It was signed out already." in page(browser)


def test_all_others_are_signed_out_at_a_press(as_: Any, staff: User) -> None:
    elsewhere(staff, IPHONE)
    elsewhere(staff)
    other = UserFactory()
    elsewhere(other)
    browser = as_(staff)
    assert "Sign out all 2 others" in page(browser)
    browser.post(reverse("account_sign_out"), {"place": "others"})
    assert "Signed out in 2 other places." in page(browser)
    assert (staff.sessions.count(), other.sessions.count()) == (1, 1)
    browser.post(reverse("account_sign_out"), {"place": "others"})
    assert staff.events.count() == 1


@pytest.mark.parametrize("place", ["", "x" * 32, "others2", "é\u202e"])
def test_nonsense_signs_nobody_out(as_: Any, staff: User, place: str) -> None:
    elsewhere(staff)
    foreign = elsewhere(UserFactory())
    browser = as_(staff)
    assert (
        browser.post(reverse("account_sign_out"), {"place": place}).status_code == 302
    )
    browser.post(reverse("account_sign_out"), {"place": foreign})
    assert staff.sessions.count() == 2


def test_nobody_signs_out_somebody_else_by_the_key_of_their_page(
    as_: Any, staff: User
) -> None:
    other = UserFactory()
    elsewhere(other, IPHONE)
    key = keys(page(as_(other)))[0]
    as_(staff).post(reverse("account_sign_out"), {"place": key})
    assert other.sessions.count() == 2


def test_wrong_tries_are_told_apart_in_words(as_: Any, staff: User) -> None:
    happened(staff, Event.Kind.WRONG_PASSWORD, device=IPHONE, address="2001:db8::9")
    happened(staff, Event.Kind.SIGNED_IN, by=staff, what="Password and passkey")
    happened(UserFactory(), Event.Kind.STOPPED)
    html = page(as_(staff))
    assert html.count("Wrong try") == 1
    assert "2001:db8::9" in html
    assert "Password and passkey" in html
    assert "Too many wrong tries" not in html


def test_the_latest_thirty_are_shown_and_all_by_pages(as_: Any, staff: User) -> None:
    now = timezone.now()
    for hours in range(130):
        at = now - dt.timedelta(hours=hours)
        happened(staff, Event.Kind.SIGNED_IN, by=staff, at=at, what=f"Way {hours}.")
    browser = as_(staff)
    html = page(browser)
    assert ("Way 29." in html, "Way 30." in html) == (True, False)
    assert reverse("account_events") in html
    everything = page(browser, "account_events")
    assert "<strong>130 entries</strong>" in everything
    assert "Way 49." in everything
    assert "Way 129." in page(browser, "account_events", page=3)


@pytest.mark.parametrize("address", ["account", "account_events"])
def test_the_pages_ask_the_same_of_the_database_at_any_length(
    as_: Any, staff: User, address: str, django_assert_max_num_queries: Any
) -> None:
    browser = as_(staff)

    def queries() -> int:
        with django_assert_max_num_queries(10) as found:
            browser.get(reverse(address))
        return len(found)

    elsewhere(staff)
    happened(staff, Event.Kind.SIGNED_IN, by=staff)
    once = queries()
    for number in range(30):
        elsewhere(staff, "x" * 300, minutes=number % 29)
        happened(staff, Event.Kind.SESSIONS_ENDED, by=UserFactory(), device="x" * 300)
        UnsentFactory(user=staff)
    assert queries() == once


def test_very_many_places_are_shown_when_asked_for(as_: Any, staff: User) -> None:
    for number in range(200):
        elsewhere(staff, "x" * 300, minutes=number % 29)
    browser = as_(staff)
    html = page(browser)
    assert len(keys(html)) == 10
    assert "And 190 other places." in html
    assert len(keys(page(browser, places="all"))) == 200
    assert "x" * 61 not in html


def test_what_was_not_saved_is_found_again(as_: Any, staff: User) -> None:
    kept = UnsentFactory(user=staff)
    html = page(as_(staff))
    assert "Something that you typed is not saved yet." in html
    assert reverse("unsent", args=[kept.token]) in html


# For administrators, of somebody else


def test_an_administrator_sees_the_sign_ins_of_an_account_and_ends_them(
    as_: Any, administrator: User, staff: User
) -> None:
    elsewhere(staff)
    happened(staff, Event.Kind.WRONG_CODE)
    browser = as_(administrator)
    there = reverse("account_edit", args=[staff.pk])
    html = browser.get(there).content.decode()
    assert "Signed in now in 1 place." in html
    assert "Wrong try" in html
    browser.post(reverse("account_sign_out_everywhere", args=[staff.pk]))
    html = browser.get(there).content.decode()
    assert f"{staff.name} is signed out in 1 place." in html
    assert "Signed in nowhere now." in html
    assert f"by {administrator.name}" in html
    everything = browser.get(reverse("account_events_of", args=[staff.pk]))
    assert "<strong>2 entries</strong>" in everything.content.decode()


def test_an_administrator_stays_signed_in_where_they_press_it_for_themselves(
    as_: Any, administrator: User
) -> None:
    elsewhere(administrator)
    browser = as_(administrator)
    browser.post(reverse("account_sign_out_everywhere", args=[administrator.pk]))
    html = browser.get(reverse("account_edit", args=[administrator.pk]))
    assert "Signed in nowhere else now." in html.content.decode()


@pytest.mark.parametrize("role", ["staff", "commissioner", "liaison"])
def test_others_learn_and_end_nothing(as_: Any, db: None, role: str) -> None:
    account, browser = (
        UserFactory(),
        as_(UserFactory(**{role: True} if role != "staff" else {})),
    )
    elsewhere(account)
    for address in ("account_events_of", "account_sign_out_everywhere"):
        url = reverse(address, args=[account.pk])
        assert browser.get(url).status_code == 403
        assert browser.post(url).status_code == 403
    assert account.sessions.count() == 1


def test_a_stranger_is_led_to_sign_in(client: Client, db: None) -> None:
    for address in ("account", "account_events", "account_sign_out", "session_left"):
        assert client.get(reverse(address)).status_code == 302
        assert client.post(reverse(address)).status_code == 302
