"""What every response tells a browser, so that it defends its visitor: over TLS, as in
production, with static files as they were collected.
"""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from assurance.models import User
from assurance.permissions import Permission, requires
from tests.access_table import ONCE
from tests.defended import POLICY_OF_FILES, OverTls, browser_of, lacking
from tests.factories import PASSWORD, UserFactory
from tests.inline import inline_code
from tests.world import ADDRESSES, World, ask


@requires(Permission.PUBLIC)
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


@requires(Permission.PUBLIC)
def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError


handler400 = "assurance.views.pages.bad_request"
handler500 = "assurance.views.pages.server_error"
urlpatterns = [
    path("broken/", broken),
    path("away/", away),
    path("", include("assurance.urls")),
]


def test_files_that_were_handed_in_can_do_nothing(
    in_production: Any, world: World
) -> None:
    browser = browser_of(world.users["administrator"])
    for name in ("evidence_file", "paper_file"):
        response = ask(browser, "get", world.url(ADDRESSES[name], ONCE[name]))
        assert set(response["Content-Security-Policy"].split("; ")) == POLICY_OF_FILES
        assert response["Content-Disposition"].startswith("attachment")


def test_static_files_carry_them_too(in_production: Any) -> None:
    browser = browser_of(None)
    page = browser.get("/accessibility/").content.decode()
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(found) >= 3
    for address in found:
        response = browser.get(address)
        assert response.status_code == 200
        response.getvalue()  # to its end, where the file is closed
        assert lacking(response) == []
        assert "immutable" in response["Cache-Control"]
        again = browser.get(address, headers={"if-none-match": response["ETag"]})
        assert again.status_code == 304
        assert lacking(again) == []
        assert lacking(browser.post(address)) == []
    gone = browser.get("/static/build/nothing.css")
    assert gone.status_code == 404
    assert lacking(gone) == []


ERRORS = {
    "a host that is not ours": (400, "/people/", {"headers": {"host": "evil.example"}}),
    "forbidden": (403, "/accounts/users/", {}),
    "not there": (404, "/nowhere/", {}),
    "no published minutes": (404, "/published/2020-01-01/", {}),
    "without its slash": (301, "/meetings", {}),
    "a fault of ours": (500, "/broken/", {}),
    "without its database": (503, "/away/", {}),
}


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("what", ERRORS)
def test_errors_carry_them_too(in_production: Any, staff: User, what: str) -> None:
    status, address, more = ERRORS[what]
    response = browser_of(staff).get(address, **more)
    assert response.status_code == status
    assert lacking(response) == []
    assert inline_code(response.content.decode()) == []


def test_what_is_refused_before_it_is_read_carries_them(
    in_production: Any, db: None
) -> None:
    in_production.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    too_long = browser_of(None).post(reverse("account_login"), {"login": "x" * 200})
    assert too_long.status_code == 400
    assert lacking(too_long) == []
    in_production.MAX_FILES_MB = -6
    too_large = browser_of(None).post(reverse("account_login"), {"login": "x"})
    assert too_large.status_code == 413
    assert lacking(too_large) == []


def test_a_form_without_its_token_carries_them(in_production: Any, db: None) -> None:
    browser = OverTls(enforce_csrf_checks=True)
    refused = browser.post(reverse("account_login"), {"login": "x"})
    assert refused.status_code == 403
    assert lacking(refused) == []


def test_too_many_tries_carry_them(in_production: Any, db: None) -> None:
    in_production.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    user = UserFactory()
    sent = {"login": user.email, "password": "wrong-password"}
    browser = browser_of(None)
    answers = [browser.post(reverse("account_login"), sent) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert lacking(answers[-1]) == []


def test_the_cookies_of_a_sign_in_stay_with_this_host(
    in_production: Any, db: None
) -> None:
    browser = browser_of(None)
    opened = browser.get(reverse("account_login"))
    user = UserFactory(is_demonstration=True)
    sent = browser.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD}
    )
    assert sent.status_code == 302
    assert {*opened.cookies, *sent.cookies} == {"__Host-csrf", "__Host-session"}
    assert lacking(opened) + lacking(sent) == []


def test_what_is_said_on_the_next_page_is_in_no_cookie(
    in_production: Any, administrator: User
) -> None:
    browser = browser_of(administrator)
    said = browser.post(reverse("theme_new"), {"name": "Roads"})
    assert said.status_code == 302
    assert "messages" not in said.cookies
    assert "Roads" in browser.get(said["Location"]).content.decode()


def test_plain_http_is_led_to_https_and_health_is_not(in_production: Any) -> None:
    plain = Client()
    led = plain.get("/published/")
    assert led.status_code == 301
    assert led["Location"] == "https://testserver/published/"
    assert plain.get(reverse("live")).status_code == 200


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    said = str(django_settings.CONTENT_SECURITY_POLICY)
    for word in ("unsafe", "nonce", "http", "*", "strict-dynamic"):
        assert word not in said
