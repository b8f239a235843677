"""Accounts: an administrator makes, changes and stops them, and locks nobody out."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assurance.forms.accounts import AccountForm
from assurance.models import User
from assurance.operations import save_account
from assurance.permissions import Role
from tests.factories import PASSWORD, OrganisationFactory, UserFactory

LIST = "accounts"


def sent(account: User, **changes: Any) -> dict[str, Any]:
    """What the form of an account sends when only this was changed."""
    data = {
        "name": account.name,
        "email": account.email,
        "role": account.role,
        "organisation": account.organisation_id or "",
        "is_active": "on",
        "submission": uuid.uuid4(),
        "version": User.objects.get(pk=account.pk).version,
    } | changes
    return {name: value for name, value in data.items() if value is not None}


def edit(browser: Client, account: User, **changes: Any) -> Any:
    return browser.post(
        reverse("account_edit", args=[account.pk]), sent(account, **changes)
    )


def listed(response: Any) -> list[str]:
    return [account.name for account, _ in response.context["rows"]]


# The list


def test_the_list_says_who_may_sign_in_and_since_when(
    as_: Any, administrator: User, liaison: User
) -> None:
    UserFactory(name="Gina Gone", is_active=False)
    newcomer = UserFactory(name="Nell New")
    newcomer.set_unusable_password()
    newcomer.save()
    page = as_(administrator).get(reverse(LIST)).content.decode()
    assert "<strong>4 accounts</strong>" in page
    assert liaison.email in page
    assert str(liaison.organisation) in page
    assert '<strong class="govuk-tag govuk-tag--grey">No</strong>' in page
    assert "Not invited" in page


def test_the_list_is_narrowed_down_by_words_role_and_state(
    as_: Any, administrator: User
) -> None:
    UserFactory(name="Ada Newman", email="ada@force.example")
    UserFactory(name="Ada Gone", is_active=False)
    UserFactory(name="Bo", commissioner=True)
    browser = as_(administrator)
    cases = {
        "?q=ada": ["Ada Gone", "Ada Newman"],
        "?q=force.example": ["Ada Newman"],
        "?q=new+ada": ["Ada Newman"],
        "?role=commissioner": ["Bo"],
        "?active=no": ["Ada Gone"],
        "?active=yes&q=ada": ["Ada Newman"],
        "?q=nobody": [],
    }
    for query, names in cases.items():
        response = browser.get(reverse(LIST) + query)
        assert listed(response) == names
        assert f"<strong>{len(names)}</strong> of 4 accounts" in (
            response.content.decode()
        )


def test_an_unknown_filter_is_named_and_everybody_shown(
    as_: Any, administrator: User
) -> None:
    response = as_(administrator).get(reverse(LIST), {"role": "emperor", "q": "a\x00"})
    page = response.content.decode()
    assert listed(response) == [administrator.name]
    assert "There is a problem" in page
    assert "Choose the role from the list" in page


def test_the_list_asks_the_same_of_the_database_at_any_length(
    as_: Any, administrator: User, django_assert_num_queries: Any
) -> None:
    browser = as_(administrator)
    browser.get(reverse(LIST))
    # Session, account, count of all and of those found, rows, e-mails.
    with django_assert_num_queries(6):
        browser.get(reverse(LIST))
    UserFactory.create_batch(30, liaison=True)
    with django_assert_num_queries(6):
        browser.get(reverse(LIST))


def test_a_long_list_comes_by_pages_that_keep_the_filters(
    as_: Any, administrator: User
) -> None:
    force = OrganisationFactory()
    UserFactory.create_batch(51, liaison=True, organisation=force, name="Ann Other")
    browser = as_(administrator)
    first = browser.get(reverse(LIST), {"q": "other"})
    assert len(listed(first)) == 50
    page = first.content.decode()
    assert "<strong>51</strong> of 52 accounts" in page
    assert "Accounts (page 1 of 2)" in page
    assert 'href="?q=other&amp;page=2"' in page
    assert len(listed(browser.get(reverse(LIST), {"q": "other", "page": "2"}))) == 1
    assert "(page" not in browser.get(reverse(LIST), {"q": "nobody"}).content.decode()


# A new account


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "Enter the full name"),
        ({"email": ""}, "email", "Enter the e-mail address"),
        (
            {"email": "ada"},
            "email",
            "Enter an e-mail address, like name@office.example",
        ),
        ({"email": "STAFF@office.example"}, "__all__", "There is an account"),
        ({"role": ""}, "role", "Choose the role"),
        ({"role": "emperor"}, "role", "Choose the role from the list"),
        (
            {"role": "liaison"},
            "organisation",
            "Choose the organisation of the liaison",
        ),
        ({"organisation": "9" * 30}, "organisation", "Choose the organisation again"),
        ({"name": "x" * 151}, "name", "at most 150 characters"),
        ({"name": "Ada\x00"}, "name", "Null characters"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_saved(
    as_: Any,
    administrator: User,
    changes: dict[str, str],
    field: str,
    message: str,
) -> None:
    UserFactory(email="staff@office.example")
    typed = {"name": "Ada Newman", "email": "ada@office.example", "role": "staff"}
    response = as_(administrator).post(reverse("account_new"), typed | changes)
    assert response.status_code == 422
    assert message in response.context["form"].errors[field][0]
    assert User.objects.count() == 2
    kept = "Ada Newman" if "name" not in changes else "ada@office.example"
    assert kept in response.content.decode()


def test_no_address_signs_somebody_up(client: Client, db: None) -> None:
    for path in ("signup", "password/reset", "email", "password/set"):
        assert client.get(f"/accounts/{path}/").status_code == 404


# Changes


def test_a_changed_role_ends_the_sessions_that_had_the_old_one(
    as_: Any, administrator: User, staff: User
) -> None:
    theirs = as_(staff)
    assert theirs.get(reverse("theme_new")).status_code == 200
    response = edit(as_(administrator), staff, role="commissioner")
    assert response.url == reverse(LIST)
    assert theirs.get(reverse("home")).status_code == 302
    assert (
        as_(User.objects.get(pk=staff.pk)).get(reverse("theme_new")).status_code == 403
    )


def test_a_changed_address_is_what_signs_in(
    as_: Any, administrator: User, client: Client
) -> None:
    staff = UserFactory(real=True)
    old = staff.email
    edit(as_(administrator), staff, email="New@Office.example")
    for login, status in ((old, 200), ("new@office.example", 302)):
        response = client.post(
            reverse("account_login"), {"login": login, "password": PASSWORD}
        )
        assert response.status_code == status


def test_an_account_that_is_gone_or_never_was_is_not_found(
    as_: Any, administrator: User
) -> None:
    browser = as_(administrator)
    for pk in (10**6, 10**30):
        for name in ("account_edit", "account_invite", "account_invited"):
            assert browser.get(reverse(name, args=[pk])).status_code == 404


# Two administrators at once


def test_a_stale_change_of_an_account_is_refused_and_shows_both(
    as_: Any, administrator: User, staff: User
) -> None:
    other = UserFactory(administrator=True, name="Olga Other")
    opened = sent(staff, name="My spelling")
    edit(as_(other), staff, is_active=None, role="commissioner")
    refused = as_(administrator).post(reverse("account_edit", args=[staff.pk]), opened)
    staff.refresh_from_db()
    assert refused.status_code == 422
    assert (staff.is_active, staff.role) == (False, Role.COMMISSIONER)
    page = refused.content.decode()
    assert "Saved by Olga Other while you were writing" in page
    assert refused.context["form"].theirs == {
        "Role": "Commissioner or deputy",
        "May sign in": "No",
    }
    assert 'value="My spelling"' in page


def test_a_change_of_an_account_leaves_a_password_set_meanwhile(
    administrator: User, staff: User
) -> None:
    """The form read the account before its owner changed their password."""
    form = AccountForm(sent(staff, name="New name"), instance=staff)
    assert form.is_valid(), form.errors
    owner = User.objects.get(pk=staff.pk)
    owner.set_password("three random words")
    owner.last_login = timezone.now()
    owner.save()
    with transaction.atomic():
        save_account(form.instance, by=administrator, save=form.save)
    staff = User.objects.get(pk=staff.pk)
    assert staff.name == "New name"
    assert staff.check_password("three random words")
    assert staff.last_login == owner.last_login


# Stopping an account


def test_a_stopped_account_is_signed_out_and_stays_out(
    as_: Any, administrator: User, staff: User
) -> None:
    theirs, other = as_(staff), as_(UserFactory())
    browser = as_(administrator)
    response = edit(browser, staff, is_active=None)
    assert response.url == reverse(LIST)
    assert "may no longer sign in" in browser.get(reverse(LIST)).content.decode()
    assert theirs.get(reverse("home")).status_code == 302
    # The session itself is gone: it does not come back to life with the account.
    edit(browser, staff)
    assert theirs.get(reverse("home")).status_code == 302
    assert other.get(reverse("home")).status_code == 200
    assert browser.get(reverse("home")).status_code == 200


def test_a_stopped_account_hears_the_words_for_a_wrong_password(
    client: Client, db: None
) -> None:
    account = UserFactory(is_active=False)
    for password in ("x" * 12, PASSWORD):
        login = {"login": account.email, "password": password}
        answer = client.post(reverse("account_login"), login)
        assert "is wrong" in answer.content.decode()
        assert client.get(reverse("home")).status_code == 302


# Nobody locks everybody out


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"is_active": None}, "is_active", "You cannot stop your own account"),
        ({"role": "staff"}, "role", "You cannot give up being an administrator"),
    ],
)
def test_an_administrator_cannot_lock_themselves_out(
    as_: Any, administrator: User, changes: dict[str, Any], field: str, sentence: str
) -> None:
    UserFactory(administrator=True)
    response = edit(as_(administrator), administrator, **changes)
    administrator.refresh_from_db()
    assert response.status_code == 422
    assert sentence in response.context["form"].errors[field][0]
    assert administrator.is_active_administrator


def test_an_administrator_may_change_their_own_name(
    as_: Any, administrator: User
) -> None:
    edit(as_(administrator), administrator, name="Alex Newname")
    administrator.refresh_from_db()
    assert administrator.name == "Alex Newname"


@pytest.mark.parametrize("changes", [{"is_active": False}, {"role": Role.STAFF}])
def test_the_last_active_administrator_stays(
    administrator: User, changes: dict[str, Any]
) -> None:
    """Two administrators who change each other at the same moment: one is refused."""
    other = UserFactory(administrator=True)
    other.role = Role.STAFF
    save_account(other, by=administrator, save=other.save)
    UserFactory(administrator=True, is_active=False)
    for field, value in changes.items():
        setattr(administrator, field, value)
    with pytest.raises(ValidationError, match="Nobody else could administer"):
        save_account(administrator, by=other, save=administrator.save)
    assert User.objects.get(pk=administrator.pk).is_active_administrator


# Who may


@pytest.mark.parametrize("role", ["staff", "commissioner", "liaison"])
def test_only_an_administrator_administers_accounts(
    as_: Any, role: str, db: None
) -> None:
    account = UserFactory()
    browser = as_(UserFactory(role=role, organisation=OrganisationFactory()))
    pages = [
        reverse(LIST),
        reverse("account_new"),
        reverse("account_edit", args=[account.pk]),
        reverse("account_invite", args=[account.pk]),
        reverse("account_invited", args=[account.pk]),
        reverse("account_unlink", args=[account.pk]),
    ]
    for page in pages:
        assert browser.get(page).status_code == 403
        attempt = sent(account, role=Role.ADMINISTRATOR, password="x" * 12)
        assert browser.post(page, attempt).status_code == 403
    account.refresh_from_db()
    assert account.role == Role.STAFF
    assert account.check_password(PASSWORD)


def test_a_stranger_is_led_to_sign_in(client: Client, db: None) -> None:
    response = client.get(reverse(LIST))
    assert response.url == f"{reverse('account_login')}?next={reverse(LIST)}"


def test_an_organisation_is_offered_to_accounts(as_: Any, administrator: User) -> None:
    organisation = OrganisationFactory(name="West Mercia Police")
    page = as_(administrator).get(reverse("account_new")).content.decode()
    assert f'<option value="{organisation.pk}">West Mercia Police</option>' in page
    assert '<option value="" selected>No organisation</option>' in page
