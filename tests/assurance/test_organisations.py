"""Organisations: the office, the force and partners that own actions."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assurance.models import Organisation, User
from tests.factories import OrganisationFactory, UserFactory


def test_an_organisation_is_added_with_the_names_minutes_give_it(
    as_: Any, administrator: User
) -> None:
    browser = as_(administrator)
    response = browser.post(
        reverse("organisation_new"),
        {
            "name": "  West  Mercia Police ",
            "short_names": "Force, WMP",
            "kind": "force",
            "submission": uuid.uuid4(),
        },
    )
    organisation = Organisation.objects.get()
    assert response.url == reverse("organisations")
    assert organisation.name == "West Mercia Police"
    assert organisation.all_short_names() == ["Force", "WMP"]
    page = browser.get(response.url).content.decode()
    assert "West Mercia Police saved." in page
    assert "Force, WMP" in page


def test_two_spellings_of_a_name_are_one_name(as_: Any, administrator: User) -> None:
    OrganisationFactory(name="West Mercia Police")
    response = as_(administrator).post(
        reverse("organisation_new"), {"name": "west mercia  police", "kind": "force"}
    )
    assert response.status_code == 422
    assert response.context["form"].errors["name"] == [
        "There is an organisation with this name already"
    ]
    assert 'value="west mercia  police"' in response.content.decode()


def test_its_own_name_may_be_spelt_differently(as_: Any, administrator: User) -> None:
    organisation = OrganisationFactory(name="West mercia police")
    as_(administrator).post(
        reverse("organisation_edit", args=[organisation.pk]),
        {"name": "West Mercia Police", "kind": "force", "version": 0},
    )
    organisation.refresh_from_db()
    assert organisation.name == "West Mercia Police"


def test_a_stale_change_of_an_organisation_is_refused_and_shows_both(
    as_: Any, administrator: User
) -> None:
    organisation = OrganisationFactory(name="West Mercia Police", short_names="WMP")
    other = UserFactory(administrator=True, name="Olga Other")
    page = reverse("organisation_edit", args=[organisation.pk])
    opened = {"name": "West Mercia Police", "kind": "force", "version": 0}
    as_(other).post(page, opened | {"short_names": "Force, WMP"})
    refused = as_(administrator).post(page, opened | {"short_names": "Mine"})
    organisation.refresh_from_db()
    assert refused.status_code == 422
    assert organisation.short_names == "Force, WMP"
    shown = refused.content.decode()
    assert "Saved by Olga Other while you were writing" in shown
    assert "<pre>Force, WMP</pre>" in shown
    assert 'value="Mine"' in shown


def test_the_list_is_by_name_and_counts_accounts_that_may_sign_in(
    as_: Any, administrator: User
) -> None:
    force = OrganisationFactory(name="West Mercia Police")
    OrganisationFactory(name="Shropshire Council")
    UserFactory(liaison=True, organisation=force)
    UserFactory(liaison=True, organisation=force, is_active=False)
    rows = as_(administrator).get(reverse("organisations")).context["rows"]
    assert [(row.name, row.active_accounts) for row in rows] == [
        ("Shropshire Council", 0),
        ("West Mercia Police", 1),
    ]


def test_the_list_asks_the_same_of_the_database_at_any_length(
    as_: Any, administrator: User, django_assert_num_queries: Any
) -> None:
    browser = as_(administrator)
    for count in (1, 30):
        OrganisationFactory.create_batch(count)
        # Session, account, count, rows.
        with django_assert_num_queries(4):
            browser.get(reverse("organisations"))


def test_a_long_list_comes_by_pages(as_: Any, administrator: User) -> None:
    OrganisationFactory.create_batch(51)
    response = as_(administrator).get(reverse("organisations"), {"page": "2"})
    assert len(response.context["rows"]) == 1
    assert "<strong>51 organisations</strong>" in response.content.decode()


def test_an_empty_list_says_what_to_do(as_: Any, administrator: User) -> None:
    page = as_(administrator).get(reverse("organisations")).content.decode()
    assert "Add the office and the force first" in page


@pytest.mark.parametrize("role", ["staff", "commissioner", "liaison"])
def test_only_an_administrator_keeps_organisations(
    as_: Any, role: str, db: None
) -> None:
    organisation = OrganisationFactory(name="West Mercia Police")
    browser = as_(UserFactory(role=role, organisation=organisation))
    pages = [
        reverse("organisations"),
        reverse("organisation_new"),
        reverse("organisation_edit", args=[organisation.pk]),
    ]
    for page in pages:
        assert browser.get(page).status_code == 403
        assert browser.post(page, {"name": "X", "kind": "force"}).status_code == 403
    assert not Organisation.objects.filter(name="X").exists()


def test_a_stranger_is_led_to_sign_in(client: Client, db: None) -> None:
    for name in ("organisations", "organisation_new"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_an_organisation_that_never_was_is_not_found(
    as_: Any, administrator: User
) -> None:
    page = reverse("organisation_edit", args=[10**30])
    assert as_(administrator).get(page).status_code == 404
