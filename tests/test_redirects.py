"""Wherever a visitor may say where to go next, they stay on this site."""

import re
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.access_table import ONCE
from tests.browser import Browser
from tests.factories import PASSWORD, UserFactory
from tests.world import ADDRESSES, World

HERE = "testserver"
BAD = [
    "https://evil.example/",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "//evil.example:443/",
    "//testserver:8443/",
    "//testserver@evil.example/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\r\n//evil.example",
    "/\r\nLocation: https://evil.example/",
    " //evil.example/",
    "\x00//evil.example/",
    "\u3000//evil.example/",
    "\u2215\u2215evil.example/",
    "\uff0f\uff0fevil.example/",
    "//evil\u3002example/",
    "//[::1]/",
    "//[evil.example/",
    "//0x7f000001/",
    "%2F%2Fevil.example/",
    "javascript:alert(1)",
    "JavaScript:alert(1)//testserver/",
    "data:text/html,<script>alert(1)</script>",
    "ftp://testserver/",
]
# What a page or a form may call the place to go to; those of GET and POST both.
NAMES = ["next", "back", "return", "return_to", "redirect", "url", "to", "from", "path"]


def browser_goes(at: str, location: str) -> str:
    """Where a browser ends up: it drops tabs, line ends and blanks around, and takes a
    backslash for a slash.
    """
    seen = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33))))
    return urljoin(f"http://{HERE}{at}", seen.replace("\\", "/"))


def leaves(at: str, location: str) -> bool:
    try:
        target = urlsplit(browser_goes(at, location))
    except ValueError:
        return True
    return target.scheme not in ("http", "https") or target.netloc not in ("", HERE)


def test_there_are_38_different_ones_and_a_browser_would_leave_for_most() -> None:
    assert len(set(BAD)) == len(BAD) == 38
    assert sum(leaves("/accounts/login/", target) for target in BAD) >= 25


def sent_to(browser: Client, method: str, at: str, data: dict, **more) -> list[str]:
    """Faults of an answer: it leads away, or it is an error of ours."""
    response = getattr(browser, method)(at, data, **more)
    if response.streaming:
        response.getvalue()
    location = response.headers.get("Location", "")
    faults = []
    if response.status_code >= 500:
        faults.append(f"{response.status_code}")
    if location and leaves(at.partition("?")[0], location):
        faults.append(f"Location: {location!r}")
    if "HX-Redirect" in response.headers or "Refresh" in response.headers:
        faults.append("leads on by a header")
    return faults


def signed_in(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["query", "form"])
def test_signing_in_leads_nowhere_else(client: Client, place: str) -> None:
    user = UserFactory()
    right = {"login": user.email, "password": PASSWORD}
    faults = {}
    for target in BAD:
        at, data = reverse("account_login"), right | {"next": target}
        if place == "query":
            at, data = f"{at}?next={quote(target)}", right
        if found := sent_to(Browser(), "post", at, data):
            faults[target] = found
    assert faults == {}
    good = client.post(reverse("account_login"), right | {"next": "/actions/"})
    assert good.headers["Location"] == "/actions/"  # so that what is sent is read


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["account_login", "account_logout", "account_reauthenticate"]
)
def test_neither_do_the_pages_around_it(client: Client, name: str) -> None:
    faults = {}
    signed_in(client)
    for target in BAD:
        data = {"next": target, "password": PASSWORD}
        for method in ("get", "post"):
            if name == "account_logout":
                signed_in(client)
            if found := sent_to(client, method, reverse(name), data):
                faults[method, target] = found
    assert faults == {}


@pytest.mark.django_db
def test_what_one_was_sending_when_signed_out_leads_nowhere_else() -> None:
    """The address to come back to is the one that was asked for, whatever it is."""
    faults = {}
    for target in BAD:
        at = f"/actions/?next={quote(target)}&back={quote(target)}"
        if found := sent_to(Browser(), "get", at, {}):
            faults[target] = found
    assert faults == {}


def test_no_page_takes_a_place_to_go_to_from_its_address_or_a_form(
    world: World,
) -> None:
    """All addresses, with all names such a place may have, as somebody signed in."""
    browser = world.browser("administrator")
    faults = {}
    for number, (name, thing) in enumerate(ONCE.items()):
        if name == "account_logout":
            continue
        url = world.url(ADDRESSES[name], thing)
        target = BAD[number % 38]  # each page gets one, all pages together all
        data = dict.fromkeys(NAMES, target)
        more = {"headers": {"Referer": "https://evil.example/"}}
        found = sent_to(browser, "get", url, data, **more)
        found += sent_to(browser, "post", f"{url}?back={quote(target)}", data)
        if found:
            faults[name, target] = found
    assert faults == {}


PATHS = [
    "//evil.example/",
    "//evil.example",
    "//evil.example/..",
    "//evil.example//actions",
    "/%5Cevil.example",
    "/%2F%2Fevil.example",
    "/%09/evil.example",
    "/\\evil.example",
    "/.evil.example",
    "//[::1]/actions",
    "/actions",
    "//actions",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_missing_slash_is_added_on_this_site(client: Client, path: str) -> None:
    for one in (client, signed_in(Browser())):
        # As a server gives it: not read as an address by the test's browser.
        response = one.generic("GET", "/", PATH_INFO=path)
        assert response.status_code < 500
        location = response.headers.get("Location", "")
        assert not leaves(path, location)


HOSTS = ["evil.example", "testserver@evil.example", "testserver.evil.example", "[::1"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused_and_never_repeated(client: Client, host: str) -> None:
    signed_in(client)
    for path in ("/", "/actions", "/accounts/login/", "/published/feed/"):
        refused = client.get(path, headers={"Host": host})
        assert refused.status_code == 400
        assert "evil" not in refused.content.decode() + str(refused.headers)
        # Nor one that a proxy is said to have seen.
        seen = client.get(path, headers={"X-Forwarded-Host": "evil.example"})
        assert "evil" not in seen.content.decode() + str(seen.headers)


# Templates in which a place to go to is sent along, each tried above.
KNOWN = {
    "account/login.html",
    "account/logout.html",
    "account/password_change.html",
    "account/reauthenticate.html",
    "account/_other_ways.html",
    "mfa/_passkey.html",
    # The filters of the list, put behind the address of the list.
    "actions/tracker.html",
}


def test_no_other_template_sends_a_place_to_go_to_along() -> None:
    folder = Path(__file__).parent.parent / "templates"
    names = "|".join({*NAMES} - {"to", "from", "path", "url"})
    pattern = re.compile(rf"""name=["']({names})["']|redirect_field""")
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if pattern.search(path.read_text())
    }
    assert found <= KNOWN
