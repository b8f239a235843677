"""What every page shares: navigation by role, and how things are written."""

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from assurance.models import User
from assurance.templatetags.assurance import plural
from tests.factories import OrganisationFactory, UserFactory


def links(response: Any) -> list[str]:
    return [link.text for link in response.context["links"]]


REGISTERS = {"People", "Types and themes"}


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("liaison", set()),
        ("commissioner", REGISTERS),
        ("staff", REGISTERS),
        ("administrator", REGISTERS | {"Accounts"}),
    ],
)
def test_the_navigation_shows_what_a_role_may_open(
    as_: Any, db: None, role: str, seen: set[str]
) -> None:
    user = UserFactory(role=role, organisation=OrganisationFactory())
    browser = as_(user)
    response = browser.get("/nowhere/")
    assert set(links(response)) & (REGISTERS | {"Accounts"}) == seen
    for link in response.context["links"]:
        assert browser.get(link.url).status_code == 200


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("people", "People"),
        ("person_new", "People"),
        ("type_new", "Types and themes"),
        ("account_new", "Accounts"),
        ("organisations", "Accounts"),
        ("organisation_new", "Accounts"),
        ("history", "Accounts"),
        ("removals", "Accounts"),
        ("hold_new", "Accounts"),
        ("record_hand_over", "Accounts"),
        ("home", "Home"),
    ],
)
def test_one_link_at_most_is_marked_as_the_current_one(
    as_: Any, administrator: User, name: str, here: str
) -> None:
    response = as_(administrator).get(reverse(name))
    marked = [link.text for link in response.context["links"] if link.is_here]
    assert marked == [here]


def test_a_stranger_sees_no_navigation(client: Client, db: None) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "govuk-service-navigation" not in page
    assert "Sign out" not in page


def test_no_comment_of_a_template_is_shown_on_a_page() -> None:
    """One that goes on to another line is text."""
    for path in (settings.BASE_DIR / "templates").rglob("*.*"):
        for line in path.read_text().splitlines():
            assert line.count("{#") == line.count("#}"), f"{path}: {line}"


def test_large_numbers_are_written_with_commas() -> None:
    assert plural(1, "row,rows") == "1 row"
    assert plural(12_480, "row,rows") == "12,480 rows"


def test_dates_and_times_are_written_as_in_minutes() -> None:
    at = dt.datetime(2025, 5, 30, 9, 5)  # noqa: DTZ001
    template = Template("{{ at|date }}, {{ at|time }}; {{ at|date:'DATETIME_FORMAT' }}")
    assert template.render(Context({"at": at})) == (
        "30 May 2025, 09:05; 30 May 2025, 09:05"
    )


def test_a_count_agrees_with_its_noun() -> None:
    assert [plural(n, "action,actions") for n in (0, 1, 2)] == [
        "0 actions",
        "1 action",
        "2 actions",
    ]


def test_every_plural_of_a_template_is_one_word_for_one_and_one_for_many() -> None:
    pages = list((settings.BASE_DIR / "templates").rglob("*.html"))
    found = {
        (page.name, words)
        for page in pages
        for words in re.findall(r"plural:[\"']([^\"']*)[\"']", page.read_text())
    }
    assert len(found) > 10
    assert {(page, words) for page, words in found if words.count(",") != 1} == set()
