"""Nothing is changed by a page of somebody else, nor by merely asking.

Every address that takes what is sent refuses it without the token of the session that
sends it, and from elsewhere; and whatever else is asked of an address, it answers and
leaves the record alone.
"""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.access_table import ONCE
from tests.browser import Browser
from tests.digest import changed, changed_by, digest
from tests.world import ADDRESSES, World

SENT = {"submission": "", "text": "Changed", "name": "Changed", "do": "save"}


def checking(world: World, visitor: str) -> Client:
    browser = Browser(raise_request_exception=False, enforce_csrf_checks=True)
    if user := world.users[visitor]:
        browser.force_login(user)
    return browser


def every_url(world: World) -> dict[str, str]:
    """One address of each name, by its name."""
    return {name: world.url(ADDRESSES[name], thing) for name, thing in ONCE.items()}


def token_of(browser: Client) -> str:
    """As a page of this browser says it."""
    page = browser.get(reverse("account_login"))
    if "csrf_token" not in (page.context or {}):
        page = browser.get(reverse("home"))
    return str(page.context["csrf_token"])


def plainly(browser: Client, method: str, url: str, data=None, **more) -> int:
    """The status; nothing is undone, because nothing must be done."""
    response = getattr(browser, method)(url, *([data] if data else []), **more)
    if response.streaming:
        response.getvalue()
    return response.status_code


def accepted(browser: Client, urls: dict[str, str], **more) -> dict[str, int]:
    """The addresses that did not refuse what was sent; 405 takes nothing at all."""
    statuses = {
        name: plainly(browser, "post", url, SENT, **more) for name, url in urls.items()
    }
    return {name: one for name, one in statuses.items() if one not in (403, 405)}


@pytest.mark.parametrize("visitor", ["stranger", "liaison", "administrator"])
def test_what_is_sent_without_a_right_token_is_refused(
    world: World, visitor: str
) -> None:
    urls = every_url(world)
    browser = checking(world, visitor)
    before = digest()
    assert accepted(browser, urls) == {}, "without a token"
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    wrong = {"headers": {"X-CSRFToken": "b" * 32}}
    assert accepted(browser, urls, **wrong) == {}, "with a wrong token"
    assert changed(before) == set()


def test_a_token_of_before_signing_in_or_of_another_is_refused(world: World) -> None:
    urls = every_url(world)
    browser = checking(world, "stranger")
    earlier = token_of(browser)
    browser.force_login(world.users["administrator"])
    others = token_of(checking(world, "staff"))
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    before = digest()
    for token in (earlier, others):
        sent = {"headers": {"X-CSRFToken": token}}
        assert accepted(browser, urls, **sent) == {}
    assert changed(before) == set()


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver"},
    {"Origin": "https://testserver.evil.example"},
    {"Referer": "https://evil.example/"},
    {"Referer": "http://testserver/"},
    {"Referer": "https://testserver@evil.example/"},
    {"Referer": ""},
]


def test_what_comes_from_elsewhere_is_refused_with_the_right_token_too(
    world: World,
) -> None:
    urls = every_url(world)
    browser = checking(world, "administrator")
    token = token_of(browser)
    before = digest()
    few = ["account_logout", "account_new", "action_new", "meeting_new"]
    for number, headers in enumerate(FOREIGN):
        # All of them once, and some from everywhere.
        some = urls if number == 0 else {name: urls[name] for name in few}
        more = {"headers": headers | {"X-CSRFToken": token}, "secure": True}
        assert accepted(browser, some, **more) == {}, headers
    assert changed(before) == set()
    right = {"Origin": "https://testserver", "X-CSRFToken": token}
    taken = accepted(
        browser, {name: urls[name] for name in few}, headers=right, secure=True
    )
    assert set(taken) == set(few)


REFUSED = {403, 404, 405}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused_without_a_token(world: World, method: str) -> None:
    faults = {}
    for visitor in ("stranger", "administrator"):
        browser = checking(world, visitor)
        for name, url in every_url(world).items():
            status = plainly(browser, method, url)
            if status not in REFUSED:
                faults[visitor, name] = status
    assert faults == {}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options"])
def test_other_methods_do_nothing_with_a_token(world: World, method: str) -> None:
    browser = world.browser("administrator")
    before = digest()
    faults = {}
    for name, url in every_url(world).items():
        status = plainly(browser, method, url)
        if status >= 500:
            faults[name] = status
    assert faults == {}
    assert changed(before) == set()


@pytest.mark.parametrize("visitor", ["stranger", "liaison", "administrator"])
def test_asking_for_the_head_alone_changes_nothing_in_the_record(
    world: World, visitor: str
) -> None:
    """Nor does reading, which is seen where each address is read."""
    browser = world.browser(visitor)
    urls = every_url(world).values()
    assert changed_by(lambda url: plainly(browser, "head", url), urls) == {}
