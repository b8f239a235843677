"""When something is wrong the page says what happened and what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import include, path, reverse

from assurance.models import User
from assurance.permissions import Permission, requires
from tests.factories import UserFactory
from tests.inline import inline_code

TEMPLATE_SYNTAX = re.compile(r"\{[{%#].*?[#%}]\}")


@requires(Permission.PUBLIC)
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret plan")


handler400 = "assurance.views.pages.bad_request"
handler500 = "assurance.views.pages.server_error"
urlpatterns = [path("broken/", broken), path("", include("assurance.urls"))]


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def test_what_is_not_there_says_how_to_go_on(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert '<h1 class="govuk-heading-l">Page not found</h1>' in text(response)
    assert "check that it is right" in text(response)


def test_what_is_not_allowed_says_who_one_is_and_whom_to_ask(
    as_: Any, staff: User
) -> None:
    response = as_(staff).get(reverse("accounts"))
    assert response.status_code == 403
    assert f"signed in as {staff.name}, office staff" in text(response)
    assert "ask an administrator" in text(response)


def test_a_form_from_an_earlier_session_says_how_to_keep_the_text(
    staff: User,
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff)
    response = browser.post(reverse("person_new"), {"name": "Ada Newman"})
    assert response.status_code == 403
    assert "Your form was not saved" in text(response)
    assert "copy your text" in text(response)


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_of_ours_is_admitted_without_its_details(staff: User) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(staff)
    response = browser.get("/broken/")
    assert response.status_code == 500
    assert "There is a problem with this service" in text(response)
    assert settings.OFFICE_NAME in text(response)
    assert "secret plan" not in text(response)
    assert response["Cache-Control"] == "no-store"


def test_too_much_at_once_says_what_to_do(client: Client, db: None) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        response = client.post(
            reverse("account_login"), {"login": "x" * 200, "password": "x"}
        )
    assert response.status_code == 400
    assert "save it in parts" in text(response)


def test_a_host_that_is_not_ours_gets_the_bare_page(client: Client, db: None) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil" not in text(response)


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_bare_pages_need_no_context_and_no_built_files(name: str) -> None:
    manifest = {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        }
    }
    with override_settings(STORAGES=settings.STORAGES | manifest):
        page = render_to_string(name)
    assert "<h1" in page
    source = (settings.BASE_DIR / "templates" / name).read_text()
    source += (settings.BASE_DIR / "templates/_components/bare.html").read_text()
    assert "{% load" not in source
    assert "{% url" not in source


def test_the_search_for_inline_code_finds_it() -> None:
    page = (
        '<p style="color: red" onclick="x()"><a href="JavaScript:x()">'
        "<script>x()</script><script src='a.js'></script><style></style>"
    )
    assert inline_code(page) == [
        "p style",
        "p onclick",
        "a href",
        "<script>",
        "<style>",
    ]


def test_no_template_has_inline_code() -> None:
    templates = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
    assert len(templates) > 20
    found = {
        str(template.relative_to(settings.BASE_DIR)): inline
        for template in templates
        if (inline := inline_code(TEMPLATE_SYNTAX.sub("", template.read_text())))
    }
    assert found == {}


def test_every_page_carries_the_policy(client: Client, as_: Any, staff: User) -> None:
    pages = [
        client.get(reverse("account_login")),
        client.get("/nowhere/"),
        client.get(reverse("live")),
        as_(staff).get(reverse("people")),
        as_(staff).get(reverse("accounts")),
        client.get("/", headers={"host": "evil.example"}),
    ]
    for page in pages:
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_signed_in_pages_stay_out_of_every_cache(
    client: Client, as_: Any, db: None
) -> None:
    user = UserFactory()
    for address in (reverse("people"), "/nowhere/", reverse("accounts")):
        assert as_(user).get(address)["Cache-Control"] == "no-store"
    assert "no-store" in client.get(reverse("account_login"))["Cache-Control"]


def test_static_files_of_the_bare_pages_exist_where_they_look() -> None:
    source = Path(settings.BASE_DIR / "templates/_components/bare.html").read_text()
    assert f'href="/{settings.STATIC_URL.strip("/")}/build/app.css"' in source
